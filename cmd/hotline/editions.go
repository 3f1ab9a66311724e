package main

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"hotline/flows/dialog"
	"hotline/flows/engine"
)

// renewEvery is how often a process says that its flows are in use.
const renewEvery = 10 * time.Minute

// keepOlder makes the flows of earlier processes known, so that who is in the
// middle of them finishes on them, and leaves ours for the next process. It is
// called before the first caller comes.
func (a *app) keepOlder(ctx context.Context) error {
	kept, err := a.store.Editions(ctx)
	if err != nil {
		return err
	}
	for id, data := range kept {
		if id == a.data.flows.Edition() {
			continue
		}
		older, err := engine.Unbundle(data, dialog.Verbs(), a.data.phone.settings()...)
		if err != nil {
			// A newer program may not play what an old one did. Its callers go on
			// with the new questions.
			a.log.Warn("an earlier edition of the flows cannot be played", zap.String("edition", id), zap.Error(err))
			continue
		}
		a.data.flows.Keep(older)
	}
	return a.saveEdition(ctx)
}

// saveEdition keeps our flows for as long as a session that begins now may last,
// and until we come by again.
func (a *app) saveEdition(ctx context.Context) error {
	data, err := a.data.flows.Bundle()
	if err != nil {
		return err
	}
	keep := max(a.cfg.Sessions.USSD, a.cfg.Sessions.SMS) + 2*renewEvery
	if err := a.store.SaveEdition(ctx, a.data.flows.Edition(), data, keep); err != nil {
		return fmt.Errorf("keep the flows for who is in the middle of them: %w", err)
	}
	return nil
}

// renewEdition keeps our flows while we run.
func (a *app) renewEdition(ctx context.Context) {
	warn := a.warn("edition of the flows")
	every(ctx, renewEvery, func() {
		if err := a.saveEdition(ctx); err != nil {
			warn(err)
		}
	})
}
