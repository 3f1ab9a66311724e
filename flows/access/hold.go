package access

import (
	"context"
	"strings"

	"hotline/flows"
)

// Holding decides a change of a legal hold for the person who wants it.
type Holding func(c flows.Case, by flows.MemberID) (flows.Change, error)

// SetHold puts a case under a legal hold, or lifts one: decide is the rule of it,
// and why the name of the order or the reason. It is written down before it is done.
func (g *Guard) SetHold(ctx context.Context, id flows.CaseID, what, why string, decide Holding) error {
	c, err := g.Case(ctx, id)
	if err == nil {
		err = g.MayCase(ctx, Hold, &c)
	}
	if err != nil {
		return err
	}
	why = strings.TrimSpace(why)
	if why == "" || len(why) > reasonLimit {
		return ErrReason
	}
	ch, err := decide(c, From(ctx).ID())
	if err == nil {
		err = g.note(ctx, c, flows.Deed{Kind: flows.DeedHold, What: what, Why: flows.MaskNumbers(why)})
	}
	if err == nil {
		_, err = g.Commit(ctx, ch)
	}
	return err
}
