package dialog

import "sync/atomic"

// scarcity knows whether references have become scarce. One that is taken costs a
// whole step, so when more than one in 64 is, new ones get a letter more until
// fewer are. While few are taken they stay as short as people like them.
type scarcity struct{ pressure atomic.Int32 }

const (
	scarceTaken = 64 // what one that was taken adds; each that is drawn takes 1 away
	scarceFull  = 256
	scarceMost  = 512
)

// letters is the length of the next reference, which was taken so many times
// before in this step.
func (c *scarcity) letters(taken int) int {
	p := c.pressure.Load()
	if p > 0 {
		c.pressure.CompareAndSwap(p, p-1) // one that gets lost among others is no matter
	}
	n := 4 + taken/3
	if p >= scarceFull {
		n++
	}
	return n
}

// met notes that a reference was taken.
func (c *scarcity) met() {
	if p := c.pressure.Load(); p < scarceMost {
		c.pressure.CompareAndSwap(p, p+scarceTaken)
	}
}
