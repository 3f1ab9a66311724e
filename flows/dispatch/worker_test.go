package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/dispatch"
)

var morning = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// memory is an outbox and its cases in memory.
type memory struct {
	mu     sync.Mutex
	cases  map[flows.CaseID]flows.Case
	outbox map[flows.MessageID]flows.Message
	dead   []string
	events []string
	// clash makes the next commits conflict, away makes them fail.
	clash, away int
}

func (m *memory) Case(_ context.Context, id flows.CaseID) (flows.Case, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.cases[id]
	if !ok {
		return c, flows.ErrNotFound
	}
	return c.Clone(), nil
}

func (m *memory) Commit(_ context.Context, ch flows.Change) (flows.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away > 0 {
		m.away--
		return flows.Outcome{}, fmt.Errorf("commit: %w", flows.ErrUnavailable)
	}
	if m.clash > 0 {
		m.clash--
		return flows.Outcome{}, flows.ErrConflict
	}
	if m.cases[ch.Case.ID].Version != ch.From {
		return flows.Outcome{}, flows.ErrConflict
	}
	c := ch.Case.Clone()
	c.Version++
	m.cases[c.ID] = c
	for _, id := range ch.Settle {
		delete(m.outbox, id)
	}
	for _, e := range ch.Events {
		m.events = append(m.events, fmt.Sprintf("%s %s %s", e.Kind, e.Reason, e.By))
	}
	return flows.Outcome{Version: c.Version}, nil
}

func (m *memory) ClaimAll(_ context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error) {
	return m.claim(now, lease, n, func(*flows.Message) bool { return true })
}

func (m *memory) ClaimUrgent(_ context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error) {
	return m.claim(now, lease, n, func(msg *flows.Message) bool { return msg.Urgent && msg.Purpose == flows.PurposeAlert })
}

func (m *memory) claim(now time.Time, lease time.Duration, n int, wanted func(*flows.Message) bool) ([]flows.Message, time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var got []flows.Message
	var next time.Time
	for _, id := range slices.Sorted(maps.Keys(m.outbox)) {
		msg := m.outbox[id]
		if !wanted(&msg) || msg.Due.After(now) || len(got) == n {
			if next.IsZero() || msg.Due.Before(next) {
				next = msg.Due
			}
			continue
		}
		msg.Lease = now.Add(lease)
		got = append(got, msg)
		msg.Due = msg.Lease
		m.outbox[id] = msg
	}
	return got, next, nil
}

func (m *memory) Leave(_ context.Context, msg flows.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	have, ok := m.outbox[msg.ID]
	if !ok || !have.Due.Equal(msg.Lease) {
		return flows.ErrNotFound
	}
	have.Repeat = true
	m.outbox[msg.ID] = have
	return nil
}

func (m *memory) Retry(_ context.Context, msg flows.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if have, ok := m.outbox[msg.ID]; !ok || !have.Due.Equal(msg.Lease) {
		return flows.ErrNotFound
	}
	msg.Lease = time.Time{}
	m.outbox[msg.ID] = msg
	return nil
}

func (m *memory) Bury(_ context.Context, msg flows.Message, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.outbox, msg.ID)
	m.dead = append(m.dead, string(msg.ID)+" "+reason)
	return nil
}

func (m *memory) SentAs(_ context.Context, provider, sid string) (flows.MessageID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.cases {
		for _, a := range c.Alerts {
			if a.Provider == provider && a.SID == sid {
				return a.ID, nil
			}
		}
	}
	return "", flows.ErrNotFound
}

// phones gives everybody but "ghost" a number.
type phones struct{}

func (phones) Phone(id flows.MemberID, _ int) (flows.Phone, bool) {
	p, _ := flows.ParsePhone("+84900000001")
	return p, id != "ghost"
}

type senderFunc func(flows.Message) (flows.Sending, error)

func (f senderFunc) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	return f(m)
}

// alerted is a case with an alert in the outbox for each member.
func alerted(members ...flows.MemberID) *memory {
	c := flows.Case{
		ID: "00case", Ref: "K7F4", Version: 1, Status: flows.StatusOpen, Severity: flows.Urgent,
		Level: flows.LevelDuty, Since: morning, Timers: flows.Timers{flows.TimerLadder: flows.Millis(morning.Add(15 * time.Minute))},
	}
	ch := flows.BeginChange(morning, c)
	m := &memory{cases: map[flows.CaseID]flows.Case{}, outbox: map[flows.MessageID]flows.Message{}}
	for _, to := range members {
		id := ch.Post(flows.Message{To: to, Channel: flows.SMS, Purpose: flows.PurposeAlert, Urgent: true, Level: flows.LevelDuty, Text: "GAP K7F4"})
		ch.Case.Alerts = append(ch.Case.Alerts, flows.Alert{ID: id, Member: to, Level: flows.LevelDuty, Channel: flows.SMS, At: morning, Delivery: flows.Queued})
	}
	for _, msg := range ch.Send {
		m.outbox[msg.ID] = msg
	}
	m.cases[c.ID] = ch.Case
	return m
}

func worker(m *memory, now *time.Time, s dispatch.Sender) *dispatch.Worker {
	return &dispatch.Worker{
		Outbox: m, Cases: m, Phones: phones{}, Sender: s,
		Now: func() time.Time { return *now }, Jitter: func() float64 { return 0 },
	}
}

func accepted(m flows.Message) (flows.Sending, error) {
	return flows.Sending{Provider: "fake", ID: "SM" + string(m.To)}, nil
}

func tick(t *testing.T, w *dispatch.Worker, now time.Time) int {
	t.Helper()
	n, err := w.Tick(context.Background(), now)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnAcceptedMessageIsSettledWithTheProvidersID(t *testing.T) {
	m, now := alerted("duty1"), morning
	m.clash = 2
	w := worker(m, &now, senderFunc(accepted))
	if n := tick(t, w, now); n != 1 {
		t.Fatalf("sent %d", n)
	}
	a := m.cases["00case"].Alerts[0]
	if a.Delivery != flows.Sent || a.SID != "SMduty1" || a.Provider != "fake" || len(m.outbox) != 0 {
		t.Errorf("alert %+v, outbox %d", a, len(m.outbox))
	}
	if n := tick(t, w, now); n != 0 {
		t.Errorf("sent again: %d", n)
	}
}

func TestAStoreThatIsAwayForAMomentCausesNoSecondText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := alerted("duty1")
		m.away = 4
		sent := 0
		w := worker(m, nil, senderFunc(func(msg flows.Message) (flows.Sending, error) {
			sent++
			return accepted(msg)
		}))
		w.Now = func() time.Time { return time.Now() } //nolint:forbidigo // the clock of the bubble
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
		defer stop()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ctx.Err() == nil {
				_, _ = w.Tick(ctx, w.Now().AddDate(100, 0, 0))
				select {
				case <-ctx.Done():
				case <-time.After(time.Second): //nolint:forbidigo // the clock of the bubble
				}
			}
		}()
		<-done
		if sent != 1 || len(m.outbox) != 0 {
			t.Errorf("sent %d times, %d in the outbox", sent, len(m.outbox))
		}
	})
}

func TestAWordThatIsFasterThanOurRecordIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, now := alerted("duty1"), morning
		d := &dispatch.Deliveries{Store: m, Now: func() time.Time { return now }}
		said := make(chan error)
		go func() {
			said <- d.Status(t.Context(), flows.Status{Provider: "fake", ID: "SMduty1", Delivery: flows.Undelivered})
		}()
		synctest.Wait()
		tick(t, worker(m, &now, senderFunc(accepted)), now)
		if err := <-said; err != nil {
			t.Fatal(err)
		}
		if got := m.cases["00case"].Alerts[0].Delivery; got != flows.Undelivered {
			t.Errorf("the alert is %s", got)
		}
	})
}

func TestAMessageOfACaseThatIsGoneIsBuried(t *testing.T) {
	m, now := alerted("duty1"), morning
	delete(m.cases, "00case")
	w := worker(m, &now, senderFunc(accepted))
	var warned []error
	w.Warn = func(err error) { warned = append(warned, err) }
	tick(t, w, now)
	if len(m.outbox) != 0 || len(m.dead) != 1 || len(warned) != 1 {
		t.Errorf("%d in the outbox, dead %v, warned %v", len(m.outbox), m.dead, warned)
	}
}

func TestHowAFailureIsTaken(t *testing.T) {
	for _, c := range []struct {
		name     string
		to       flows.MemberID
		err      error
		delivery flows.Delivery
		ladder   time.Duration // after now
		waits    int           // left in the outbox
	}{
		{"a refusal for good", "duty1", &flows.SendError{Reason: "refused"}, flows.Undelivered, 0, 0},
		{"a failure that passes", "duty1", &flows.SendError{Temporary: true, Reason: "busy"}, flows.Queued, 15 * time.Minute, 1},
		{"a timeout after the request was written", "duty1", &flows.SendError{Temporary: true, Unknown: true, Reason: "timeout"}, flows.Unknown, 0, 0},
		{"a member without that phone", "ghost", nil, flows.Undelivered, 0, 0},
		{"an error of no known kind", "duty1", errors.New("connection reset"), flows.Queued, 15 * time.Minute, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, now := alerted(c.to), morning
			tick(t, worker(m, &now, senderFunc(func(flows.Message) (flows.Sending, error) { return flows.Sending{}, c.err })), now)
			got := m.cases["00case"]
			if got.Alerts[0].Delivery != c.delivery {
				t.Errorf("the alert is %s, want %s", got.Alerts[0].Delivery, c.delivery)
			}
			if due := flows.Moment(got.Timers[flows.TimerLadder]); !due.Equal(now.Add(c.ladder)) {
				t.Errorf("the ladder is due after %s, want %s", due.Sub(now), c.ladder)
			}
			if len(m.outbox) != c.waits {
				t.Errorf("%d in the outbox, want %d", len(m.outbox), c.waits)
			}
		})
	}
}

func TestAProviderThatStaysDownDoesNotHoldTheLadder(t *testing.T) {
	m, now := alerted("duty1"), morning
	w := worker(m, &now, senderFunc(func(flows.Message) (flows.Sending, error) {
		return flows.Sending{}, &flows.SendError{Temporary: true, Reason: "unreachable"}
	}))
	for range 3 {
		tick(t, w, now)
		now = m.outbox["00case/1"].Due
	}
	c := m.cases["00case"]
	if due := flows.Moment(c.Timers[flows.TimerLadder]); due.Sub(morning) > time.Minute {
		t.Errorf("the ladder waits until %s", due.Sub(morning))
	}
	if c.Alerts[0].Reason != dispatch.ReasonDelayed || len(m.outbox) != 1 {
		t.Errorf("alert %+v, %d in the outbox", c.Alerts[0], len(m.outbox))
	}
	for len(m.outbox) > 0 {
		now = m.outbox["00case/1"].Due
		tick(t, w, now)
	}
	if up := now.Sub(morning); up < time.Hour || up > 3*time.Hour {
		t.Errorf("given up after %s", up)
	}
	if d := cmp.Diff([]string{"00case/1 given_up"}, m.dead); d != "" {
		t.Errorf("dead list (-want +got):\n%s", d)
	}
}

func TestAMessageWhoseSenderDiedIsMarked(t *testing.T) {
	for name, left := range map[string]bool{"as it left": true, "before it left": false} {
		t.Run(name, func(t *testing.T) {
			m, now := alerted("duty1"), morning
			claimed(t, m, now, left)
			var repeat []bool
			w := worker(m, &now, senderFunc(func(msg flows.Message) (flows.Sending, error) {
				repeat = append(repeat, msg.Repeat)
				return accepted(msg)
			}))
			if n := tick(t, w, now.Add(29*time.Second)); n != 0 {
				t.Error("sent while somebody else has the lease")
			}
			now = now.Add(30 * time.Second)
			tick(t, w, now)
			if d := cmp.Diff([]bool{left}, repeat); d != "" {
				t.Error(d)
			}
		})
	}
}

// claimed is a process that claims all messages and dies, as they are about to
// leave or before.
func claimed(t *testing.T, m *memory, now time.Time, left bool) {
	t.Helper()
	messages, _, err := m.ClaimAll(t.Context(), now, 30*time.Second, 10)
	for _, msg := range messages {
		if left && err == nil {
			err = m.Leave(t.Context(), msg)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatAnotherProcessHasDoesNotLeave: one that hung until its lease was over
// sends nothing, and leaves the claim of the other alone.
func TestWhatAnotherProcessHasDoesNotLeave(t *testing.T) {
	m, now := alerted("duty1"), morning
	hung := &late{memory: m, hangs: func() { claimed(t, m, now.Add(30*time.Second), true) }}
	sends := 0
	w := worker(m, &now, senderFunc(func(msg flows.Message) (flows.Sending, error) { sends++; return accepted(msg) }))
	w.Outbox = hung
	tick(t, w, now)
	if msg := m.outbox["00case/1"]; sends != 0 || !msg.Due.Equal(now.Add(time.Minute)) || !msg.Repeat {
		t.Errorf("sent %d times, %+v", sends, msg)
	}
}

// late is an outbox whose claims take so long that something happens meanwhile.
type late struct {
	*memory
	hangs func()
}

func (l *late) ClaimAll(ctx context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error) {
	messages, next, err := l.memory.ClaimAll(ctx, now, lease, n)
	l.hangs()
	return messages, next, err
}

func TestAnAlertForATakenCaseStaysAtHome(t *testing.T) {
	m, now := alerted("duty1", "duty2"), morning
	c := m.cases["00case"]
	c.Status, c.Holder = flows.StatusTaken, "duty1"
	m.cases["00case"] = c
	tick(t, worker(m, &now, senderFunc(func(flows.Message) (flows.Sending, error) {
		t.Error("sent")
		return flows.Sending{}, nil
	})), now)
	if len(m.outbox) != 0 {
		t.Error("it is still in the outbox")
	}
}

func TestTwentyRespondersAreSentSideBySide(t *testing.T) {
	var members []flows.MemberID
	for i := range 20 {
		members = append(members, flows.MemberID(fmt.Sprintf("duty%02d", i)))
	}
	m, now := alerted(members...), morning
	var all sync.WaitGroup
	all.Add(20)
	w := worker(m, &now, senderFunc(func(msg flows.Message) (flows.Sending, error) {
		all.Done()
		all.Wait() // nobody is through before everybody has begun
		return accepted(msg)
	}))
	tick(t, w, now)
	for _, a := range m.cases["00case"].Alerts {
		if a.Delivery != flows.Sent {
			t.Errorf("%s is %s", a.Member, a.Delivery)
		}
	}
}

func TestWordsOfProvidersComeInAnyOrder(t *testing.T) {
	m, now := alerted("duty1"), morning
	tick(t, worker(m, &now, senderFunc(accepted)), now)
	d := &dispatch.Deliveries{Store: m, Now: func() time.Time { return now }, Patience: -1}
	ctx := context.Background()
	word := func(s flows.Delivery) error {
		return d.Status(ctx, flows.Status{Provider: "fake", ID: "SMduty1", Delivery: s, Reason: "x", At: now})
	}
	for _, s := range []flows.Delivery{flows.Undelivered, flows.Sent, flows.Delivered, flows.Undelivered} {
		if err := word(s); err != nil {
			t.Fatal(err)
		}
	}
	c := m.cases["00case"]
	if c.Alerts[0].Delivery != flows.Undelivered || c.Timers[flows.TimerLadder] != flows.Millis(now) {
		t.Errorf("alert %s, timers %v", c.Alerts[0].Delivery, c.Timers)
	}
	err := d.Status(ctx, flows.Status{Provider: "fake", ID: "SM404", Delivery: flows.Delivered})
	if !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("an unknown message: %v", err)
	}
}

// TestATextToAReporterLeavesOnlyAtTheirHours: tried too late in the day, it waits
// for the same hours of the next, however long the worker was away.
func TestATextToAReporterLeavesOnlyAtTheirHours(t *testing.T) {
	day := 24 * time.Hour
	from, until := morning.Add(-time.Hour), morning.Add(2*time.Hour)
	for name, c := range map[string]struct {
		now  time.Time
		want time.Time // zero: it leaves
	}{
		"within the hours":           {now: morning},
		"the moment they end":        {now: until, want: from.Add(day)},
		"later the same day":         {now: until.Add(5 * time.Hour), want: from.Add(day)},
		"before they begin again":    {now: from.Add(day - time.Minute), want: from.Add(day)},
		"after three days of outage": {now: until.Add(3*day + time.Minute), want: from.Add(4 * day)},
	} {
		t.Run(name, func(t *testing.T) {
			m := alerted()
			m.outbox["00case/1"] = flows.Message{
				ID: "00case/1", Case: "00case", To: flows.ToReporter("00case"), Channel: flows.SMS, Purpose: flows.PurposeReport,
				Due: from, Until: until, Next: from.Add(day),
			}
			sent := 0
			now := c.now
			w := worker(m, &now, senderFunc(func(msg flows.Message) (flows.Sending, error) { sent++; return accepted(msg) }))
			tick(t, w, now)
			left, waits := m.outbox["00case/1"]
			if waits == c.want.IsZero() || (sent == 1) == waits || waits && !left.Due.Equal(c.want) {
				t.Fatalf("sent %d, waits %v until %s, want %s", sent, waits, left.Due, c.want)
			}
			if !waits {
				return
			}
			now = left.Due
			if tick(t, w, now); sent != 1 || len(m.outbox) != 0 {
				t.Errorf("at its hour: sent %d, %d wait", sent, len(m.outbox))
			}
		})
	}
}
