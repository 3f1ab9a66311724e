package handlers

import "sync/atomic"

// crew does work beside its caller, as go does. Its hands stay for the next piece:
// the way through a conversation is deep, and a new goroutine would grow its stack
// for each message again.
type crew struct {
	jobs chan func()
	idle atomic.Int32
}

// mostIdle is how many hands stay when there is nothing to do.
const mostIdle = 64

func newCrew() *crew { return &crew{jobs: make(chan func())} }

// do begins f at once and does not wait for it.
func (c *crew) do(f func()) {
	select {
	case c.jobs <- f:
	default:
		go c.work(f)
	}
}

func (c *crew) work(f func()) {
	for {
		f()
		if c.idle.Add(1) > mostIdle {
			c.idle.Add(-1)
			return
		}
		f = <-c.jobs
		c.idle.Add(-1)
	}
}
