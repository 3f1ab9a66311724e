package flows

// Hours are the part of the day that a reporter called safe for a text that they
// did not ask for: somebody else may look at the phone at other times.
type Hours string

// The hours that can be chosen. What they are on the clock is a setting of the
// dialogue.
const (
	ByDay     Hours = "" // whenever people are up
	Morning   Hours = "morning"
	Afternoon Hours = "afternoon"
	Evening   Hours = "evening"
)
