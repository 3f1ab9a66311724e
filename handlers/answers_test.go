package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
	"hotline/handlers/wire"
)

// The clock "store and acknowledge": an answer within 10 s is on one side of the
// edge that the alert looks at, a later one on the other, and none is no answer.
func TestHowLongPeopleWaitedForAnAnswer(t *testing.T) {
	var ahead atomic.Int64
	takes, fails := time.Duration(0), false
	o := everyone(t)
	o.Metrics = handlers.NewMetrics()
	o.Now = func() time.Time { return handlertest.Now.Add(time.Duration(ahead.Load())) }
	desk, log := &handlertest.Desk{Handler: func(context.Context, flows.Inbound) (flows.Reply, error) {
		ahead.Add(int64(takes))
		if fails {
			return flows.Reply{}, flows.ErrUnavailable
		}
		return flows.Reply{Text: "x", End: true}, nil
	}}, &handlertest.Log{}
	o.Conversation, o.Deliveries, o.Log = desk, desk, log.Logger()
	public := handlers.NewPublic(o)
	for _, takes = range []time.Duration{9 * time.Second, 11 * time.Second, 12 * time.Second} {
		post(public, hopPath, wire.TypeForm, hopBody)
	}
	fails = true
	post(public, hopPath, wire.TypeForm, hopBody)
	w := httptest.NewRecorder()
	handlers.NewInternal(handlers.Options{Metrics: o.Metrics, Now: o.Now}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	for _, line := range []string{
		`hotline_answer_seconds_bucket{channel="ussd",provider="africastalking",le="10"} 1`,
		`hotline_answer_seconds_count{channel="ussd",provider="africastalking"} 3`,
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("the metrics lack %s", line)
		}
	}
}
