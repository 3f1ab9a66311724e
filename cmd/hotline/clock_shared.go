package main

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/flows/escalation"
	"hotline/store"
)

// sharedClock shows the time of Redis, so that all processes agree who waits how
// long, and a clock of this machine that is wrong or is set moves no timer. In
// between it counts on by the machine's monotonic time, which no setting touches.
type sharedClock struct {
	own func() time.Time // of this machine
	ask func(context.Context) (time.Time, error)
	at  atomic.Pointer[anchor]
	// back is when the clock of Redis was last seen to be set back, as it was before.
	back atomic.Pointer[anchor]
}

// anchor is one moment on both clocks. Doubt is how far off it may be: half of the
// time that the answer took.
type anchor struct {
	own, shared time.Time
	doubt       time.Duration
}

// askEvery is how often Redis is asked for its time: a clock that was set is
// noticed as soon.
const askEvery = time.Second

// Now is the time of Redis as far as it is known; before the first answer that
// of this machine.
func (c *sharedClock) Now() time.Time {
	a := c.at.Load()
	if a == nil {
		return c.own()
	}
	return a.shared.Add(c.own().Sub(a.own))
}

// read asks Redis for its time. It goes by the answer from now on if that is
// surer than what is known, or if both cannot be true: a clock was set, or the two
// have drifted apart. The answer was made somewhere between the question and its
// arrival: the middle is the best guess.
func (c *sharedClock) read(ctx context.Context) (time.Time, error) {
	asked := c.own()
	theirs, err := c.ask(ctx)
	if err != nil {
		return theirs, err
	}
	doubt := c.own().Sub(asked) / 2
	a := &anchor{own: asked.Add(doubt), shared: theirs.UTC(), doubt: doubt}
	known := c.at.Load()
	if known == nil {
		c.at.Store(a)
		return theirs, nil
	}
	expected := known.shared.Add(a.own.Sub(known.own))
	ahead := a.shared.Sub(expected)
	if ahead < -skewLimit {
		c.back.Store(&anchor{own: a.own, shared: expected})
	}
	if doubt <= known.doubt || ahead.Abs() > doubt+known.doubt {
		c.at.Store(a)
	}
	return theirs, nil
}

// For how long after the clock of Redis was set back that is remembered: by then
// every process has noticed. And how long ago what was due then had become so: a
// worker is seldom further behind.
const (
	backFor = 5 * time.Second
	backOff = 30 * time.Second
)

// before is the time before the clock of Redis was set back, if that was a moment
// ago. What was due by then must not become due a second time, an hour later.
func (c *sharedClock) before() (time.Time, bool) {
	b := c.back.Load()
	if b == nil {
		return time.Time{}, false
	}
	gone := c.own().Sub(b.own)
	return b.shared.Add(gone), gone < backFor
}

// keepTime asks Redis for its time until ctx ends.
func (a *app) keepTime(ctx context.Context) {
	if a.watch.serverTime == nil {
		return
	}
	warn := a.warn("clock")
	every(ctx, askEvery, func() {
		if _, err := a.watch.serverTime(ctx); err != nil && ctx.Err() == nil {
			warn(err)
		}
	})
}

// timely is the store as the workers see it: it asks for the time of Redis with every
// question for timers, so that a clock that was set back since the last question lets
// nothing fire too early, and hands out what was due before it was.
type timely struct {
	*store.Store
	clock *sharedClock
}

// DueAll is that of the store, without what is not due on the clock of Redis. Both
// questions are asked at once: one after the other would make every timer late by a
// round trip. What becomes due between the two answers waits for the next time.
func (s timely) DueAll(ctx context.Context, now time.Time, n int) ([]flows.DueCase, time.Time, error) {
	var theirs time.Time
	var unread error
	var asked sync.WaitGroup
	asked.Go(func() { theirs, unread = s.clock.read(ctx) })
	due, next, err := s.Store.DueAll(ctx, s.until(now), n)
	asked.Wait()
	if err := cmp.Or(err, unread); err != nil {
		return nil, time.Time{}, err
	}
	then, back := s.clock.before()
	ripe := due[:0]
	for _, d := range due {
		switch {
		case !d.Due.After(theirs), back && !d.Due.After(then) && d.Due.After(then.Add(-backOff)):
			ripe = append(ripe, d)
		case next.IsZero() || d.Due.Before(next):
			next = d.Due
		}
	}
	return ripe, next, nil
}

// ClaimAll is that of the store.
func (s timely) ClaimAll(ctx context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error) {
	return s.Store.ClaimAll(ctx, s.until(now), lease, n)
}

// ClaimUrgent is that of the store.
func (s timely) ClaimUrgent(ctx context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error) {
	return s.Store.ClaimUrgent(ctx, s.until(now), lease, n)
}

// until is the latest moment at which something is due.
func (s timely) until(now time.Time) time.Time {
	if then, back := s.clock.before(); back && then.After(now) {
		return then
	}
	return now
}

// ripening is where the workers find what is due.
type ripening interface {
	escalation.Timers
	dispatch.Outbox
}

// due is the store, by the clock of Redis if there is one.
func (a *app) due(shared *sharedClock) ripening {
	if shared == nil {
		return a.store
	}
	return timely{a.store, shared}
}
