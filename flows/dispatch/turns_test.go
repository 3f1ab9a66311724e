package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/flows"
	"hotline/flows/dispatch"
)

// mute is a provider that cannot be asked what it has, and takes its time.
type mute struct {
	store *memory
	takes time.Duration

	mu    sync.Mutex
	order []flows.MemberID
	at    []time.Time
	worst int // messages that it had and no case knew of, at most
}

func (p *mute) Send(ctx context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	p.mu.Lock()
	p.order, p.at = append(p.order, m.To), append(p.at, time.Now()) //nolint:forbidigo // the clock of the bubble
	p.worst = max(p.worst, len(p.order)-p.store.told())
	p.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-time.After(p.takes): //nolint:forbidigo // the clock of the bubble
	}
	return accepted(m)
}

// told is of how many messages the cases know that they left.
func (m *memory) told() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, c := range m.cases {
		for _, a := range append(slices.Clone(c.Alerts), c.Notices...) {
			if a.Delivery == flows.Sent {
				n++
			}
		}
	}
	return n
}

// turned are messages on their way by a mute provider, so many at once.
func turned(t *testing.T, m *memory, p *mute, atOnce int) {
	t.Helper()
	now := morning
	w := worker(m, &now, p)
	w.Turns = &dispatch.Turns{Of: func(*flows.Message, flows.Phone) (string, int) { return "fake", atOnce }}
	tick(t, w, now)
	if len(m.outbox) > 0 {
		t.Errorf("%d messages are left in the outbox", len(m.outbox))
	}
}

func twenty() *memory {
	var members []flows.MemberID
	for i := range 20 {
		members = append(members, flows.MemberID(fmt.Sprintf("duty%02d", i)))
	}
	return alerted(members...)
}

// TestWhatCannotBeAskedForLeavesOneByOne: the next leaves when the case knows of
// the last, so that a kill repeats one message.
func TestWhatCannotBeAskedForLeavesOneByOne(t *testing.T) {
	for atOnce, worst := range map[int]int{1: 1, 3: 3, 0: 20} {
		synctest.Test(t, func(t *testing.T) {
			p := &mute{store: twenty(), takes: 2 * time.Millisecond}
			turned(t, p.store, p, atOnce)
			if p.worst != worst || len(p.order) != 20 {
				t.Errorf("%d at once: %d left, %d of them were under way at a time, want %d", atOnce, len(p.order), p.worst, worst)
			}
		})
	}
}

// TestASlowProviderHoldsNoUrgentAlertUp: the last responder of a case is told at
// most 200 ms after the first.
func TestASlowProviderHoldsNoUrgentAlertUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &mute{store: twenty(), takes: 5 * time.Second}
		turned(t, p.store, p, 1)
		if last := p.at[len(p.at)-1].Sub(p.at[0]); len(p.at) != 20 || last > 200*time.Millisecond {
			t.Errorf("%d left, the last %s after the first", len(p.at), last)
		}
	})
}

// TestUrgentAlertsStandFirstInLine: they overtake whatever waits for its turn.
func TestUrgentAlertsStandFirstInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{cases: map[flows.CaseID]flows.Case{}, outbox: map[flows.MessageID]flows.Message{}}
		c := flows.Case{ID: "00other", Ref: "B7F4", Version: 1, Status: flows.StatusOpen, Level: flows.LevelDuty, Since: morning}
		ch := flows.BeginChange(morning, c)
		for range 6 {
			ch.Post(flows.Message{To: "other", Channel: flows.SMS, Purpose: flows.PurposeNotice, Text: "B7F4"})
		}
		for _, msg := range ch.Send {
			m.outbox[msg.ID] = msg
		}
		m.cases[c.ID] = ch.Case
		p := &mute{store: m, takes: 100 * time.Millisecond}
		now := morning
		w := worker(m, &now, p)
		w.Turns = &dispatch.Turns{Of: func(*flows.Message, flows.Phone) (string, int) { return "fake", 1 }}
		var both sync.WaitGroup
		both.Go(func() { tick(t, w, now) })
		synctest.Wait() // one is under way, five wait
		more := alerted("urgent")
		m.mu.Lock()
		m.cases["00case"] = more.cases["00case"]
		m.outbox["00case/1"] = more.outbox["00case/1"]
		m.mu.Unlock()
		both.Go(func() { tick(t, w, now) })
		both.Wait()
		if len(p.order) != 7 || p.order[1] != "urgent" || p.worst != 1 {
			t.Errorf("they left in the order %v, %d at once", p.order, p.worst)
		}
	})
}
