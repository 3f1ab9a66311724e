package figures

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"hotline/flows"
)

// Source is the store that a book is read from.
type Source interface {
	// Versions are those of every case, open or closed.
	Versions(ctx context.Context) (map[flows.CaseID]int64, error)
	Cases(ctx context.Context, ids []flows.CaseID) ([]flows.Case, error)
	// Timelines has the order of ids.
	Timelines(ctx context.Context, ids []flows.CaseID) ([][]flows.Event, error)
}

// Book holds the facts of a running hotline, some 500 bytes for each case, so
// that a report need not read every timeline again. It is safe for concurrent use.
type Book struct {
	Source Source

	mu       sync.RWMutex
	facts    map[flows.CaseID]noted
	have, of int // of the first reading
}

type noted struct {
	*Fact   // never changed: whoever asked for it may still read it
	version int64
}

// page is how many cases are read at once.
const page = 256

// Fill reads every case that the book does not hold as it is. The first time
// takes a while; later it finds what Renew was not told of.
func (b *Book) Fill(ctx context.Context) error {
	versions, err := b.Source.Versions(ctx)
	if err != nil {
		return fmt.Errorf("fill the book of figures: %w", err)
	}
	b.mu.Lock()
	if b.facts == nil {
		b.facts = make(map[flows.CaseID]noted, len(versions))
	}
	var stale []flows.CaseID
	for id, v := range versions {
		if b.facts[id].version < v {
			stale = append(stale, id)
		}
	}
	for id := range b.facts {
		if _, known := versions[id]; !known {
			delete(b.facts, id)
		}
	}
	b.have, b.of = len(versions)-len(stale), len(versions)
	b.mu.Unlock()
	for ids := range slices.Chunk(stale, page) {
		if err := b.Renew(ctx, ids); err != nil {
			return err
		}
		b.mu.Lock()
		b.have += len(ids)
		b.mu.Unlock()
	}
	return nil
}

// Renew reads some cases again.
func (b *Book) Renew(ctx context.Context, ids []flows.CaseID) error {
	for part := range slices.Chunk(ids, page) {
		if err := b.renew(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) renew(ctx context.Context, ids []flows.CaseID) error {
	// The case is read first: a change in between makes the fact newer than its
	// version says, and it is read once more.
	cases, err := b.Source.Cases(ctx, ids)
	if err != nil {
		return fmt.Errorf("renew the book of figures: %w", err)
	}
	timelines, err := b.Source.Timelines(ctx, ids)
	if err != nil {
		return fmt.Errorf("renew the book of figures: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.facts == nil {
		b.facts = map[flows.CaseID]noted{}
	}
	for i, c := range cases {
		if c.ID != "" && b.facts[c.ID].version <= c.Version {
			b.facts[c.ID] = noted{Learn(c, timelines[i]), c.Version}
		}
	}
	return nil
}

// Facts are those of the cases that were opened in a time, from included, to not.
// They are the book's own: read them, and change nothing.
func (b *Book) Facts(_ context.Context, from, to time.Time) ([]*Fact, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []*Fact
	for _, n := range b.facts {
		if !n.Case.Opened.Before(from) && n.Case.Opened.Before(to) {
			list = append(list, n.Fact)
		}
	}
	return list, nil
}

// Progress is how many cases of how many the first reading has. A report of an
// unfinished book says too little.
func (b *Book) Progress() (have, of int) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.have, b.of
}
