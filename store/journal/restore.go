package journal

import (
	"context"
	"fmt"

	"hotline/flows"
)

// Restore reads journals, one directory per process that wrote one, and calls
// each for every true record: chain by chain, in the order it was written.
// Damage is passed over and reported; what is left arrives. The body of a record
// must not be changed.
func Restore(ctx context.Context, dirs []string, key []byte, each func(Record) error) ([]Report, error) {
	var reports []Report
	for _, dir := range dirs {
		w := newWalker(dir, key, nil)
		w.each = each
		if err := w.walk(ctx); err != nil {
			return reports, fmt.Errorf("restore: %w", err)
		}
		reports = append(reports, w.report)
	}
	return reports, nil
}

// Restorer is a store that can take cases back.
type Restorer interface {
	// Restore writes cases as they were, each with its version, reference,
	// receipt, timers, timeline and waiting messages, and leaves alone what the
	// store holds in this version or a later one.
	Restore(ctx context.Context, cases []flows.Whole) error
}

// Rebuilt says what Rebuild did.
type Rebuilt struct {
	Reports  []Report
	Cases    int
	Messages int // waiting to be sent, each marked as a possible repeat
	// Gaps are cases of which a version is missing: they are as of their last
	// version, but their timeline has a hole.
	Gaps []flows.CaseID
	// Versions is the last version of each case, for CatchUpAll.
	Versions map[flows.CaseID]int64
}

// Rebuild fills a store from journals: every case as of the last version that
// any of them holds. Workers is how many batches are restored at once.
func Rebuild(ctx context.Context, dirs []string, key []byte, workers int, to Restorer) (Rebuilt, error) {
	fold := NewFold()
	reports, err := Restore(ctx, dirs, key, fold.Add)
	out := Rebuilt{Reports: reports}
	if err != nil {
		return out, err
	}
	messages, err := fold.each(ctx, workers, func(cases []flows.Whole) error { return to.Restore(ctx, cases) })
	if err != nil {
		return out, fmt.Errorf("rebuild: %w", err)
	}
	out.Versions, out.Gaps = fold.Versions(), fold.Gaps()
	out.Cases, out.Messages = len(out.Versions), messages
	return out, nil
}
