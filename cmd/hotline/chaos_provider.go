package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"sync"
	"time"
)

// fakeProvider is an SMS gateway that keeps what it is given, and can be down or
// lie.
type fakeProvider struct {
	addr   string
	server *http.Server

	mu   sync.Mutex
	mode string                 // "" takes everything; "down" refuses; "lies" takes it and says that it failed; "hangs" takes it and never answers
	at   map[string][]time.Time // when it got each message, by our id
	text map[string]string
	to   map[string]string // the last number that was told of a reference
	said map[string]int    // texts by the references in them: one may speak for several cases
}

func newFakeProvider(ctx context.Context) (*fakeProvider, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start a provider: %w", err)
	}
	p := &fakeProvider{addr: l.Addr().String(), at: map[string][]time.Time{}, text: map[string]string{}, to: map[string]string{}, said: map[string]int{}}
	p.server = &http.Server{Handler: http.HandlerFunc(p.take), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

func (p *fakeProvider) take(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		p.tell(w, path.Base(r.URL.EscapedPath()))
		return
	}
	var m struct {
		ID   string `json:"id"`
		To   string `json:"to"`
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
		p.at[m.ID], p.text[m.ID] = append(p.at[m.ID], realTime()), m.Text
		for _, ref := range spokenRef.FindAllString(m.Text, -1) {
			p.said[ref]++
			p.to[ref] = m.To
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

// tell answers whether it has a message under our id.
func (p *fakeProvider) tell(w http.ResponseWriter, escaped string) {
	id, err := url.PathUnescape(escaped)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.mode == "down":
		http.Error(w, "down", http.StatusServiceUnavailable)
	case err != nil || len(p.at[id]) == 0:
		http.NotFound(w, nil)
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"id":%q}`, "P"+id)
	}
}

// be changes what the provider does from now on.
func (p *fakeProvider) be(mode string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = mode
}

var spokenRef = regexp.MustCompile(`\b[A-Z0-9]{4,8}\b`)

// taken is when each message came.
func (p *fakeProvider) taken() map[string][]time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[string][]time.Time, len(p.at))
	for id, at := range p.at {
		all[id] = slices.Clone(at)
	}
	return all
}

// named are what may be references in the text of a message.
func (p *fakeProvider) named(id string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return spokenRef.FindAllString(p.text[id], -1)
}

// spoke is how many texts named a case.
func (p *fakeProvider) spoke(ref string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said[ref]
}

// toldOf is the number that was last told of a case.
func (p *fakeProvider) toldOf(ref string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.to[ref]
}

// first is when the provider got the first message of a case; zero: none.
func (p *fakeProvider) first(ref string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	var first time.Time
	for id, at := range p.at {
		if slices.Contains(spokenRef.FindAllString(p.text[id], -1), ref) && (first.IsZero() || at[0].Before(first)) {
			first = at[0]
		}
	}
	return first
}

func (p *fakeProvider) close() { _ = p.server.Close() }
