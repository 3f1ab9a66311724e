package main

import (
	"context"
	"sync/atomic"
	"time"
)

// sharedClock shows the time of Redis, so that all processes agree who waits how
// long, and a clock of this machine that is wrong or is set moves no timer. In
// between it counts on by the machine's monotonic time, which no setting touches.
type sharedClock struct {
	own func() time.Time // of this machine
	ask func(context.Context) (time.Time, error)
	at  atomic.Pointer[anchor]
}

// anchor is one moment on both clocks.
type anchor struct{ own, shared time.Time }

// Now is the time of Redis as far as it is known; before the first answer that
// of this machine.
func (c *sharedClock) Now() time.Time {
	a := c.at.Load()
	if a == nil {
		return c.own()
	}
	return a.shared.Add(c.own().Sub(a.own))
}

// read asks Redis for its time and goes by it from now on. The answer was made
// somewhere between the question and its arrival: the middle is the best guess.
func (c *sharedClock) read(ctx context.Context) (time.Time, error) {
	asked := c.own()
	theirs, err := c.ask(ctx)
	if err != nil {
		return theirs, err
	}
	c.at.Store(&anchor{own: asked.Add(c.own().Sub(asked) / 2), shared: theirs.UTC()})
	return theirs, nil
}
