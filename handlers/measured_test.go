package handlers_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
)

type outcome struct{ err error }

func (o outcome) Send(context.Context, flows.Message, flows.Phone) (flows.Sending, error) {
	return flows.Sending{ID: "canary"}, o.err
}

func TestMeasureCountsByReason(t *testing.T) {
	metrics, now := handlers.NewMetrics(), func() time.Time { return handlertest.Now }
	for _, err := range []error{nil, &flows.SendError{Reason: "busy"}, errors.New("canary")} {
		s := metrics.Measure("twilio", outcome{err}, now, nil)
		if _, got := s.Send(t.Context(), flows.Message{Channel: flows.SMS, Text: "canary"}, handlertest.Phone("+84900000101")); !errors.Is(got, err) {
			t.Errorf("error %v, want %v", got, err)
		}
	}
	w := httptest.NewRecorder()
	internal := handlers.NewInternal(handlers.Options{Metrics: metrics, Now: now})
	internal.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	for _, label := range []string{"sent", "busy", "other"} {
		if want := `hotline_sends_total{channel="sms",outcome="` + label + `",provider="twilio"} 1`; !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s is missing", want)
		}
	}
	handlertest.NoCanary(t, w.Body.String(), "canary", "900000101")
}
