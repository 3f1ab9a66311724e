package dispatch

import (
	"cmp"
	"context"
	"time"

	"hotline/flows"
)

// Finder is a provider that can tell whether it has a message that was handed to
// it since a moment.
type Finder interface {
	Find(ctx context.Context, m flows.Message, to flows.Phone, since time.Time) (flows.Sending, bool, error)
}

const (
	// grace is how long after a timeout a provider is asked: what it accepted is
	// on its list by then.
	grace = 15 * time.Second
	// looks is how often it is asked before the message stays in doubt.
	looks = 6
)

// look settles the doubt whether a message has left already. It returns true
// when nothing has to be sent now, and else takes the doubt off the message.
func (w *Worker) look(ctx context.Context, c *flows.Case, m *flows.Message, phone flows.Phone) (Result, bool) {
	if m.Doubt == "" {
		return w.lookBack(ctx, m, phone)
	}
	r := Result{Message: *m, Delivery: flows.Sent}
	if a := c.Tracked(m.ID); a != nil && (a.SID != "" || final(a.Delivery)) {
		r.Sending = flows.Sending{Provider: a.Provider, ID: a.SID} // a word on it came meanwhile
		return r, true
	}
	finder := w.Finders[m.Doubt]
	if finder == nil {
		return w.unsure(r), true
	}
	asked := *m
	asked.Text = cmp.Or(m.Within, m.Text)
	sending, found, err := finder.Find(ctx, asked, phone, m.Tried)
	switch {
	case err != nil && m.Attempts+1 >= looks:
		return w.unsure(r), true
	case err != nil:
		m.Attempts++
		return Result{Message: *m, later: w.Now().Add(backoff(m, w.jitter(m)))}, true
	case found:
		r.Sending = sending
		return r, true
	}
	m.Doubt, m.Within, m.Place = "", "", 0
	return r, false
}

// lookBack looks for a message whose sender died before it told an outcome. Any
// provider may have been asked; if none says that it has the message, it is sent:
// an alert that comes twice is better than none.
func (w *Worker) lookBack(ctx context.Context, m *flows.Message, phone flows.Phone) (Result, bool) {
	if !m.Repeat {
		return Result{}, false
	}
	for _, f := range w.Finders {
		if sending, found, err := f.Find(ctx, *m, phone, m.Due); err == nil && found {
			m.Repeat = false // it left once, and that is known
			return Result{Message: *m, Delivery: flows.Sent, Sending: sending}, true
		}
	}
	return Result{}, false
}

// unsure gives up asking. The message may have left, so it is not sent again.
func (w *Worker) unsure(r Result) Result {
	r.Delivery, r.Sending.Provider, r.Message.Doubt = flows.Unknown, r.Message.Doubt, ""
	if order(&r.Message) == 0 {
		r.Reason = ReasonNotKnown
	}
	return r
}
