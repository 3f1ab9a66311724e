package handlers_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"hotline/flows"
	"hotline/handlers"
)

// logTo makes a scrubbed logger and what it wrote.
func logTo() (*zap.Logger, *strings.Builder) {
	var out strings.Builder
	enc := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	return zap.New(handlers.NewScrubbed(zapcore.NewCore(enc, zapcore.AddSync(&out), zap.DebugLevel))), &out
}

func TestScrubbedHidesNumbers(t *testing.T) {
	phone, err := flows.ParsePhone("+84901234567")
	if err != nil {
		t.Fatal(err)
	}
	type caller struct{ Number string }
	for name, write := range map[string]func(*zap.Logger){
		"message":          func(l *zap.Logger) { l.Info("call from +84901234567") },
		"string":           func(l *zap.Logger) { l.Info("x", zap.String("k", "0901234567")) },
		"spaced string":    func(l *zap.Logger) { l.Info("x", zap.String("k", "0901 234 567")) },
		"dotted string":    func(l *zap.Logger) { l.Info("x", zap.String("k", "(090) 123.45-67")) },
		"escaped string":   func(l *zap.Logger) { l.Info("x", zap.String("k", "%2B84901234567")) },
		"bytes":            func(l *zap.Logger) { l.Info("x", zap.ByteString("k", []byte("84901234567"))) },
		"binary":           func(l *zap.Logger) { l.Info("x", zap.Binary("k", []byte("84901234567"))) },
		"error":            func(l *zap.Logger) { l.Info("x", zap.Error(errors.New("to 84901234567"))) },
		"wrapped error":    func(l *zap.Logger) { l.Info("x", zap.Error(fmt.Errorf("a: %w", errors.New("0901234567")))) },
		"reflected struct": func(l *zap.Logger) { l.Info("x", zap.Any("k", caller{"0901234567"})) },
		"reflected map":    func(l *zap.Logger) { l.Info("x", zap.Any("k", map[string]string{"0901234567": "y"})) },
		"array":            func(l *zap.Logger) { l.Info("x", zap.Strings("k", []string{"0901234567"})) },
		"integer":          func(l *zap.Logger) { l.Info("x", zap.Int64("k", 84901234567)) },
		"unsigned":         func(l *zap.Logger) { l.Info("x", zap.Uint64("k", 84901234567)) },
		"float":            func(l *zap.Logger) { l.Info("x", zap.Float64("k", 84901234567)) },
		"stringer":         func(l *zap.Logger) { l.Info("x", zap.Stringer("k", words("0901234567"))) },
		"name of a field":  func(l *zap.Logger) { l.Info("x", zap.String("0901234567", "y")) },
		"namespace":        func(l *zap.Logger) { l.Info("x", zap.Namespace("0901234567"), zap.Int("k", 1)) },
		"name of a logger": func(l *zap.Logger) { l.Named("0901234567").Info("x") },
		"nested object":    func(l *zap.Logger) { l.Info("x", zap.Object("k", nested("0901234567"))) },
		"inlined object":   func(l *zap.Logger) { l.Info("x", zap.Inline(nested("0901234567"))) },
		"dictionary":       func(l *zap.Logger) { l.Info("x", zap.Dict("k", zap.String("n", "0901234567"))) },
		"list of errors":   func(l *zap.Logger) { l.Info("x", zap.Errors("k", []error{errors.New("0901234567")})) },
		"joined errors":    func(l *zap.Logger) { l.Info("x", zap.Error(errors.Join(errors.New("a"), errors.New("0901234567")))) },
		"panic of a value": func(l *zap.Logger) { l.Info("0901234567", zap.Error(panics{})) },
		"panic of zap": func(l *zap.Logger) {
			defer func() { _ = recover() }()
			l.Panic("call from 0901234567", zap.Stack("stack"))
		},
		"kept by With":      func(l *zap.Logger) { l.With(zap.String("k", "0901234567")).Info("x") },
		"sugared":           func(l *zap.Logger) { l.Sugar().Infof("from %s", "0901234567") },
		"our own type":      func(l *zap.Logger) { l.Info("x", zap.Any("k", phone)) },
		"other digits":      func(l *zap.Logger) { l.Info("x", zap.String("k", "٠٩٠١٢٣٤٥٦٧")) },
		"stringer of a nil": func(l *zap.Logger) { l.Info("0901234567", zap.Stringer("k", (*failing)(nil))) },
	} {
		t.Run(name, func(t *testing.T) {
			log, out := logTo()
			write(log)
			if out.Len() == 0 {
				t.Fatal("nothing was logged")
			}
			for _, leak := range []string{"901234567", "901 234", "123.45", "ODQ5MDEyMzQ1Njc", "8.490123", "٩٠١٢٣"} {
				if strings.Contains(out.String(), leak) {
					t.Errorf("the number is in the log: %s", out)
				}
			}
		})
	}
}

func TestScrubbedKeepsTheRest(t *testing.T) {
	log, out := logTo()
	log.Info("listening", zap.String("route", "/africastalking/:token/ussd"), zap.Int("status", 200),
		zap.Duration("latency", 1234567890*time.Nanosecond), zap.String("ref", "K7F4"), zap.Error(errors.New("port 8080")))
	for _, want := range []string{"listening", "/africastalking/:token/ussd", "200", "1.23456789", "K7F4", "port 8080"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing from %s", want, out)
		}
	}
}

func BenchmarkScrubbed(b *testing.B) {
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(discard{}), zap.InfoLevel)
	log := zap.New(handlers.NewScrubbed(core))
	for b.Loop() {
		log.Info("request", zap.String("route", "/twilio/sms"), zap.Int("status", 200), zap.String("request", "abcdefghijklmnopqrstuvwxyz"))
	}
}

type words string

func (w words) String() string { return string(w) }

type failing struct{ s string }

func (f *failing) String() string { return f.s }

type nested string

func (n nested) MarshalLogObject(e zapcore.ObjectEncoder) error {
	e.AddString("number", string(n))
	return nil
}

// panics is an error that has no words.
type panics struct{}

func (panics) Error() string { panic("0901234567") } //nolint:forbidigo // it is what is tested

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
