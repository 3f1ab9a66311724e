package dialog

// NewScarcity makes one for tests.
func NewScarcity() interface {
	Letters(taken int) int
	Met()
} {
	return new(scarcity)
}

// Letters is letters.
func (c *scarcity) Letters(taken int) int { return c.letters(taken) }

// Met is met.
func (c *scarcity) Met() { c.met() }
