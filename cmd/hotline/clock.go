package main

import (
	"sync"
	"time"
)

// realTime is the one reading of the real clock.
func realTime() time.Time { return time.Now().UTC() }

// clock is a time that can run faster than the real one and be moved forward.
// `serve` uses realTime itself; the demo and the simulator use a clock.
type clock struct {
	read func() time.Time // the time it follows

	mu     sync.Mutex
	real   time.Time // the moment at which speed was set
	shown  time.Time // what the clock showed then
	factor int
}

// newClock starts at start. With a nil read it stands still until Advance.
func newClock(start time.Time, read func() time.Time) *clock {
	if read == nil {
		read = func() time.Time { return start }
	}
	return &clock{read: read, real: read(), shown: start, factor: 1}
}

// Now is what the clock shows.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *clock) now() time.Time {
	return c.shown.Add(c.read().Sub(c.real) * time.Duration(c.factor))
}

// Speed is how many seconds pass in one.
func (c *clock) Speed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.factor
}

// SetSpeed makes n seconds pass in one from now on, 1 to 3600. The time shown
// does not jump.
func (c *clock) SetSpeed(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown, c.real = c.now(), c.read()
	c.factor = min(max(n, 1), 3600)
}

// Advance moves the clock forward.
func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = c.shown.Add(d)
}
