package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
	"hotline/handlers/wire"
)

// TestAStatusWordThatNobodyKnows is logged once, counted every time, and means
// that the text was not delivered. One that could be more than a word is not
// repeated anywhere.
func TestAStatusWordThatNobodyKnows(t *testing.T) {
	desk := &handlertest.Desk{}
	o := everyone(t)
	o.Metrics = handlers.NewMetrics()
	public, log := handlertest.Public(desk, o)
	for _, word := range []string{"pondering", "pondering", "Pondering", "canary 0901234567", "canary 2", "delivered"} {
		if w := post(public, "/gateway/demo/status", wire.TypeJSON, `{"id":"1","message":"07abc/1","status":"`+word+`"}`); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", word, w.Code, w.Body)
		}
	}
	delivered := 0
	for _, s := range desk.Statuses() {
		if s.Delivery == flows.Delivered {
			delivered++
		} else if s.Delivery != flows.Undelivered || s.Reason != wire.ReasonStranger {
			t.Errorf("a strange word became %+v", s)
		}
	}
	if delivered != 1 {
		t.Errorf("%d words mean delivered, want 1", delivered)
	}
	for word, want := range map[string]int{`"word":"pondering"`: 1, `"word":"unprintable"`: 1, "unknown status word": 2} {
		if got := strings.Count(log.String(), word); got != want {
			t.Errorf("%s was logged %d times, want %d:\n%s", word, got, want, log)
		}
	}
	w := httptest.NewRecorder()
	internal := handlers.NewInternal(handlers.Options{Metrics: o.Metrics, Now: func() time.Time { return handlertest.Now }})
	internal.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", nil))
	if line := `hotline_unknown_status_total{provider="demo"} 5`; !strings.Contains(w.Body.String(), line) {
		t.Errorf("the metrics lack %s", line)
	}
	handlertest.NoCanary(t, log.String()+w.Body.String(), "canary", "901234567")
}
