package journal

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"hotline/flows"
)

// Fold turns records back into cases. The order in which records come does not
// matter, so chains of several processes are simply added one after the other:
// a case is put together by its versions.
type Fold struct{ cases map[flows.CaseID]*folded }

// folded is what is known of one case.
type folded struct {
	base    Record // the latest snapshot; Version 0: none
	changes []Record
}

// NewFold makes an empty one.
func NewFold() *Fold { return &Fold{map[flows.CaseID]*folded{}} }

// Add takes a record in. Records that are about no case change nothing. It keeps
// the body.
func (f *Fold) Add(r Record) error {
	switch r.Kind {
	case KindChange, KindSnapshot:
	default:
		return nil
	}
	c := f.cases[r.Case]
	if c == nil {
		c = &folded{}
		f.cases[r.Case] = c
	}
	if r.Kind == KindChange && c.changes == nil {
		c.changes = make([]Record, 0, 4) // most cases have some, and a start holds all of them
	}
	switch {
	case r.Kind == KindChange:
		c.changes = append(c.changes, r)
	case r.Version >= c.base.Version:
		c.base = r
	}
	return nil
}

// settle sorts the changes of a case, without those that the snapshot holds and
// without doubles.
func (c *folded) settle() {
	slices.SortStableFunc(c.changes, func(a, b Record) int { return cmp.Compare(a.Version, b.Version) })
	c.changes = slices.CompactFunc(c.changes, func(a, b Record) bool { return a.Version == b.Version })
	for len(c.changes) > 0 && c.changes[0].Version <= c.base.Version {
		c.changes = c.changes[1:]
	}
}

// snapshot puts a case together.
func (c *folded) snapshot() (flows.Whole, error) {
	c.settle()
	var s flows.Whole
	if c.base.Version > 0 {
		var err error
		if s, err = DecodeSnapshot(c.base); err != nil {
			return s, err
		}
	}
	settled := map[flows.MessageID]bool{}
	for i, r := range c.changes {
		b, err := decodeStep(r, i == len(c.changes)-1)
		if err != nil {
			return s, err
		}
		s.Timeline = append(s.Timeline, b.Events...)
		s.Waiting = append(s.Waiting, b.Send...)
		s.Answers = append(s.Answers, b.Answers...)
		for _, id := range b.Settle {
			settled[id] = true
		}
		s.Case = b.Case
	}
	s.Answers = latest(s.Answers)
	s.Waiting = slices.DeleteFunc(s.Waiting, func(m flows.Message) bool { return settled[m.ID] })
	return s, nil
}

// latest keeps the last writing of each field, by field.
func latest(answers []flows.Answer) []flows.Answer {
	at := make(map[string]flows.Answer, len(answers))
	for _, a := range answers {
		at[a.Field] = a
	}
	if len(at) == 0 {
		return nil
	}
	return slices.SortedFunc(maps.Values(at), func(a, b flows.Answer) int { return cmp.Compare(a.Field, b.Field) })
}

// batchSize is how many cases Each hands over at once.
const batchSize = 128

// Each calls do for every case, many at a time, from as many goroutines as there
// are workers. Messages that still wait are marked as possible repeats: they may
// have left before the store was lost.
func (f *Fold) Each(ctx context.Context, workers int, do func([]flows.Whole) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batches := make(chan []*folded)
	var wg sync.WaitGroup
	for range max(1, workers) {
		wg.Go(func() {
			for b := range batches {
				if err := put(b, do); err != nil {
					cancel(err)
				}
			}
		})
	}
	for b := range slices.Chunk(slices.Collect(maps.Values(f.cases)), batchSize) {
		select {
		case batches <- b:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(batches)
	wg.Wait()
	return context.Cause(ctx)
}

// put puts cases together and hands them over.
func put(cases []*folded, do func([]flows.Whole) error) error {
	batch := make([]flows.Whole, len(cases))
	for n, c := range cases {
		s, err := c.snapshot()
		if err != nil {
			return err
		}
		for i := range s.Waiting {
			s.Waiting[i].Repeat = true
		}
		batch[n] = s
	}
	return do(batch)
}

// Gaps lists the cases of which a version is missing.
func (f *Fold) Gaps() []flows.CaseID {
	var ids []flows.CaseID
	for id, c := range f.cases {
		if c.settle(); !c.whole() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// whole reports whether no version of a settled case is missing.
func (c *folded) whole() bool {
	next := c.base.Version + 1
	for _, r := range c.changes {
		if r.Version != next {
			return false
		}
		next++
	}
	return true
}
