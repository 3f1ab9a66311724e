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

// minute is what one provider did in one minute.
type minute struct {
	at   int64 // in minutes since 1970
	did  flows.Traffic
	took [steps]int // sends by the time they took
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

// note adds to what a provider did at a moment.
func (h *hour) note(provider string, at time.Time, add func(m *minute)) {
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
		*m = minute{at: now, did: empty("")}
	}
	add(m)
}

func empty(provider string) flows.Traffic {
	return flows.Traffic{Provider: provider, Failed: map[string]int{}, Segments: map[string]int{}, Strangers: map[string]int{}}
}

// LastHour is what each provider did in the hour before now, by name.
func (m *Metrics) LastHour(now time.Time) []flows.Traffic {
	h := &m.hour
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []flows.Traffic
	for _, provider := range slices.Sorted(maps.Keys(h.minutes)) {
		t := empty(provider)
		var took [steps]int
		for i := range h.minutes[provider] {
			one := &h.minutes[provider][i]
			if one.at <= now.Unix()/60-60 {
				continue
			}
			sum(&t, &one.did)
			for i, n := range one.took {
				took[i] += n
			}
		}
		t.Median, t.Slow = share(took[:], 50), share(took[:], 95)
		all = append(all, t)
	}
	return all
}

// sum adds what was done in a minute.
func sum(t, one *flows.Traffic) {
	t.Sent += one.Sent
	t.Unknown += one.Unknown
	t.Delivered += one.Delivered
	t.Undelivered += one.Undelivered
	t.Calls += one.Calls
	t.Cost += one.Cost
	for _, m := range [][2]map[string]int{{t.Failed, one.Failed}, {t.Segments, one.Segments}, {t.Strangers, one.Strangers}} {
		for k, n := range m[1] {
			m[0][k] += n
		}
	}
}

// share is the time below which so many percent of counted times lie, 0 if there
// are none.
func share(took []int, percent int) time.Duration {
	total := 0
	for _, n := range took {
		total += n
	}
	seen := 0
	for i, n := range took {
		if seen += n; total > 0 && 100*seen >= percent*total {
			return middle(i)
		}
	}
	return 0
}
