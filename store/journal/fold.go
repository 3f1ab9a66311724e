package journal

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"hotline/flows"
	"hotline/store/record"
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

// snapshot puts a case together and reads all of it.
func (c *folded) snapshot() (flows.Whole, error) {
	s, kept, err := c.put()
	if err != nil {
		return s, err
	}
	s.Timeline, err = Timeline(kept)
	return s, err
}

// Timeline reads the events of a case.
func Timeline(kept record.Kept) (events []flows.Event, err error) {
	b, err := learned()
	for _, list := range kept.Events {
		for err == nil && list != "" {
			one, rest, ok := record.Cut(list)
			if !ok {
				return nil, record.ErrRecord
			}
			events = append(events, flows.Event{})
			err = b.events.DecodeContent(one, &events[len(events)-1])
			list = rest
		}
	}
	return events, err
}

// put puts a case together and leaves its timeline as it is written.
func (c *folded) put() (s flows.Whole, kept record.Kept, err error) {
	b, err := learned()
	if err != nil {
		return s, kept, err
	}
	c.settle()
	kept.Events = make([]string, 0, 1+len(c.changes))
	if c.base.Version > 0 {
		base, err := b.keptCase(c.base)
		if err != nil {
			return s, kept, fmt.Errorf("decode record %d: %w", c.base.Seq, err)
		}
		s.Waiting, s.Answers = base.Waiting, base.Answers
		kept.Case, kept.Events = base.Case, append(kept.Events, base.Timeline)
	}
	var settled []flows.MessageID
	for _, r := range c.changes {
		step, err := b.keptStep(r)
		if err != nil {
			return s, kept, fmt.Errorf("decode record %d: %w", r.Seq, err)
		}
		kept.Case, kept.Events = step.Case, append(kept.Events, step.Events)
		s.Waiting = append(s.Waiting, step.Send...)
		s.Answers = append(s.Answers, step.Answers...)
		settled = append(settled, step.Settle...)
	}
	s.Answers = latest(s.Answers)
	s.Waiting = slices.DeleteFunc(s.Waiting, func(m flows.Message) bool { return slices.Contains(settled, m.ID) })
	if err := b.cases.DecodeContent(kept.Case, &s.Case); err != nil {
		return s, kept, fmt.Errorf("decode case: %w", err)
	}
	return s, kept, nil
}

// latest keeps the last writing of each field, by field.
func latest(answers []flows.Answer) []flows.Answer {
	if len(answers) == 0 {
		return nil
	}
	at := make(map[string]flows.Answer, len(answers))
	for _, a := range answers {
		at[a.Field] = a
	}
	return slices.SortedFunc(maps.Values(at), func(a, b flows.Answer) int { return cmp.Compare(a.Field, b.Field) })
}

// batchSize is how many cases Each hands over at once.
const batchSize = 128

// Each calls do for every case, many at a time, from as many goroutines as there
// are workers. Their timelines stay as they are written, place by place in the
// second list; so does a copy of the case itself. Both share the memory of the
// journal. Messages that still wait are marked as possible repeats: they may have
// left before the store was lost.
func (f *Fold) Each(ctx context.Context, workers int, do func([]flows.Whole, []record.Kept) error) error {
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
func put(cases []*folded, do func([]flows.Whole, []record.Kept) error) error {
	batch, kept := make([]flows.Whole, len(cases)), make([]record.Kept, len(cases))
	for n, c := range cases {
		s, k, err := c.put()
		if err != nil {
			return err
		}
		for i := range s.Waiting {
			s.Waiting[i].Repeat = true
		}
		batch[n], kept[n] = s, k
	}
	return do(batch, kept)
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
