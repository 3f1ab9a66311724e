package dialog

import (
	"context"
	"errors"
	"fmt"

	"hotline/flows"
	"hotline/flows/escalation"
)

// lookUp tells what became of a report to whoever has its receipt and PIN. A
// wrong receipt and a wrong PIN get the same answer after the same work, and
// both make the next try from that phone wait longer; while it waits, a right one
// gets that answer too.
func (st *step) lookUp(ctx context.Context, input string) (string, error) {
	number, pin, ok := receiptAndPIN(input)
	if !ok {
		number, pin = digitsOf(st.sess.Vars[varNumber]), digitsOf(st.sess.Vars[varCode])
	}
	delete(st.sess.Vars, varNumber)
	delete(st.sess.Vars, varCode)
	c, err := st.byReceipt(ctx, number, pin)
	if err != nil {
		return "", err
	}
	if c == nil {
		return "unknown", nil
	}
	st.set(varStatus, st.text("status."+standing(c)))
	if q := c.Waiting(); q != nil {
		st.set(varQuestion, st.text(q.Key))
		st.set(varAbout, string(c.ID))
		return "question", nil
	}
	return "found", nil
}

// postpone keeps a case longer whose reporter asks for it shortly before its end.
// Somebody else who moves it at the same moment does no harm: it is due in days.
func (st *step) postpone(ctx context.Context, c *flows.Case) error {
	if st.Postpone == nil {
		return nil
	}
	ch, ok := st.Postpone(st.now, *c)
	if !ok {
		return nil
	}
	out, err := st.Cases.Commit(ctx, ch)
	switch {
	case errors.Is(err, flows.ErrConflict):
		return nil
	case err != nil:
		return fmt.Errorf("keep a case longer: %w", err)
	}
	*c = ch.Case
	c.Version = out.Version
	return nil
}

// byReceipt is the case of a receipt and PIN, or nil. See guesses.go for who has to
// wait. Every wrong answer costs the same work: two readings, one slow hash, two
// writings.
func (st *step) byReceipt(ctx context.Context, number, pin string) (*flows.Case, error) {
	if _, ok := flows.ParseReceipt(number); !ok || len(pin) != flows.PINDigits {
		number, pin = "00000000", "000000"
	}
	caller, err := st.guesser(ctx)
	if err != nil {
		return nil, err
	}
	c, err := st.Cases.CaseByReceipt(ctx, number, st.Keys.Receipt(number))
	if err != nil && !errors.Is(err, flows.ErrNotFound) {
		return nil, fmt.Errorf("look up a receipt: %w", err)
	}
	exists := err == nil
	crowd, err := st.crowd(ctx, number, exists)
	if err != nil {
		return nil, err
	}
	judged, err := st.countGuess(ctx, &caller, crowd.misses)
	if err != nil {
		return nil, err
	}
	right, err := st.Keys.SamePIN(ctx, c.PIN, number, pin)
	if err != nil {
		return nil, err
	}
	if !right || !judged {
		return nil, st.missed(ctx, &crowd, judged && exists)
	}
	if err := st.forgive(ctx, &caller); err != nil {
		return nil, err
	}
	return &c, st.postpone(ctx, &c)
}

// standing is what a reporter may know: one of the keys under status.
func standing(c *flows.Case) string {
	switch c.Status {
	case flows.StatusClosed:
		return "closed"
	case flows.StatusTaken:
		if escalation.Assessed(c) {
			return "visited"
		}
		return "taken"
	case flows.StatusOpen:
		return "alerted"
	}
	return "received"
}

func digitsOf(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if '0' <= r && r <= '9' {
			b = append(b, byte(r))
		}
	}
	return string(b)
}
