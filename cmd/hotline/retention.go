package main

import (
	"context"
	"errors"

	"hotline/flows"
	"hotline/flows/retention"
)

// rules are how long texts are kept after a case was closed.
func (a *app) rules() retention.Rules {
	r := a.cfg.Retention
	return retention.Rules{Unfounded: r.Text, Planned: r.TextPlanned, Postpone: r.Postpone}
}

// newPurges destroys what is over.
func (a *app) newPurges() *retention.Worker {
	return &retention.Worker{
		Timers: a.store, Cases: a.desk(), Rules: a.rules, Destroy: a.shred,
		Audit: a.writeDown, Now: a.now, Warn: a.warn("purges"),
	}
}

// shred destroys the keys of a case: of its texts and of its reporter's number.
func (a *app) shred(ctx context.Context, id flows.CaseID) error {
	if a.safe.numbers != nil {
		if err := a.safe.numbers.Forget(ctx, id); err != nil {
			return err
		}
	}
	return a.vault.Shred(ctx, id)
}

// writeDown is the record of a deed of the hotline itself. Where no journal is
// kept there is none, and nothing to purge from one.
func (a *app) writeDown(ctx context.Context, d flows.Deed) error {
	if err := a.deeds.Audit(ctx, d); !errors.Is(err, errNoJournal) {
		return err
	}
	return nil
}
