package handlers

// MostIdle is how many hands a crew keeps.
const MostIdle = mostIdle

// NewCrew makes a crew for tests.
func NewCrew() interface{ Do(f func()) } { return newCrew() }

// Do is do.
func (c *crew) Do(f func()) { c.do(f) }
