package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/store"
)

// exchange is a dispatcher with a router on the embedded store, and a clock that
// jumps from one due message to the next.
type exchange struct {
	*testing.T
	store  *store.Embedded
	mail   *dispatch.Worker
	router *dispatch.Router

	mu   sync.Mutex
	now  time.Time
	left []leaving
	down func(provider string) bool
}

// leaving is a message that a provider took.
type leaving struct {
	at time.Time
	by string
	m  flows.Message
}

func newExchange(t *testing.T) *exchange {
	t.Helper()
	x := &exchange{T: t, now: morning, down: func(string) bool { return false }}
	var err error
	if x.store, err = store.OpenEmbedded(t.Context(), store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.store.Close() })
	x.router = &dispatch.Router{
		Senders: map[string]dispatch.Sender{"first": provider{x, "first"}, "second": provider{x, "second"}},
		Now:     x.clock, Trip: 5, Rest: 30 * time.Second,
	}
	x.mail = &dispatch.Worker{
		Outbox: x.store.Store, Cases: x.store.Store, Phones: twoNetworks{}, Sender: x.router, Now: x.clock,
	}
	return x
}

// twoNetworks gives members named far a number of another network.
type twoNetworks struct{}

func (twoNetworks) Phone(id flows.MemberID, _ int) (flows.Phone, bool) {
	if strings.HasPrefix(string(id), "far") {
		p, _ := flows.ParsePhone("+84970000001")
		return p, true
	}
	p, _ := flows.ParsePhone("+84900000001")
	return p, true
}

type provider struct {
	x    *exchange
	name string
}

func (p provider) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	p.x.mu.Lock()
	defer p.x.mu.Unlock()
	if p.x.down(p.name) {
		return flows.Sending{}, &flows.SendError{Temporary: true, Reason: "down"}
	}
	p.x.left = append(p.x.left, leaving{p.x.now, p.name, m})
	return flows.Sending{Provider: p.name, ID: p.name + "-" + string(m.ID)}, nil
}

func (x *exchange) clock() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.now
}

// post files an open case with messages.
func (x *exchange) post(partition int, messages ...flows.Message) {
	x.Helper()
	id, err := flows.NewCaseID(strings.NewReader(fmt.Sprintf("%-64s", fmt.Sprintf("%d %d", partition, len(x.left)+int(x.clock().UnixNano())))), partition)
	if err != nil {
		x.Fatal(err)
	}
	now := x.clock()
	ch := flows.BeginChange(now, flows.Case{ID: id, Status: flows.StatusOpen, Severity: flows.Urgent, Opened: now, Channel: flows.USSD})
	ch.Log(flows.Event{Kind: flows.EventFiled})
	for _, m := range messages {
		ch.Post(m)
	}
	if _, err := x.store.Commit(x.Context(), ch); err != nil {
		x.Fatal(err)
	}
}

// work sends all that is due until a moment.
func (x *exchange) work(until time.Time) {
	x.Helper()
	for {
		for n := 1; n > 0; {
			var err error
			if n, err = x.mail.Tick(x.Context(), x.clock()); err != nil {
				x.Fatal(err)
			}
		}
		next := until
		for p := range x.store.Partitions() {
			if t, err := x.store.NextMessage(x.Context(), p); err != nil {
				x.Fatal(err)
			} else if !t.IsZero() && t.Before(next) {
				next = t
			}
		}
		x.mu.Lock()
		x.now = next
		x.mu.Unlock()
		if !next.Before(until) {
			return
		}
	}
}

// once checks that every message left exactly once.
func (x *exchange) once(want int) {
	x.Helper()
	seen := map[flows.MessageID]int{}
	for _, l := range x.left {
		if seen[l.m.ID]++; seen[l.m.ID] > 1 {
			x.Errorf("%s left %d times", l.m.ID, seen[l.m.ID])
		}
	}
	if len(seen) != want {
		x.Errorf("%d messages left, want %d", len(seen), want)
	}
}

func text(to flows.MemberID, purpose flows.Purpose, urgent bool) flows.Message {
	return flows.Message{To: to, Channel: flows.SMS, Purpose: purpose, Urgent: urgent, Text: "x"}
}

func TestAnUrgentAlertPassesTenThousandTextsAtALimit(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand messages take a while")
	}
	t.Parallel()
	x := newExchange(t)
	x.router.Routes = []dispatch.Route{{Channel: flows.SMS, Providers: []string{"first"}}}
	x.router.Limits = &dispatch.Limits{All: []dispatch.Limit{{Provider: "first", Most: 20, Per: time.Second}}}
	for i := range 100 {
		x.post(i%x.store.Partitions(), slices.Repeat([]flows.Message{text("duty1", flows.PurposeNotice, false)}, 100)...)
		x.now = x.now.Add(time.Millisecond)
	}
	x.work(morning.Add(30 * time.Second))
	asked := x.clock()
	x.post(1, text("duty2", flows.PurposeAlert, true))
	x.work(asked.Add(30 * time.Second))
	if n := len(x.left); n < 60*18 {
		t.Errorf("only %d texts left in a minute", n)
	}
	x.once(len(x.left))
	if !slices.ContainsFunc(x.left, func(l leaving) bool { return l.m.Urgent }) {
		t.Error("the urgent alert did not leave at all")
	}
	for i, l := range x.left {
		if l.m.Urgent {
			if late := l.at.Sub(asked); late > time.Second {
				t.Errorf("the urgent alert left after %s", late)
			}
			t.Logf("%d texts left before the urgent alert; it took %s", i, l.at.Sub(asked))
		}
		if i >= 20 && l.at.Sub(x.left[i-20].at) < time.Second {
			t.Fatalf("21 texts within %s", l.at.Sub(x.left[i-20].at))
		}
	}
}

func TestAProviderThatFailsForAnHour(t *testing.T) {
	x := newExchange(t)
	x.router.Routes = []dispatch.Route{
		{Channel: flows.SMS, Purpose: flows.PurposeAlert, Prefix: "+8497", Providers: []string{"first"}},
		{Channel: flows.SMS, Purpose: flows.PurposeAlert, Providers: []string{"first", "second"}},
		{Channel: flows.SMS, Providers: []string{"first"}},
	}
	x.router.Limits = &dispatch.Limits{All: []dispatch.Limit{{Provider: "first", Most: 20, Per: time.Second}}}
	back := morning.Add(time.Hour)
	x.down = func(provider string) bool { return provider == "first" && x.now.Before(back) }
	const rounds = 12
	for i := range rounds {
		x.post(i%x.store.Partitions(),
			text("duty1", flows.PurposeNotice, false), text("duty2", flows.PurposeReport, false), text("far", flows.PurposeAlert, false),
			text("duty3", flows.PurposeAlert, true), text("duty4", flows.PurposeNotice, false))
		x.work(morning.Add(time.Duration(i+1) * 4 * time.Minute))
	}
	x.work(back.Add(10 * time.Minute))
	x.once(5 * rounds)
	order := map[flows.Purpose]int{flows.PurposeAlert: 1, flows.PurposeReport: 2, flows.PurposeNotice: 3}
	last := 0
	for _, l := range x.left {
		if l.m.Urgent {
			if late := l.at.Sub(l.m.Due); l.by != "second" || late > time.Minute {
				t.Errorf("an urgent alert left by the %s provider after %s", l.by, late)
			}
			continue
		}
		if l.at.Before(back) {
			t.Errorf("a %s left before the provider was back", l.m.Purpose)
		}
		if order[l.m.Purpose] < last {
			t.Errorf("a %s left at %s, after what presses less", l.m.Purpose, l.at.Sub(back))
		}
		last = max(last, order[l.m.Purpose])
	}
	t.Logf("the last left %s after the provider was back", x.left[len(x.left)-1].at.Sub(back))
}

func TestALimitCountsSegmentsAndDestinations(t *testing.T) {
	x := newExchange(t)
	x.router.Routes = []dispatch.Route{{Channel: flows.SMS, Providers: []string{"first"}}}
	x.router.Limits = &dispatch.Limits{
		All:      []dispatch.Limit{{Prefix: "+8497", Most: 6, Per: time.Minute}},
		Segments: func(text string) int { return len(text) },
	}
	long := text("far", flows.PurposeReport, false)
	long.Text = "xxx"
	x.post(0, long, long, long, text("duty1", flows.PurposeReport, false))
	x.work(morning.Add(2 * time.Minute))
	x.once(4)
	var got []time.Duration
	for _, l := range x.left {
		if l.m.To == "far" {
			got = append(got, l.at.Sub(morning))
		}
	}
	if want := []time.Duration{0, 30 * time.Second, time.Minute}; !slices.Equal(got, want) {
		t.Errorf("long texts left after %v, want %v", got, want)
	}
}
