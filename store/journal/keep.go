package journal

import (
	"context"
	"fmt"
	"slices"

	"hotline/flows"
)

// Keep is what a store calls with every change it has committed. A change that
// somebody is told about, a reporter or a member who takes a case, is on the
// disk when it returns; others follow with the next one. A change that cannot be
// written is not the store's fault and stays committed: Health turns red, CatchUp
// brings it in, and fault hears of it. Waiting ends with ctx.
func (j *Journal) Keep(ctx context.Context, fault func(error)) func(flows.Change) {
	return func(ch flows.Change) {
		r, err := Encode(ch, ch.Case.Version)
		if err == nil && told(ch) {
			err = j.Append(ctx, r)
		} else if err == nil {
			err = j.Post(r)
		}
		if err != nil {
			fault(fmt.Errorf("keep case %s: %w", ch.Case.ID, err))
		}
	}
}

// told reports whether a human hears that the change is safe.
func told(ch flows.Change) bool {
	return ch.Turn != nil || len(ch.Answers) > 0 || slices.ContainsFunc(ch.Events, func(e flows.Event) bool {
		return e.Kind == flows.EventTaken || e.Kind == flows.EventClosed
	})
}

// Post takes a record in without waiting for the disk. If it cannot be written,
// Health and Missed say so.
func (j *Journal) Post(r Record) error {
	if err := checkRecord(r); err != nil {
		return fmt.Errorf("append to journal: %w", err)
	}
	if _, err := j.take(r); err != nil {
		return fmt.Errorf("append to journal: %w", err)
	}
	return nil
}

// Versions reads journals for the last version of each case. A start compares
// them with the store and calls CatchUpAll: a process that died between the
// store's answer and ours left a change out.
func Versions(ctx context.Context, dirs []string, key []byte) (map[flows.CaseID]int64, error) {
	versions := map[flows.CaseID]int64{}
	purged := map[flows.CaseID]bool{}
	_, err := Restore(ctx, dirs, key, func(r Record) error {
		switch r.Kind {
		case KindChange, KindSnapshot:
			versions[r.Case] = max(versions[r.Case], r.Version)
		case KindPurge:
			purged[r.Case] = true
		}
		return nil
	})
	for id := range purged {
		delete(versions, id)
	}
	return versions, err
}
