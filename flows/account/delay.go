package account

import "time"

// Waits are how long one must wait after each wrong answer, by how many there
// were: the first few cost nothing, since people mistype. The last counts for all
// further ones.
func Waits() []time.Duration {
	return []time.Duration{
		0, 0, 0, 0, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second,
		time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute,
	}
}

// crowdWaits are for all names together from one address, where a whole office
// may sit.
func crowdWaits() []time.Duration {
	w := make([]time.Duration, 30)
	for d := time.Second; d < time.Minute; d *= 2 {
		w = append(w, d)
	}
	return append(w, time.Minute)
}

// remembered is how long wrong answers are counted.
const remembered = 24 * time.Hour
