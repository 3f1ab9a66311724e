package journal

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

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
	purged  bool
}

// NewFold makes an empty one.
func NewFold() *Fold { return &Fold{map[flows.CaseID]*folded{}} }

// Add takes a record in. Records that are about no case change nothing. It keeps
// the body.
func (f *Fold) Add(r Record) error {
	switch r.Kind {
	case KindChange, KindSnapshot, KindPurge:
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
	case r.Kind == KindPurge:
		*c = folded{purged: true}
	case c.purged:
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

// version is the last version known.
func (c *folded) version() int64 {
	v := c.base.Version
	for _, r := range c.changes {
		v = max(v, r.Version)
	}
	return v
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
	_, err := f.each(ctx, workers, do)
	return err
}

func (f *Fold) each(ctx context.Context, workers int, do func([]flows.Whole) error) (int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batches := make(chan []*folded)
	var wg sync.WaitGroup
	var messages atomic.Int64
	for range max(1, workers) {
		wg.Go(func() {
			for b := range batches {
				n, err := put(b, do)
				messages.Add(int64(n))
				if err != nil {
					cancel(err)
				}
			}
		})
	}
	for b := range slices.Chunk(f.alive(), batchSize) {
		select {
		case batches <- b:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(batches)
	wg.Wait()
	return int(messages.Load()), context.Cause(ctx)
}

// alive are the cases that were not purged.
func (f *Fold) alive() []*folded {
	list := make([]*folded, 0, len(f.cases))
	for _, c := range f.cases {
		if !c.purged {
			list = append(list, c)
		}
	}
	return list
}

// put puts cases together and hands them over. It returns how many messages wait.
func put(cases []*folded, do func([]flows.Whole) error) (int, error) {
	batch, messages := make([]flows.Whole, len(cases)), 0
	for n, c := range cases {
		s, err := c.snapshot()
		if err != nil {
			return 0, err
		}
		for i := range s.Waiting {
			s.Waiting[i].Repeat = true
		}
		messages += len(s.Waiting)
		batch[n] = s
	}
	return messages, do(batch)
}

// Versions is the last version of each case.
func (f *Fold) Versions() map[flows.CaseID]int64 {
	v := make(map[flows.CaseID]int64, len(f.cases))
	for id, c := range f.cases {
		if !c.purged {
			v[id] = c.version()
		}
	}
	return v
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
