package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// fakeProvider is an SMS gateway that keeps what it is given, and can be down or
// lie.
type fakeProvider struct {
	addr   string
	server *http.Server

	mu   sync.Mutex
	mode string         // "" takes everything; "down" refuses; "lies" takes it and says that it failed; "hangs" takes it and never answers
	got  map[string]int // messages by our id
	at   map[string]time.Time
	said map[string]bool // every reference in every text: one text may speak for several cases
}

func newFakeProvider(ctx context.Context) (*fakeProvider, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start a provider: %w", err)
	}
	p := &fakeProvider{addr: l.Addr().String(), got: map[string]int{}, at: map[string]time.Time{}, said: map[string]bool{}}
	p.server = &http.Server{Handler: http.HandlerFunc(p.take), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

func (p *fakeProvider) take(w http.ResponseWriter, r *http.Request) {
	var m struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil || json.Unmarshal(body, &m) != nil || m.ID == "" {
		http.Error(w, "not a message", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	mode := p.mode
	if mode != "down" {
		if p.got[m.ID]++; p.got[m.ID] == 1 {
			p.at[m.ID] = realTime()
		}
		for _, ref := range spokenRef.FindAllString(m.Text, -1) {
			p.said[ref] = true
		}
	}
	p.mu.Unlock()
	switch mode {
	case "down":
		http.Error(w, "down", http.StatusServiceUnavailable)
	case "lies":
		http.Error(w, "it failed, it says", http.StatusInternalServerError)
	case "hangs":
		<-r.Context().Done()
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"id":%q}`, "P"+m.ID)
	}
}

// be changes what the provider does from now on.
func (p *fakeProvider) be(mode string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = mode
}

var spokenRef = regexp.MustCompile(`\b[A-Z0-9]{4,8}\b`)

// taken is how often each message came, and spoke whether a text named a case.
func (p *fakeProvider) taken() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.got)
}

// cases is of how many cases any text spoke.
func (p *fakeProvider) cases() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.said)
}

func (p *fakeProvider) spoke(ref string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said[ref]
}

// first is when the provider got its first message after a moment; zero: none.
func (p *fakeProvider) first(after time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	var first time.Time
	for _, t := range p.at {
		if t.After(after) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

func (p *fakeProvider) close() { _ = p.server.Close() }
