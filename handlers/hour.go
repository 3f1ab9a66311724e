package handlers

import (
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"hotline/flows"
)

// hour remembers what each provider did in each of the last sixty minutes. It
// holds counts alone, so it stays small however much is sent.
type hour struct {
	mu      sync.Mutex
	minutes map[string]*[60]minute // by provider
}

// minute counts sends by outcome and by the time they took.
type minute struct {
	at       int64 // in minutes since 1970
	outcomes map[string]int
	took     [steps]int
}

// steps of time are a half longer each, from 1 ms: the last is above a minute.
const steps = 30

func step(took time.Duration) int {
	ms := max(1, float64(took)/float64(time.Millisecond))
	return min(steps-1, int(math.Log(ms)/math.Log(1.5)))
}

// middle is the time in the middle of a step.
func middle(step int) time.Duration {
	return time.Duration(math.Pow(1.5, float64(step)+0.5) * float64(time.Millisecond)).Round(time.Millisecond)
}

func (h *hour) count(provider, outcome string, at time.Time, took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.minutes == nil {
		h.minutes = map[string]*[60]minute{}
	}
	ring := h.minutes[provider]
	if ring == nil {
		ring = new([60]minute)
		h.minutes[provider] = ring
	}
	now := at.Unix() / 60
	m := &ring[now%60]
	if m.at != now {
		*m = minute{at: now, outcomes: map[string]int{}}
	}
	m.outcomes[outcome]++
	m.took[step(took)]++
}

// LastHour is what each provider did in the hour before now, by name.
func (m *Metrics) LastHour(now time.Time) []flows.Traffic {
	h := &m.hour
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []flows.Traffic
	for _, provider := range slices.Sorted(maps.Keys(h.minutes)) {
		t := flows.Traffic{Provider: provider, Failed: map[string]int{}}
		var took [steps]int
		for i := range h.minutes[provider] {
			one := &h.minutes[provider][i]
			if one.at <= now.Unix()/60-60 {
				continue
			}
			for outcome, n := range one.outcomes {
				if outcome == outcomeSent {
					t.Sent += n
				} else {
					t.Failed[outcome] += n
				}
			}
			for i, n := range one.took {
				took[i] += n
			}
		}
		t.Median = median(took[:])
		all = append(all, t)
	}
	return all
}

// median is the middle one of counted times, 0 if there are none.
func median(took []int) time.Duration {
	total := 0
	for _, n := range took {
		total += n
	}
	seen := 0
	for i, n := range took {
		if seen += n; total > 0 && 2*seen >= total {
			return middle(i)
		}
	}
	return 0
}
