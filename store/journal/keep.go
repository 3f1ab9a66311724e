package journal

import (
	"context"
	"fmt"
	"slices"

	"hotline/flows"
)

// Keep takes in a change that a store has committed, and what it returns waits
// for the disk as long as ctx lets it: for a change that somebody is told about,
// a reporter or a member who takes a case. Others follow with the next one. A
// change that cannot be written is not the store's fault and stays committed:
// Health turns red, CatchUp brings it in, and the error says so.
func (j *Journal) Keep(ch flows.Change) func(context.Context) error {
	r, err := Encode(ch, ch.Case.Version)
	var b *batch
	if err == nil {
		b, err = j.take(r)
	}
	return func(ctx context.Context) error {
		if err == nil && told(ch) {
			err = b.wait(ctx)
		}
		if err != nil {
			return fmt.Errorf("keep case %s: %w", ch.Case.ID, err)
		}
		return nil
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

// Held is what a journal holds of one case.
type Held struct {
	Last int64 // the last version
	// Whole is the version up to which none is missing. What lies above it was
	// decided by another process, or came in before a crash took the one below.
	Whole int64
}

// Versions reads journals for what they hold of each case. A start compares it
// with the store and calls CatchUpAll: a process that died between the store's
// answer and ours left a change out. Damage is passed over and reported.
func Versions(ctx context.Context, dirs []string, key []byte) (map[flows.CaseID]Held, []Report, error) {
	fold := map[flows.CaseID]*versions{}
	reports, err := Restore(ctx, dirs, key, func(r Record) error {
		switch r.Kind {
		case KindChange, KindSnapshot:
			if fold[r.Case] == nil {
				fold[r.Case] = &versions{}
			}
			fold[r.Case].add(r)
		}
		return nil
	})
	held := make(map[flows.CaseID]Held, len(fold))
	for id, v := range fold {
		held[id] = v.Held
	}
	return held, reports, err
}

// versions counts the versions of a case in whatever order they come.
type versions struct {
	Held
	ahead []int64 // above Whole, with a hole below
}

func (v *versions) add(r Record) {
	v.Last = max(v.Last, r.Version)
	if r.Kind == KindSnapshot {
		v.Whole = max(v.Whole, r.Version)
	} else {
		v.ahead = append(v.ahead, r.Version)
	}
	slices.Sort(v.ahead)
	for len(v.ahead) > 0 && v.ahead[0] <= v.Whole+1 {
		v.Whole = max(v.Whole, v.ahead[0])
		v.ahead = v.ahead[1:]
	}
}
