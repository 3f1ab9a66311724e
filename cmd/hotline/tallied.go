package main

import (
	"context"
	"maps"
	"slices"
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
// takes at once.
const (
	countEvery = 10 * time.Second
	countMost  = 2000
)

func newTallied(s *store.Store, warn func(error)) *tallied {
	return &tallied{Book: &tally.Book{Source: s}, store: s, warn: warn}
}

// run reads everything, and then what changes.
func (c *tallied) run(ctx context.Context) {
	c.told(ctx, c.tick(ctx))
	every(ctx, countEvery, func() { c.told(ctx, c.tick(ctx)) })
}

func (c *tallied) told(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		c.warn(err)
	}
}

// tick reads the cases that the feed names, and all of them at the start and when
// the feed may not have named some.
func (c *tallied) tick(ctx context.Context) error {
	if c.from == nil {
		return c.fill(ctx)
	}
	entries, next, err := c.store.Tail(ctx, c.from, countMost)
	if err != nil {
		return err
	}
	gap, err := c.store.Gap(ctx, c.from)
	if err != nil {
		return err
	}
	if gap {
		return c.fill(ctx)
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

// fill reads every case, and lets the feed go on behind what it holds now.
func (c *tallied) fill(ctx context.Context) error {
	now, err := c.store.Now(ctx)
	if err != nil {
		return err
	}
	if err := c.Fill(ctx); err != nil {
		return err
	}
	c.from = now
	return nil
}
