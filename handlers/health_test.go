package handlers_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hotline/handlers"
	"hotline/handlers/handlertest"
)

// TestScrapeAsksTheChecks: nobody may have asked for readiness since it was lost,
// and an alert must not rest on an old answer.
func TestScrapeAsksTheChecks(t *testing.T) {
	var down error
	e := handlers.NewInternal(handlers.Options{
		Checks:  []handlers.Check{{Name: "store", Ready: func(context.Context) error { return down }}},
		Details: func(context.Context) any { return map[string]int{"replicas": 2} },
		Timeout: time.Minute, Now: func() time.Time { return handlertest.Now },
	})
	get := func(path string) string {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return w.Body.String()
	}
	if got := get("/metrics"); !strings.Contains(got, `hotline_ready{check="store"} 1`) {
		t.Errorf("the first scrape shows no readiness:\n%s", got)
	}
	down = errors.New("dial 10.0.0.1")
	if got := get("/metrics"); !strings.Contains(got, `hotline_ready{check="store"} 0`) || strings.Contains(got, "10.0.0.1") {
		t.Errorf("the second scrape does not show that it is lost, or shows why:\n%s", got)
	}
	want := `{"checks":{"store":"down"},"details":{"replicas":2},"ready":false}`
	if got := strings.TrimSpace(get("/readyz")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
