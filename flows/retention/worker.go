package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
)

// Timers is where a worker finds what is to be purged.
type Timers interface {
	// DuePurges lists up to n purge timers that are due, from all partitions.
	DuePurges(ctx context.Context, now time.Time, n int) ([]flows.DueCase, error)
}

// Cases is what a worker needs of the store.
type Cases interface {
	Case(ctx context.Context, id flows.CaseID) (flows.Case, error)
	// Answers are what was written into the forms of a case.
	Answers(ctx context.Context, id flows.CaseID) ([]flows.Answer, error)
	Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error)
}

// Worker purges what is due. Any number may run: of two commits for one timer one
// conflicts, and a key can be destroyed twice.
type Worker struct {
	Timers Timers
	Cases  Cases
	Rules  func() Rules
	// Destroy destroys the keys of a case: of its texts, and of the number of
	// its reporter if that is still kept. It returns when they are gone for
	// good, and may be called again.
	Destroy func(ctx context.Context, id flows.CaseID) error
	// Audit writes down what will be done. What it refuses is not done.
	Audit func(ctx context.Context, d flows.Deed) error
	Now   func() time.Time
	Warn  func(error)
}

// How often a worker looks, and how many cases it takes at once. Purging is never
// urgent, and must not keep anything from the disk that is.
const (
	lookEvery = time.Minute
	most      = 100
)

// Run ticks until ctx ends.
func (w *Worker) Run(ctx context.Context) {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	for {
		if _, err := w.Tick(ctx, w.Now()); err != nil && ctx.Err() == nil {
			w.Warn(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Tick takes one step of every purge that is due, and the second one with the
// first. It returns how many cases are purged to the end.
func (w *Worker) Tick(ctx context.Context, now time.Time) (int, error) {
	due, err := w.Timers.DuePurges(ctx, now, most)
	if err != nil {
		return 0, err
	}
	n, errs := 0, []error(nil)
	for _, d := range due {
		ok, err := w.purge(ctx, now, d.Case)
		if ok {
			n++
		}
		if err != nil && !errors.Is(err, flows.ErrConflict) {
			errs = append(errs, fmt.Errorf("purge case %s: %w", d.Case, err))
		}
	}
	return n, errors.Join(errs...)
}

// purge takes the steps that a case still needs. It reports whether the last one
// was taken.
func (w *Worker) purge(ctx context.Context, now time.Time, id flows.CaseID) (bool, error) {
	c, err := w.Cases.Case(ctx, id)
	if err != nil {
		return false, err
	}
	if _, armed := c.Timers[flows.TimerPurge]; !armed || c.IsOpen() || c.Hold != "" {
		return false, nil // it has moved on
	}
	if c.Purged.IsZero() || c.HoldsText() {
		if c, err = w.first(ctx, now, c); err != nil || c.HoldsText() {
			return false, err
		}
	}
	if err := w.Destroy(ctx, id); err != nil {
		return false, err
	}
	_, err = w.Cases.Commit(ctx, done(now, c))
	return err == nil, err
}

// first takes the texts out of the case, or gives it more time if the rules have
// changed since its timer was set.
func (w *Worker) first(ctx context.Context, now time.Time, c flows.Case) (flows.Case, error) {
	rules := w.Rules()
	if end := rules.Due(&c); end.After(now) {
		ch := flows.BeginChange(now, c)
		ch.Arm(flows.TimerPurge, end)
		out, err := w.Cases.Commit(ctx, ch)
		ch.Case.Version = out.Version
		return ch.Case, err
	}
	deed := flows.Deed{At: now, Kind: flows.DeedPurge, Case: c.ID, What: "texts", Why: "its time was over", From: "retention"}
	if err := w.Audit(ctx, deed); err != nil {
		return c, err
	}
	answers, err := w.Cases.Answers(ctx, c.ID)
	if err != nil {
		return c, err
	}
	ch := take(now, c, answers, "", ReasonTime)
	out, err := w.Cases.Commit(ctx, ch)
	ch.Case.Version = out.Version
	return ch.Case, err
}
