package engine

// Measured is the default measure, for tests that hold every screen against it.
func Measured(text string) (int, bool) { return measure(text, "") }
