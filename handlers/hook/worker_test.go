package hook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers/hook"
	"hotline/store"
)

// TestSignatureIsTheStandards holds ours against the example of the specification's
// authors.
func TestSignatureIsTheStandards(t *testing.T) {
	key, err := hook.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := hook.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, bad := range []string{"", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"} {
		if _, err := hook.ParseSecret(bad); err == nil {
			t.Errorf("%q is taken for a secret", bad)
		}
	}
}

// line is a receiver that can be away, and the hotline that tells it.
type line struct {
	t     *testing.T
	store *store.Embedded
	now   time.Time
	away  bool
	got   []string // type and reference
	ids   map[string]int
	key   []byte
	url   string
}

func newLine(t *testing.T) *line {
	t.Helper()
	e, err := store.OpenEmbedded(t.Context(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	l := &line{t: t, store: e, now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), ids: map[string]int{}}
	l.key = []byte(strings.Repeat("k", 32))
	s := httptest.NewServer(http.HandlerFunc(l.take))
	t.Cleanup(s.Close)
	l.url = s.URL
	return l
}

// take checks what came as a careful receiver does.
func (l *line) take(x http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		l.t.Error(err)
	}
	if l.away {
		x.WriteHeader(http.StatusBadGateway)
		return
	}
	id := q.Header.Get("Webhook-Id")
	at, err := strconv.ParseInt(q.Header.Get("Webhook-Timestamp"), 10, 64)
	if err != nil || hook.Sign(l.key, id, time.Unix(at, 0), body) != q.Header.Get("Webhook-Signature") {
		l.t.Errorf("a message that is not signed: %v", q.Header)
	}
	var in struct {
		Type string
		Data struct{ Ref string }
	}
	if err := json.Unmarshal(body, &in); err != nil || strings.Contains(string(body), "xyz") {
		l.t.Errorf("%v: %s", err, body)
	}
	l.got, l.ids[id] = append(l.got, in.Type+" "+in.Data.Ref), l.ids[id]+1
}

// worker is one process of the hotline.
func (l *line) worker() *hook.Worker {
	var from store.Cursor
	return &hook.Worker{
		Name: "province", URL: l.url, Key: l.key, Cases: l.store, Papers: l.store, Client: http.DefaultClient,
		Now: func() time.Time { return l.now }, Warn: func(err error) { l.t.Error(err) },
		Sees: func(c *flows.Case) bool { return !c.AgainstOfficial },
		Mine: func(context.Context) (bool, error) { return true, nil },
		Moved: func(ctx context.Context, since time.Time) (ids []flows.CaseID, err error) {
			if !since.IsZero() {
				open, err := l.store.Open(ctx)
				for i := range open {
					ids = append(ids, open[i].ID)
				}
				from, _ = l.store.Now(ctx)
				return ids, err
			}
			entries, next, err := l.store.Tail(ctx, from, 100)
			for _, e := range entries {
				ids = append(ids, e.Case)
			}
			from = next
			return ids, err
		},
	}
}

// happen commits an event of a case.
func (l *line) happen(ref flows.Ref, kind flows.EventKind, change func(*flows.Case)) {
	l.t.Helper()
	id := flows.CaseID(fmt.Sprintf("%02dxyz%s", flows.Partition(string(ref), l.store.Partitions()), strings.ToLower(string(ref))))
	c, err := l.store.Case(l.t.Context(), id)
	if err != nil {
		c = flows.Case{ID: id, Ref: ref, Status: flows.StatusOpen, Severity: flows.Urgent, Opened: l.now, Since: l.now}
	}
	if change != nil {
		change(&c)
	}
	ch := flows.BeginChange(l.now, c)
	ch.Arm(flows.TimerLadder, l.now.Add(time.Hour))
	ch.Log(flows.Event{Kind: kind})
	if _, err := l.store.Commit(l.t.Context(), ch); err != nil {
		l.t.Fatal(err)
	}
	l.now = l.now.Add(time.Second)
}

func (l *line) tick(w *hook.Worker, wants ...string) {
	l.t.Helper()
	err := w.Tick(l.t.Context())
	if (err != nil) != (l.away && len(wants) == 1 && wants[0] == "fault") {
		l.t.Errorf("tick: %v", err)
	}
	if len(wants) == 1 && wants[0] == "fault" {
		wants = nil
	}
	if got := strings.Join(l.got, ", "); got != strings.Join(wants, ", ") {
		l.t.Errorf("told %q, want %q", got, wants)
	}
	l.got = nil
}

func TestNothingIsLostWhileTheReceiverOrTheHotlineIsAway(t *testing.T) {
	l := newLine(t)
	l.happen("A3AA", flows.EventFiled, nil) // before the receiver was known
	l.now = l.now.Add(time.Hour)
	w := l.worker()
	l.tick(w)
	l.happen("A3AA", flows.EventTaken, nil)
	l.happen("A3AA", flows.EventSent, nil)
	l.happen("C4CC", flows.EventFiled, func(c *flows.Case) { c.AgainstOfficial = true })
	l.tick(w, "case.taken A3AA")
	l.tick(w)
	l.away = true
	l.happen("A3AA", flows.EventRaised, nil)
	l.tick(w, "fault")
	l.happen("E6EE", flows.EventFiled, nil)
	l.now = l.now.Add(time.Hour)
	l.tick(w, "fault")
	// The process dies, and an hour later another one finds the receiver back.
	l.away, l.now = false, l.now.Add(time.Hour)
	l.happen("A3AA", flows.EventClosed, nil)
	w = l.worker()
	l.tick(w, "case.raised A3AA", "case.filed E6EE", "case.closed A3AA")
	l.tick(l.worker()) // a third one knows that all is told
	for id, n := range l.ids {
		if n != 1 {
			t.Errorf("%s was told %d times", id, n)
		}
	}
}

func TestAReceiverThatIsAwayIsLeftAloneForLongerAndLonger(t *testing.T) {
	l := newLine(t)
	w := l.worker()
	l.tick(w)
	l.away = true
	l.happen("A3AA", flows.EventFiled, nil)
	tries, start := 0, l.now
	for l.now.Sub(start) < time.Hour {
		if w.Tick(t.Context()) != nil {
			tries++
		}
		l.now = l.now.Add(time.Second)
	}
	if tries < 15 || tries > 25 {
		t.Errorf("tried %d times in an hour", tries)
	}
	l.away, l.now = false, l.now.Add(5*time.Minute)
	l.tick(w, "case.filed A3AA")
}
