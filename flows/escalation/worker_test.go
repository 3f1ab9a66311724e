package escalation_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/escalation"
)

func newWorker(m *memory, w escalation.World, now func() time.Time) *escalation.Worker {
	return &escalation.Worker{
		Timers: m, Cases: m, World: func() escalation.World { return w }, Now: now,
		Partitions: []int{0, 1, 2, 3},
	}
}

func TestExactlyOneLevelMovesPerDueTimer(t *testing.T) {
	w, now := worldOf(t, directory()), noon(t)
	m := newMemory()
	for n := range 200 {
		ch := escalation.Route(now, filed(now, n, flows.Urgent, maiChau), w)
		m.cases[ch.Case.ID] = ch.Case
	}
	late := now.Add(15 * time.Minute)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			worker := newWorker(m, w, func() time.Time { return late })
			if _, err := worker.Tick(context.Background(), late); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for id, c := range m.cases {
		if c.Level != flows.LevelHead || len(m.events[id]) != 3 {
			t.Errorf("case %s is at level %d after %d events", id, c.Level, len(m.events[id]))
		}
	}
	if len(m.sent) != 200 {
		t.Errorf("%d alerts, want 200", len(m.sent))
	}
}

func TestOverdueTimersFireByUrgency(t *testing.T) {
	w, now := worldOf(t, directory()), noon(t)
	m := newMemory()
	for n := range 40 {
		severity := flows.Normal
		if n%5 == 0 {
			severity = flows.Urgent
		}
		ch := escalation.Route(now.Add(time.Duration(n)*time.Second), filed(now, n, severity, maiChau), w)
		m.cases[ch.Case.ID] = ch.Case
	}
	late := now.Add(26 * time.Hour)
	worker := newWorker(m, w, func() time.Time { return late })
	worker.Parallel = 1
	var order []flows.Severity
	worker.Fired = func(ch flows.Change) { order = append(order, ch.Case.Severity) }
	n, err := worker.Tick(context.Background(), late)
	if err != nil || n != 40 {
		t.Fatalf("moved %d: %v", n, err)
	}
	for i, s := range order {
		if (s == flows.Urgent) != (i < 8) {
			t.Fatalf("in the order %v", order)
		}
	}
	if n, err = worker.Tick(context.Background(), late); n != 0 || err != nil {
		t.Errorf("the second tick moves %d: %v", n, err)
	}
}

func TestTwoTakeACaseInTheSameMillisecond(t *testing.T) {
	w, now := worldOf(t, directory()), noon(t)
	ch := escalation.Route(now, filed(now, 1, flows.Urgent, maiChau), w)
	m := newMemory(ch.Case)
	s := &escalation.Service{Store: m, World: func() escalation.World { return w }, Now: func() time.Time { return now }}
	ctx := context.Background()
	got := make([]error, 2)
	var wg sync.WaitGroup
	for i, id := range []flows.MemberID{"duty1", "duty2"} {
		wg.Go(func() { _, got[i] = s.TakeRef(ctx, id, "K7F4", flows.SMS) })
	}
	wg.Wait()
	holder := m.cases[ch.Case.ID].Holder
	loser := 0
	if holder == "duty1" {
		loser = 1
	}
	want := error(&escalation.Refused{Reason: escalation.RefusedTaken, Ref: "K7F4", Who: holder, When: now})
	if d := cmp.Diff(want, got[loser]); d != "" || got[1-loser] != nil {
		t.Errorf("winner: %v; loser (-want +got):\n%s", got[1-loser], d)
	}
	if len(m.events[ch.Case.ID]) != 1 {
		t.Errorf("%d lines in the timeline", len(m.events[ch.Case.ID]))
	}
	c, err := s.TakeRef(ctx, "duty1", "XXXX", flows.SMS)
	other, err2 := s.Take(ctx, "nobody", ch.Case.ID, flows.SMS)
	if refusal(err) != escalation.RefusedNotYours || refusal(err2) != escalation.RefusedNotYours || c.ID != "" || other.ID != "" {
		t.Errorf("an unknown reference and an unknown member: %v, %v", err, err2)
	}
}

func TestAKeyPressedInACallIsTheAnswerOfWhoWasCalled(t *testing.T) {
	w, now := worldOf(t, directory()), noon(t)
	ch := escalation.Route(now, filed(now, 1, flows.Urgent, maiChau), w)
	m := newMemory(ch.Case)
	s := &escalation.Service{Store: m, World: func() escalation.World { return w }, Now: func() time.Time { return now }}
	c, err := s.AnswerAlert(context.Background(), ch.Send[1].ID, flows.Voice, escalation.Take)
	if err != nil || c.Holder != ch.Send[1].To {
		t.Errorf("held by %q: %v", c.Holder, err)
	}
	for _, id := range []flows.MessageID{"01case000001/99", "00nothing/1"} {
		if _, err := s.AnswerAlert(context.Background(), id, flows.Voice, escalation.Take); refusal(err) != escalation.RefusedNotYours {
			t.Errorf("an alert that never was: %v", err)
		}
	}
}

func TestRunFiresWhenATimerIsDueAndNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := func() time.Time { return time.Now() } //nolint:forbidigo // the clock of the bubble
		w := worldOf(t, directory())
		begin := now().Truncate(time.Millisecond)
		ch := escalation.Route(begin, filed(begin, 1, flows.Urgent, maiChau), w)
		m := newMemory(ch.Case)
		worker := newWorker(m, w, now)
		var late []time.Duration
		worker.Fired = func(ch flows.Change) {
			for _, e := range ch.Events {
				if e.Kind == flows.EventEscalated {
					late = append(late, now().Sub(begin))
				}
			}
		}
		ctx, stop := context.WithTimeout(t.Context(), 16*time.Minute)
		defer stop()
		worker.Run(ctx)
		want := []time.Duration{5 * time.Minute, 15 * time.Minute}
		if len(late) != len(want) {
			t.Fatalf("fired at %v", late)
		}
		for i := range want {
			// This store cannot tell when the next timer is due.
			if late[i] < want[i] || late[i] > want[i]+250*time.Millisecond {
				t.Errorf("fired after %s, due after %s", late[i], want[i])
			}
		}
	})
}

func TestANudgeWakesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := func() time.Time { return time.Now() } //nolint:forbidigo // the clock of the bubble
		w := worldOf(t, directory())
		m := newMemory()
		worker := newWorker(m, w, now)
		var fired time.Time
		worker.Fired = func(flows.Change) { fired = now() }
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { worker.Run(ctx); close(done) }()
		synctest.Wait() // asleep
		begin := now()
		c := filed(begin.Add(-3*time.Minute), 1, flows.Urgent, maiChau)
		m.mu.Lock()
		m.cases[c.ID] = c
		m.mu.Unlock()
		far := flows.Change{Case: flows.Case{Timers: flows.Timers{flows.TimerLadder: flows.Millis(begin.Add(time.Minute))}}}
		worker.Committed(far)
		synctest.Wait()
		if !fired.IsZero() {
			t.Error("a timer that is far away wakes the worker")
		}
		worker.Committed(flows.Change{Case: c})
		synctest.Wait()
		if !fired.Equal(begin) {
			t.Errorf("fired %s after the nudge", fired.Sub(begin))
		}
		stop()
		<-done
	})
}

// failing is a store that is away.
type failing struct{ *memory }

func (failing) Due(context.Context, int, time.Time, int) ([]flows.DueCase, error) {
	return nil, flows.ErrUnavailable
}

func TestAWorkerSaysThatTheStoreIsAway(t *testing.T) {
	m := newMemory()
	w := newWorker(m, worldOf(t, directory()), nil)
	w.Timers = failing{m}
	if _, err := w.Tick(context.Background(), noon(t)); !errors.Is(err, flows.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}
