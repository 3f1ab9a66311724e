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
type Fold struct {
	cases map[flows.CaseID]*folded
	// order is them as they came, as their records lie in memory.
	order []*folded
	// room is where the next ones go, and spare where their first changes do.
	room  []folded
	spare []Record
}

// folded is what is known of one case.
type folded struct {
	base    Record // the latest snapshot; Version 0: none
	changes []Record
	settled bool // the changes are in order, each once
	holed   bool // and a version is missing
}

// NewFold makes an empty one.
func NewFold() *Fold { return &Fold{cases: map[flows.CaseID]*folded{}} }

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
		c = f.folded(r.Case)
	}
	if r.Kind == KindChange && c.changes == nil {
		c.changes = f.firstChanges()
	}
	c.settled = false
	switch {
	case r.Kind == KindChange:
		c.changes = append(c.changes, r)
	case r.Version >= c.base.Version:
		c.base = r
	}
	return nil
}

// How many cases, and changes of a case, share a piece of memory: a start holds all
// of them.
const (
	foldRoom     = 1024
	firstChanges = 4
)

// folded makes a case.
func (f *Fold) folded(id flows.CaseID) *folded {
	if len(f.room) == 0 {
		f.room = make([]folded, foldRoom)
	}
	c := &f.room[0]
	f.room, f.order, f.cases[id] = f.room[1:], append(f.order, c), c
	return c
}

// firstChanges is room for the changes that most cases have.
func (f *Fold) firstChanges() []Record {
	if len(f.spare) == 0 {
		f.spare = make([]Record, firstChanges*foldRoom)
	}
	changes := f.spare[:0:firstChanges]
	f.spare = f.spare[firstChanges:]
	return changes
}

// settle sorts the changes of a case, without those that the snapshot holds and
// without doubles.
func (c *folded) settle() {
	if c.settled {
		return
	}
	if !c.whole() {
		slices.SortStableFunc(c.changes, func(a, b Record) int { return cmp.Compare(a.Version, b.Version) })
		c.changes = slices.CompactFunc(c.changes, func(a, b Record) bool { return a.Version == b.Version })
		for len(c.changes) > 0 && c.changes[0].Version <= c.base.Version {
			c.changes = c.changes[1:]
		}
	}
	c.settled, c.holed = true, !c.whole()
}

// snapshot puts a case together and reads all of it.
func (c *folded) snapshot() (s flows.Whole, err error) {
	var kept record.Kept
	if err := c.put(&s, &kept); err != nil {
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

// put puts a case together in s and leaves its timeline as it is written.
func (c *folded) put(s *flows.Whole, kept *record.Kept) error {
	b, err := learned()
	if err != nil {
		return err
	}
	c.settle()
	*s, kept.Case, kept.Events = flows.Whole{}, "", slices.Grow(kept.Events[:0], 1+len(c.changes))
	if c.base.Version > 0 {
		base, err := b.keptCase(c.base)
		if err != nil {
			return fmt.Errorf("decode record %d: %w", c.base.Seq, err)
		}
		s.Waiting, s.Answers = base.Waiting, base.Answers
		kept.Case, kept.Events = base.Case, append(kept.Events, base.Timeline)
	}
	var settled []flows.MessageID
	for _, r := range c.changes {
		step, err := b.keptStep(r)
		if err != nil {
			return fmt.Errorf("decode record %d: %w", r.Seq, err)
		}
		kept.Case, kept.Events = step.Case, append(kept.Events, step.Events)
		s.Waiting = append(s.Waiting, step.Send...)
		s.Answers = append(s.Answers, step.Answers...)
		settled = append(settled, step.Settle...)
	}
	s.Answers = latest(s.Answers)
	s.Waiting = slices.DeleteFunc(s.Waiting, func(m flows.Message) bool { return slices.Contains(settled, m.ID) })
	if err := b.cases.DecodeContent(kept.Case, &s.Case); err != nil {
		return fmt.Errorf("decode case: %w", err)
	}
	return nil
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
// journal, and the lists are used again when do returns. Messages that still wait are marked as possible repeats: they may have
// left before the store was lost.
func (f *Fold) Each(ctx context.Context, workers int, do func([]flows.Whole, []record.Kept) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batches := make(chan []*folded)
	var wg sync.WaitGroup
	for range max(1, workers) {
		wg.Go(func() {
			w := putter{make([]flows.Whole, batchSize), make([]record.Kept, batchSize)}
			for b := range batches {
				if err := w.put(b, do); err != nil {
					cancel(err)
				}
			}
		})
	}
	for b := range slices.Chunk(f.order, batchSize) {
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

// putter has the lists of one goroutine.
type putter struct {
	cases []flows.Whole
	kept  []record.Kept
}

// put puts cases together and hands them over.
func (p *putter) put(cases []*folded, do func([]flows.Whole, []record.Kept) error) error {
	for n, c := range cases {
		s := &p.cases[n]
		if err := c.put(s, &p.kept[n]); err != nil {
			return err
		}
		for i := range s.Waiting {
			s.Waiting[i].Repeat = true
		}
	}
	return do(p.cases[:len(cases)], p.kept[:len(cases)])
}

// Gaps lists the cases of which a version is missing.
func (f *Fold) Gaps() []flows.CaseID {
	var ids []flows.CaseID
	for _, c := range f.order {
		if c.settle(); c.holed {
			ids = append(ids, c.changes[0].Case)
		}
	}
	slices.Sort(ids)
	return ids
}

// whole reports whether the changes follow on the snapshot, and each on the one before.
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
