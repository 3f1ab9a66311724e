package dialog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
)

// Relay keeps the numbers of reporters who allow us to text them, and nothing
// else does.
type Relay interface {
	Remember(ctx context.Context, now time.Time, id flows.CaseID, phone flows.Phone) error
	Forget(ctx context.Context, id flows.CaseID) error
	// Stop forgets a number wherever it is kept, and returns the cases.
	Stop(ctx context.Context, phone flows.Phone) ([]flows.CaseID, error)
}

// keepNumber follows what the step changed about the permission to text. The
// case is safe by now, so a fault only costs the reporter an answer.
func (st *step) keepNumber(ctx context.Context) {
	if st.Relay == nil || st.moved == nil {
		return
	}
	var err error
	switch c := &st.moved.Case; {
	case c.Contact && !st.contact:
		err = st.Relay.Remember(ctx, st.now, c.ID, st.in.From)
	case !c.Contact && st.contact:
		err = st.Relay.Forget(ctx, c.ID)
	}
	if err != nil && st.Warn != nil {
		st.Warn(err)
	}
}

// stop forgets the number at once, whatever it was kept for. Only when that is
// done does the reporter read that it is. The cases go on.
func (st *step) stop(ctx context.Context) error {
	var ids []flows.CaseID
	if st.Relay != nil && !st.in.From.IsZero() {
		var err error
		if ids, err = st.Relay.Stop(ctx, st.in.From); err != nil {
			return err
		}
	}
	st.set(varContact, "no")
	if st.sess.Case != nil {
		st.sess.State, st.sess.Ended = askDone, true
		if st.sess.Case.Contact {
			ch, err := st.change()
			if err != nil {
				return err
			}
			st.forbid(ch)
		}
	}
	for _, id := range ids {
		if st.moved == nil || st.moved.Case.ID != id {
			if err := st.forbidElsewhere(ctx, id); err != nil {
				return err
			}
		}
	}
	st.say(st.text("sms.stop"))
	return nil
}

// forbid takes the permission to text back, and what waits to be sent.
func (st *step) forbid(ch *flows.Change) {
	ch.Case.Contact, ch.Case.Hours = false, ""
	withdraw(ch)
	ch.Log(flows.Event{Kind: flows.EventForgotten, Level: ch.Case.Level, Via: st.in.Channel})
}

// forbidElsewhere takes the permission from another case of the same reporter.
func (st *step) forbidElsewhere(ctx context.Context, id flows.CaseID) error {
	for range st.Settings.Conflicts {
		c, err := st.Cases.Case(ctx, id)
		if errors.Is(err, flows.ErrNotFound) || err == nil && !c.Contact {
			return nil
		}
		if err != nil {
			return err
		}
		ch := flows.BeginChange(st.now, c)
		st.forbid(&ch)
		if _, err = st.Cases.Commit(ctx, ch); !errors.Is(err, flows.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("take the permission from case %s: %w", id, flows.ErrUnavailable)
}
