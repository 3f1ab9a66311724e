package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dispatch"
)

// pager is a provider that remembers what left.
type pager struct {
	name string
	down bool
	mu   sync.Mutex
	sent []flows.Message
}

func (p *pager) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return flows.Sending{}, &flows.SendError{Temporary: true, Reason: "unreachable"}
	}
	p.sent = append(p.sent, m)
	return flows.Sending{Provider: p.name, ID: "1"}, nil
}

// TestSupervisorsAreToldByTheSecondProvider leaves a report undone: no ping goes
// out any more, and the people on duty at the province read why.
func TestSupervisorsAreToldByTheSecondProvider(t *testing.T) {
	pings, status := 0, http.StatusOK
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ping/secret" {
			pings++
		}
		w.WriteHeader(status)
	}))
	defer outside.Close()
	w := smallWorld(t)
	a := w.app
	cfg := a.cfg
	cfg.Watch.PingURL = configs.NewSecret(outside.URL + "/ping/secret")
	first, second := &pager{name: "first"}, &pager{name: "second"}
	accounts := &providers{senders: map[string]dispatch.Sender{"first": first, "second": second}}
	a.watch.guard = newGuard(cfg, a.alarm(accounts.secondFirst(configs.Routes{SMS: []string{"first", "second"}})), outside.Client())

	tick := func(d time.Duration) error {
		w.Skip(d)
		if _, err := a.ladder.Tick(t.Context(), a.now().Add(-24*time.Hour)); err != nil { // served, nothing is due then
			t.Fatal(err)
		}
		a.watch.began = a.now()
		return a.watch.tick(t.Context(), a.now())
	}
	if err := tick(0); err != nil {
		t.Fatal(err)
	}
	if err := tick(10 * time.Second); err != nil || pings != 1 {
		t.Fatalf("%d pings within ten seconds, %v; want 1", pings, err)
	}
	status = http.StatusInternalServerError
	if err := tick(time.Minute); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a watcher that fails: %v", err)
	}
	if s := a.watch.seen.Load(); s.Heartbeat == nil || s.Heartbeat.Fault != "the watcher answers 500" {
		t.Errorf("heartbeat %+v", s.Heartbeat)
	}
	status = http.StatusOK

	report(t, a)
	before := pings
	if err := tick(3 * time.Hour); err != nil {
		t.Fatal(err)
	}
	s := a.watch.seen.Load()
	if !slices.Contains(s.Unwell, "timer_overdue") || s.Overdue == "0s" || pings != before {
		t.Errorf("unwell %v, oldest timer late by %s, %d pings more", s.Unwell, s.Overdue, pings-before)
	}
	if len(first.sent) != 0 || len(second.sent) == 0 || !strings.Contains(second.sent[0].Text, "hen gio bi tre") {
		t.Fatalf("%d texts by the first provider, by the second: %+v", len(first.sent), second.sent)
	}
	told := len(second.sent)
	if err := tick(time.Minute); err != nil || len(second.sent) != told {
		t.Errorf("told again a minute later: %d texts, %v", len(second.sent)-told, err)
	}
	// The second provider is away too: the first one is left.
	second.down = true
	if err := tick(31 * time.Minute); err != nil || len(first.sent) == 0 {
		t.Errorf("with the second provider down %d texts by the first, %v", len(first.sent), err)
	}
}
