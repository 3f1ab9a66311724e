package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/dispatch"
)

// archive is a provider that knows what it has.
type archive struct {
	has   bool
	err   error
	asked []time.Time
}

func (a *archive) Find(_ context.Context, _ flows.Message, _ flows.Phone, since time.Time) (flows.Sending, bool, error) {
	a.asked = append(a.asked, since)
	return flows.Sending{Provider: "fake", ID: "SM1"}, a.has, a.err
}

func TestAMessageThatMayHaveLeftIsLookedUp(t *testing.T) {
	for _, c := range []struct {
		name     string
		archive  archive
		sends    int
		delivery flows.Delivery
		reason   string
	}{
		{"the provider has it", archive{has: true}, 1, flows.Sent, ""},
		{"the provider does not have it", archive{}, 2, flows.Sent, ""},
		{"the provider cannot say", archive{err: errors.New("down")}, 1, flows.Unknown, dispatch.ReasonNotKnown},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, now, sends := alerted("duty1"), morning, 0
			w := worker(m, &now, senderFunc(func(flows.Message) (flows.Sending, error) {
				if sends++; sends == 1 {
					return flows.Sending{Provider: "fake"}, &flows.SendError{Temporary: true, Unknown: true, Reason: "timeout"}
				}
				return flows.Sending{Provider: "fake", ID: "SM1"}, nil
			}))
			w.Finders = map[string]dispatch.Finder{"fake": &c.archive}
			tick(t, w, now)
			if a := m.cases["00case"].Alerts[0]; a.Delivery != flows.Unknown || a.Reason != "timeout" || len(m.outbox) != 1 {
				t.Fatalf("alert %+v, %d in the outbox", a, len(m.outbox))
			}
			for range 20 {
				if len(m.outbox) > 0 {
					now = m.outbox["00case/1"].Due
					tick(t, w, now)
				}
			}
			a := m.cases["00case"].Alerts[0]
			if sends != c.sends || a.Delivery != c.delivery || a.Reason != c.reason || len(m.outbox) != 0 {
				t.Errorf("sent %d times, alert %+v, %d in the outbox", sends, a, len(m.outbox))
			}
			if len(c.archive.asked) == 0 || !c.archive.asked[0].Equal(morning) {
				t.Errorf("looked for messages since %v", c.archive.asked)
			}
		})
	}
}

func TestAWordOnAMessageInDoubtEndsTheDoubt(t *testing.T) {
	m, now, sends := alerted("duty1"), morning, 0
	w := worker(m, &now, senderFunc(func(flows.Message) (flows.Sending, error) {
		sends++
		return flows.Sending{Provider: "fake"}, &flows.SendError{Temporary: true, Unknown: true, Reason: "timeout"}
	}))
	none := &archive{}
	w.Finders = map[string]dispatch.Finder{"fake": none}
	tick(t, w, now)
	d := &dispatch.Deliveries{Store: m, Now: func() time.Time { return now }, Patience: -1}
	if err := d.Status(t.Context(), flows.Status{Provider: "fake", ID: "SM7", Message: "00case/1", Delivery: flows.Sent}); err != nil {
		t.Fatal(err)
	}
	now = m.outbox["00case/1"].Due
	tick(t, w, now)
	if a := m.cases["00case"].Alerts[0]; sends != 1 || len(none.asked) != 0 || a.Delivery != flows.Sent || a.SID != "SM7" || len(m.outbox) != 0 {
		t.Errorf("sent %d times, looked up %d times, alert %+v, %d in the outbox", sends, len(none.asked), a, len(m.outbox))
	}
}

func TestAMessageWhoseSenderDiedIsLookedUpFirst(t *testing.T) {
	m, now, sends := alerted("duty1"), morning, 0
	claimed(t, m, now, true)
	w := worker(m, &now, senderFunc(func(flows.Message) (flows.Sending, error) { sends++; return flows.Sending{}, nil }))
	w.Finders = map[string]dispatch.Finder{"fake": &archive{has: true}}
	now = now.Add(30 * time.Second)
	tick(t, w, now)
	if a := m.cases["00case"].Alerts[0]; sends != 0 || a.SID != "SM1" || len(m.outbox) != 0 {
		t.Errorf("sent %d times, alert %+v", sends, a)
	}
}
