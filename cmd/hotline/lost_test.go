package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheBoardStaysWhenRedisIsLost stops the redis-server under a running serve.
// Who had signed in still reads the last known board, marked as old, though their
// session lies in the Redis that is gone; nobody else gets in, nothing can be done,
// and when Redis is back the page is fresh again.
func TestTheBoardStaysWhenRedisIsLost(t *testing.T) {
	s := startServed(t)
	screen := ""
	for _, transcript := range []string{"", "2", "2*1", "2*1*Mai Chau", "2*1*Mai Chau*2", "2*1*Mai Chau*2*2"} {
		screen = s.insist(t, 1, transcript, func() {})
	}
	if receiptIn(screen) == "" {
		t.Fatal("the report got no receipt")
	}
	public := strings.TrimPrefix(s.caller.base, "http://")
	p := &serving{public: public, env: s.env, config: filepath.Join(s.dir, "hotline.yaml")}
	if err := os.WriteFile(p.config, []byte("log:\n  level: error\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &arena{binary: s.binary, procs: []*serving{p}, client: &http.Client{Transport: http.DefaultTransport, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if err := r.signIn(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	board := func() string {
		t.Helper()
		status, page, err := r.get(t.Context(), s.caller.base+"/board?lang=en", true)
		if err != nil || status != http.StatusOK {
			t.Fatalf("the board: status %d, %v", status, err)
		}
		return page
	}
	const stale = "New data cannot be read"
	if page := board(); strings.Contains(page, stale) || strings.Count(page, `id="case-`) != 1 {
		t.Fatal("with Redis the board is stale or does not show its one case")
	}

	s.redis.kill()
	// All cases are read again every few seconds; until then nobody has missed Redis.
	deadline := time.Now().Add(time.Minute)
	page := board()
	for !strings.Contains(page, stale) && time.Now().Before(deadline) {
		page = board()
	}
	if !strings.Contains(page, stale) || strings.Count(page, `id="case-`) != 1 {
		t.Errorf("without Redis: says that it is old %v, shows %d cases, want 1", strings.Contains(page, stale), strings.Count(page, `id="case-`))
	}
	for _, calm := range []string{`data-mood="calm"`, `data-mood="empty"`} {
		if strings.Contains(page, calm) {
			t.Errorf("without Redis the board says %s", calm)
		}
	}
	if _, err := r.post(t.Context(), p, "/account/sessions/end", nil); err == nil {
		t.Error("without Redis something can be done on a proof that is held in memory")
	}
	mine := r.cookie
	r.cookie = "__Host-hotline=somebody-else"
	if status, page, err := r.get(t.Context(), s.caller.base+"/board", true); err != nil || status != http.StatusServiceUnavailable || strings.Contains(page, `id="case-`) {
		t.Errorf("a stranger without Redis: status %d, %v", status, err)
	}
	r.cookie = mine

	if err := s.redis.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for deadline = time.Now().Add(time.Minute); strings.Contains(page, stale) && time.Now().Before(deadline); {
		page = board()
	}
	if strings.Contains(page, stale) {
		t.Error("Redis is back and the board is still old")
	}
}
