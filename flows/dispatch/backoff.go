package dispatch

import (
	"time"

	"hotline/flows"
)

// delayedAfter is how many failures of an urgent alert count as not arriving:
// about a quarter of a minute. The ladder then goes on by other ways while the
// message itself keeps being tried.
const delayedAfter = 3

// tries is how often a message is tried: for about two hours if urgent, else for
// about six.
func tries(m *flows.Message) int {
	if m.Urgent {
		return 320
	}
	return 40
}

// backoff is the wait before the next try: doubling up to a cap, and up to a
// third longer by chance, so that a provider that returns is not hit by all at
// once. What is urgent comes back before the rest of a provider is over, for
// which the others wait.
func backoff(m *flows.Message, jitter float64) time.Duration {
	wait, most := 10*time.Second, 10*time.Minute
	if m.Urgent {
		wait, most = 2*time.Second, 20*time.Second
	}
	for i := 1; i < m.Attempts && wait < most; i++ {
		wait *= 2
	}
	wait = min(wait, most)
	return wait + time.Duration(jitter*float64(wait)/3)
}
