// Package handlertest is how a provider folder is tested: a table of raw
// requests and the inbound each must become, a table of messages and the exact
// request each must leave as, and a network that ends at this machine.
//
// A new provider is two tables. Fixtures are requests as the provider really
// sends them, with invented numbers.
package handlertest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"hotline/flows"
	"hotline/handlers"
)

// Now is the time of every test here.
var Now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// Phone is a number that is known to be right. A wrong one is no number, which
// equals nothing that a request can become.
func Phone(s string) flows.Phone {
	p, _ := flows.ParsePhone(s)
	return p
}

// SamePhones lets cmp see whether two numbers are one.
func SamePhones() cmp.Option {
	return cmp.Comparer(func(a, b flows.Phone) bool { return a.E164() == b.E164() })
}

// Desk stands for the hotline behind the handlers. It answers every inbound with
// Reply or Err and keeps all that came.
type Desk struct {
	Reply flows.Reply
	Err   error
	// Handler, if set, answers instead.
	Handler func(ctx context.Context, in flows.Inbound) (flows.Reply, error)

	mu       sync.Mutex
	inbounds []flows.Inbound
	statuses []flows.Status
}

// Handle is the conversation.
func (d *Desk) Handle(ctx context.Context, in flows.Inbound) (flows.Reply, error) {
	d.mu.Lock()
	d.inbounds = append(d.inbounds, in)
	d.mu.Unlock()
	if d.Handler != nil {
		return d.Handler(ctx, in)
	}
	return d.Reply, d.Err
}

// Status is the deliveries.
func (d *Desk) Status(_ context.Context, s flows.Status) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.statuses = append(d.statuses, s)
	return d.Err
}

// Inbounds returns what came since it was last asked.
func (d *Desk) Inbounds() []flows.Inbound {
	d.mu.Lock()
	defer d.mu.Unlock()
	got := d.inbounds
	d.inbounds = nil
	return got
}

// Statuses returns the deliveries that came since it was last asked.
func (d *Desk) Statuses() []flows.Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	got := d.statuses
	d.statuses = nil
	return got
}

// Public makes the public listener over a desk, and the log it writes. The log
// is not scrubbed: a test that finds nothing in it found nothing by itself.
func Public(d *Desk, o handlers.Options) (http.Handler, *Log) {
	log := &Log{}
	o.Conversation, o.Deliveries = d, d
	o.Now = func() time.Time { return Now }
	o.Log = log.Logger()
	return handlers.NewPublic(o), log
}

// Log is a log kept in memory.
type Log struct {
	mu  sync.Mutex
	out strings.Builder
}

// Write adds to the log.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

// String is all that was written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// Logger writes everything to l.
func (l *Log) Logger() *zap.Logger {
	enc := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	return zap.New(zapcore.NewCore(enc, zapcore.AddSync(l), zap.DebugLevel))
}

// Hook is one webhook: a raw request, what it must become and what must come
// back.
type Hook struct {
	Name   string // a phrase
	Method string // POST unless set
	Path   string
	Header map[string]string
	Type   string // content type; a form unless set
	Body   string
	Reply  flows.Reply // of the conversation

	Status  int // 200 unless set
	Answer  string
	Inbound *flows.Inbound // nil: none may arrive; At is added
	Receipt *flows.Status  // the same for deliveries
}

// Request builds the raw request.
func (h Hook) Request() *http.Request {
	method, kind := h.Method, h.Type
	if method == "" {
		method = http.MethodPost
	}
	if kind == "" {
		kind = "application/x-www-form-urlencoded"
	}
	r := httptest.NewRequestWithContext(context.Background(), method, h.Path, strings.NewReader(h.Body))
	r.Header.Set("Content-Type", kind)
	for k, v := range h.Header {
		r.Header.Set(k, v)
	}
	return r
}

// RunHooks plays a table of webhooks against a listener over d.
func RunHooks(t *testing.T, listener http.Handler, d *Desk, table []Hook) {
	t.Helper()
	for _, h := range table {
		t.Run(h.Name, func(t *testing.T) {
			d.Reply = h.Reply
			w := httptest.NewRecorder()
			listener.ServeHTTP(w, h.Request())
			if want := max(h.Status, http.StatusOK); w.Code != want {
				t.Errorf("status %d, want %d", w.Code, want)
			}
			if got := strings.TrimSpace(w.Body.String()); got != h.Answer {
				t.Errorf("answer %q, want %q", got, h.Answer)
			}
			var inbounds []flows.Inbound
			if h.Inbound != nil {
				in := *h.Inbound
				in.At = Now
				inbounds = append(inbounds, in)
			}
			if diff := cmp.Diff(inbounds, d.Inbounds(), SamePhones()); diff != "" {
				t.Errorf("inbound (-want +got)\n%s", diff)
			}
			var statuses []flows.Status
			if h.Receipt != nil {
				s := *h.Receipt
				s.At = Now
				statuses = append(statuses, s)
			}
			if diff := cmp.Diff(statuses, d.Statuses()); diff != "" {
				t.Errorf("delivery (-want +got)\n%s", diff)
			}
		})
	}
}

// NoCanary fails if one of the planted words is in a text that must not hold it.
func NoCanary(t *testing.T, text string, planted ...string) {
	t.Helper()
	for _, p := range planted {
		if strings.Contains(text, p) {
			t.Errorf("the planted %q came out: %s", p, text)
		}
	}
}
