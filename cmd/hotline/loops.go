package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"hotline/flows"
	"hotline/store"
)

// run works until ctx ends: timers, messages, silent contacts, the directory
// that another process may replace, the flows that the next process must know,
// and the figures of monitoring.
func (a *app) run(ctx context.Context) {
	var wg sync.WaitGroup
	loops := []func(context.Context){a.ladder.Run, a.mail.Run, a.sweep, a.follow, a.renewEdition, a.watch.run, a.keepTime, a.clerk.Run, a.drawn.run, a.purges.Run, a.counted.run}
	for _, loop := range append(loops, a.keepers()...) {
		wg.Go(func() { loop(ctx) })
	}
	wg.Wait()
}

// keepers are the loops of the webhooks, the journal, the keys and the in-process
// server.
func (a *app) keepers() (loops []func(context.Context)) {
	for _, h := range a.hooked {
		loops = append(loops, h.Run)
	}
	if a.ledger != nil {
		loops = append(loops, func(ctx context.Context) { a.ledger.run(ctx, a.store) })
	}
	if a.safe.numbers != nil {
		var turns *turnKeeper
		if a.ledger != nil {
			turns = a.ledger.turns
		}
		loops = append(loops, a.shorten, func(ctx context.Context) { a.safe.run(ctx, a.now, turns, a.ledger, a.warn("keys")) })
	}
	if a.sole != nil {
		loops = append(loops, func(ctx context.Context) { expire(ctx, a.sole, a.now) })
	}
	return loops
}

// expire lets the keys of the in-process server expire by a clock.
func expire(ctx context.Context, e *store.Embedded, now func() time.Time) {
	last := now()
	every(ctx, time.Second, func() {
		at := now()
		if at.After(last) {
			e.Advance(at.Sub(last))
			last = at
		}
	})
}

// shorten gives the numbers of closed cases their last days.
func (a *app) shorten(ctx context.Context) {
	warn := a.warn("numbers")
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-a.closed:
			if err := a.safe.numbers.Closed(ctx, a.now(), id); err != nil {
				warn(err)
			}
		}
	}
}

// sweep counts contacts that ended before they said anything.
func (a *app) sweep(ctx context.Context) {
	warn := a.warn("silent contacts")
	every(ctx, 2*time.Second, func() {
		if _, err := a.sweepOnce(ctx, a.now()); err != nil {
			warn(err)
		}
	})
}

func (a *app) sweepOnce(ctx context.Context, now time.Time) (int, error) {
	n := 0
	for _, p := range a.partitions() {
		some, err := a.store.SweepSilent(ctx, p, now, 100)
		a.figures.silent.Add(float64(some))
		if err != nil {
			return n, err
		}
		n += some
	}
	return n, nil
}

// follow takes over a directory that another process has imported.
func (a *app) follow(ctx context.Context) {
	warn := a.warn("directory")
	every(ctx, 3*time.Second, func() {
		if err := a.followOnce(ctx); err != nil {
			warn(err)
		}
	})
}

func (a *app) followOnce(ctx context.Context) error {
	before, _ := a.dir.inUse()
	err := a.dir.refresh(ctx)
	if errors.Is(err, flows.ErrNotFound) {
		err = a.forgotten(ctx)
	}
	after, _ := a.dir.inUse()
	if after == before {
		return err
	}
	a.ledger.audit(ctx, flows.Deed{
		Kind: flows.DeedDirectory, What: "version " + after, Why: "in place of " + before, From: "directory import",
	})
	return errors.Join(err, a.papers.keepDirectory(ctx, a.dir.view.Load().directory))
}

// every calls f until ctx ends.
func every(ctx context.Context, d time.Duration, f func()) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f()
		}
	}
}
