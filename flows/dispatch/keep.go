package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
)

// orphans moves messages of a case that is gone to the dead list.
func (w *Worker) orphans(ctx context.Context, id flows.CaseID, messages []flows.Message) error {
	errs := []error{fmt.Errorf("send for case %s: %w", id, flows.ErrNotFound)}
	for _, m := range messages {
		errs = append(errs, w.Outbox.Bury(ctx, m, ReasonNoCase))
	}
	return errors.Join(errs...)
}

// keep records results: a message to be tried again goes back to the outbox, one
// that is given up to the dead list, and the case learns of all that ended.
func (w *Worker) keep(ctx context.Context, id flows.CaseID, results []Result) error {
	var ended []Result
	var errs []error
	for _, r := range results {
		switch {
		case r.gone:
			continue
		case lookedUp(&r):
			errs = append(errs, w.again(ctx, r, grace))
		case r.Delivery == "":
			errs = append(errs, w.again(ctx, r, max(0, r.later.Sub(w.Now()))))
			continue
		case r.Delivery == flows.Queued:
			wait := backoff(&r.Message, w.jitter(&r.Message))
			if !r.later.IsZero() {
				wait = r.later.Sub(w.Now()) // with those that were tried in the same text
			}
			errs = append(errs, w.again(ctx, r, wait))
			if r.Message.Attempts != delayedAfter || r.Message.Purpose != flows.PurposeAlert || !r.Message.Urgent {
				continue
			}
			r.Reason = ReasonDelayed
		case r.Reason == ReasonGivenUp:
			errs = append(errs, w.Outbox.Bury(ctx, r.Message, r.Reason))
		}
		ended = append(ended, r)
	}
	if len(ended) > 0 {
		errs = append(errs, w.commit(ctx, id, ended))
	}
	return errors.Join(errs...)
}

// again puts a message back into the outbox, to be tried after a wait.
func (w *Worker) again(ctx context.Context, r Result, wait time.Duration) error {
	m := r.Message
	m.Due = w.Now().Add(wait)
	if err := w.Outbox.Retry(ctx, m); err != nil && !errors.Is(err, flows.ErrNotFound) {
		return err
	}
	return nil
}

// jitter spreads messages that failed together.
func (w *Worker) jitter(m *flows.Message) float64 {
	if w.Jitter != nil {
		return w.Jitter()
	}
	return float64(flows.Partition(string(m.ID), 1000)) / 1000
}

// commit records results in the case. While the store is away it keeps trying as
// long as the lease holds: what is not recorded is sent again.
func (w *Worker) commit(ctx context.Context, id flows.CaseID, results []Result) error {
	ctx, cancel := context.WithTimeout(ctx, w.lease()/3)
	defer cancel()
	pause := 50 * time.Millisecond
	for conflicted := 0; ; {
		err := w.commitOnce(ctx, id, results)
		switch {
		case err == nil:
			if w.Done != nil {
				for _, r := range results {
					w.Done(r)
				}
			}
			return nil
		case errors.Is(err, flows.ErrConflict) && conflicted < conflicts:
			conflicted++
		case errors.Is(err, flows.ErrUnavailable) && rest(ctx, pause):
			pause *= 2
		default:
			return fmt.Errorf("record sendings of case %s: %w", id, err)
		}
	}
}

func (w *Worker) commitOnce(ctx context.Context, id flows.CaseID, results []Result) error {
	c, err := w.Cases.Case(ctx, id)
	if err != nil {
		return err
	}
	_, err = w.Cases.Commit(ctx, Record(w.Now(), c, results...))
	return err
}

// rest waits, and reports whether there is time left.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
