package main

import (
	"context"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/retention"
)

// custody carries out on the pages what two people have agreed to, or a court has
// ordered. Every change goes through the guard, in the name of whoever asked.
type custody struct {
	app    *app
	guard  *access.Guard
	purges *retention.Worker
}

// Hold keeps a case from being destroyed.
func (c custody) Hold(ctx context.Context, id flows.CaseID, order string) error {
	return c.guard.SetHold(ctx, id, "set", order, func(k flows.Case, by flows.MemberID) (flows.Change, error) {
		return retention.Hold(c.app.now(), k, by, order)
	})
}

// Lift ends that.
func (c custody) Lift(ctx context.Context, id flows.CaseID, why string) error {
	return c.guard.SetHold(ctx, id, "lifted", why, func(k flows.Case, by flows.MemberID) (flows.Change, error) {
		return c.app.rules().Lift(c.app.now(), k, by)
	})
}

// Destroy takes the texts out of a case and destroys its keys. What cannot be
// finished now the loop of purges takes up: the timer of the case stays.
func (c custody) Destroy(ctx context.Context, k flows.Case, by flows.MemberID) error {
	answers, err := c.app.store.Answers(ctx, k.ID)
	if err != nil {
		return err
	}
	ch, err := retention.Early(c.app.now(), k, answers, by)
	if err != nil {
		return err
	}
	if _, err := c.guard.Commit(ctx, ch); err != nil {
		return err
	}
	_, err = c.purges.Tick(ctx, c.app.now())
	return err
}
