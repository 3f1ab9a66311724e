package dialog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"hotline/flows"
)

// lookUp tells what became of a report to whoever has its receipt and PIN. A
// wrong receipt and a wrong PIN get the same answer after the same work, and
// both make the next try wait longer; while it waits, a right one gets that
// answer too.
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

// byReceipt is the case of a receipt and PIN, or nil. Tries are counted for the
// phone and for the receipt, so that neither many receipts from one phone nor
// one receipt from many phones can be tried in a row. A try is counted before it
// is judged: many at once would else all be judged by the same count.
func (st *step) byReceipt(ctx context.Context, number, pin string) (*flows.Case, error) {
	if _, ok := flows.ParseReceipt(number); !ok || len(pin) != 4 {
		number, pin = "00000000", "0000"
	}
	t, err := st.tries(ctx, number)
	if err != nil {
		return nil, err
	}
	alone, err := st.count(ctx, &t, t.misses+1)
	if err != nil {
		return nil, err
	}
	c, err := st.Cases.CaseByReceipt(ctx, number, st.Keys.Receipt(number))
	if err != nil && !errors.Is(err, flows.ErrNotFound) {
		return nil, fmt.Errorf("look up a receipt: %w", err)
	}
	right, err := st.Keys.SamePIN(ctx, c.PIN, number, pin)
	if err != nil {
		return nil, err
	}
	if !right || !alone || st.now.Before(t.until) {
		own, _ := misses(st.sess.Vars)
		st.waitAfter(st.sess.Vars, own+1)
		return nil, nil
	}
	if _, err := st.count(ctx, &t, t.misses); err != nil {
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
		if _, been := c.Stages[flows.StageAssessed]; been {
			return "visited"
		}
		return "taken"
	case flows.StatusOpen:
		return "alerted"
	}
	return "received"
}

// tried is how often a receipt was asked for with a wrong PIN. It is kept like
// a conversation: one that nobody holds, named by a digest of the receipt.
type tried struct {
	record flows.Session
	misses int
	until  time.Time // before it every answer is "unknown"
}

const (
	varMisses = "misses"
	varUntil  = "until"
)

func (st *step) tries(ctx context.Context, number string) (tried, error) {
	id := flows.SessionID(st.Keys.Digest("tries", number))
	record, _, _, err := st.Conversations.Turn(ctx, id, "")
	if err != nil {
		return tried{}, fmt.Errorf("read the tries of a receipt: %w", err)
	}
	record.ID = id
	t := tried{record: record}
	t.misses, t.until = misses(record.Vars)
	_, own := misses(st.sess.Vars)
	if own.After(t.until) {
		t.until = own
	}
	return t, nil
}

func misses(vars map[string]string) (int, time.Time) {
	n, _ := strconv.Atoi(vars[varMisses])
	ms, _ := strconv.ParseInt(vars[varUntil], 10, 64)
	return n, flows.Moment(ms)
}

// count writes down how many wrong tries there were. It reports false when
// somebody else tried the same receipt at the same moment.
func (st *step) count(ctx context.Context, t *tried, n int) (bool, error) {
	t.record.Vars = map[string]string{}
	st.waitAfter(t.record.Vars, n)
	t.record.Touched = st.now
	_, err := st.Conversations.SaveTurn(ctx, st.now, flows.Turn{
		ID:      st.Keys.Digest("try", st.turnID, strconv.FormatInt(t.record.Version, 10)),
		Session: t.record, From: t.record.Version, Keep: st.Settings.KeepText, Remember: st.Settings.Echo,
	})
	if errors.Is(err, flows.ErrConflict) {
		return false, nil
	}
	t.record.Version++
	return err == nil, err
}

// waitAfter notes n wrong tries and until when the next is in vain.
func (st *step) waitAfter(vars map[string]string, n int) {
	vars[varMisses] = strconv.Itoa(n)
	vars[varUntil] = strconv.FormatInt(flows.Millis(st.now.Add(st.delay(n))), 10)
}

// delay grows twofold with every wrong try after the free ones.
func (st *step) delay(n int) time.Duration {
	d := st.Settings.WaitMin
	if n <= st.Settings.WaitFree {
		return 0
	}
	for range n - st.Settings.WaitFree - 1 {
		if d *= 2; d >= st.Settings.WaitMax {
			return st.Settings.WaitMax
		}
	}
	return d
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
