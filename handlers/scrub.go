package handlers

import (
	"errors"
	"fmt"

	"go.uber.org/zap/zapcore"

	"hotline/flows"
)

// NewScrubbed wraps a log core so that what looks like a phone number is gone
// before it is written, whichever field somebody put it in, and so that no value
// is printed by its structure. It is the last net, not the first: the first is
// that nobody logs what a person sent. Wrap the outermost core.
func NewScrubbed(core zapcore.Core) zapcore.Core { return &scrubbed{core} }

type scrubbed struct{ zapcore.Core }

// With scrubs the fields that a logger keeps.
func (s *scrubbed) With(fields []zapcore.Field) zapcore.Core {
	return &scrubbed{s.Core.With(scrubFields(fields))}
}

// Check adds this core, not the one inside, to those that will write.
func (s *scrubbed) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if s.Enabled(e.Level) {
		return ce.AddCore(e, s)
	}
	return ce
}

// Write scrubs an entry and its fields.
func (s *scrubbed) Write(e zapcore.Entry, fields []zapcore.Field) error {
	e.Message, e.Stack, e.LoggerName = flows.MaskNumbers(e.Message), flows.MaskNumbers(e.Stack), flows.MaskNumbers(e.LoggerName)
	return s.Core.Write(e, scrubFields(fields))
}

// dropped stands for a value whose structure could hide anything.
const dropped = "[dropped]"

// suspicious is the least integer that could be a phone number.
const suspicious = 100_000_000

func scrubFields(fields []zapcore.Field) []zapcore.Field {
	out := make([]zapcore.Field, len(fields))
	for i, f := range fields {
		out[i] = scrubField(f)
	}
	return out
}

// scrubField rewrites one field. Kinds that are not named here hold no words and
// no digits that a person chose: booleans, small numbers, times, durations.
func scrubField(f zapcore.Field) zapcore.Field {
	f.Key = flows.MaskNumbers(f.Key)
	text := func(s string) zapcore.Field {
		return zapcore.Field{Key: f.Key, Type: zapcore.StringType, String: flows.MaskNumbers(s)}
	}
	switch f.Type {
	case zapcore.StringType:
		return text(f.String)
	case zapcore.ByteStringType:
		b, _ := f.Interface.([]byte)
		return text(string(b))
	case zapcore.StringerType, zapcore.ErrorType:
		return text(spell(f.Interface))
	case zapcore.Int64Type, zapcore.Uint64Type, zapcore.UintptrType:
		if f.Integer >= suspicious || f.Integer <= -suspicious {
			return text(dropped)
		}
		return f
	case zapcore.ReflectType, zapcore.BinaryType, zapcore.ObjectMarshalerType, zapcore.ArrayMarshalerType,
		zapcore.InlineMarshalerType, zapcore.Complex64Type, zapcore.Complex128Type, zapcore.Float64Type, zapcore.UnknownType:
		return text(dropped)
	default:
		return f
	}
}

// spell asks a value for its words, and survives one that has none.
func spell(v any) (s string) {
	defer func() {
		if recover() != nil {
			s = dropped
		}
	}()
	switch v := v.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	return errors.ErrUnsupported.Error()
}
