package main

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"hotline/flows"
	tally "hotline/flows/figures"
	"hotline/store"
)

// tallied is the book of figures of a running hotline and the loop that keeps it
// up with the store, whoever of several processes wrote there.
type tallied struct {
	*tally.Book
	store *store.Store
	warn  func(error)
	from  store.Cursor
}

// How often the book looks for changes: seldom, since a report moves its case
// several times in a row and is read once then. How many of each partition it
// takes at once, and how often it looks for any that it was not told of.
const (
	countEvery = 10 * time.Second
	countMost  = 2000
	countAgain = time.Hour
)

func newTallied(s *store.Store, warn func(error)) *tallied {
	return &tallied{Book: &tally.Book{Source: s}, store: s, warn: warn}
}

// run reads everything, and then what changes.
func (c *tallied) run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { every(ctx, countAgain, func() { c.told(ctx, c.Fill(ctx)) }) })
	c.told(ctx, c.tick(ctx))
	every(ctx, countEvery, func() { c.told(ctx, c.tick(ctx)) })
	wg.Wait()
}

func (c *tallied) told(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		c.warn(err)
	}
}

// tick reads the cases that the feed names. The first one begins behind what the
// feed holds: Fill has read that.
func (c *tallied) tick(ctx context.Context) error {
	if c.from == nil {
		now, err := c.store.Now(ctx)
		if err != nil {
			return err
		}
		c.from = now
		return c.Fill(ctx)
	}
	entries, next, err := c.store.Tail(ctx, c.from, countMost)
	if err != nil {
		return err
	}
	moved := map[flows.CaseID]bool{}
	for _, e := range entries {
		if e.Case != "" {
			moved[e.Case] = true
		}
	}
	if err := c.Renew(ctx, slices.Collect(maps.Keys(moved))); err != nil {
		return err
	}
	c.from = next
	return nil
}
