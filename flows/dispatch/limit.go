package dispatch

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"hotline/flows"
)

// Limit is how much a provider, a destination or both take in a time: any window
// of Per holds at most Most messages, as they are billed: a long text counts as
// its segments.
type Limit struct {
	Provider string // empty: any
	Prefix   string // of the destination, as +84; empty: any
	Most     int
	Per      time.Duration
}

// Later is the answer to a message that is not urgent and has to wait. It is no
// failure: nobody was asked.
type Later struct {
	Until  time.Time
	Reason string // of a closed set
}

// Why a message has to wait.
const (
	reasonLimit = "rate_limit"
	reasonOpen  = "breaker_open"
)

func (e *Later) Error() string { return fmt.Sprintf("send: %s until %s", e.Reason, e.Until) }

// Limits keeps traffic below limits. Urgent messages never wait: what they use is
// taken from what the others may still use. Set the fields before the first use.
type Limits struct {
	All []Limit
	// Segments counts what is billed for a text; nil: one.
	Segments func(text string) int

	mu    sync.Mutex
	gates []gate
}

// gate lets messages pass at a steady pace, a few at once after a pause. It
// knows when the next may pass and, for messages that press equally, up to when
// others were asked to come back.
type gate struct {
	next     time.Time
	promised [orders]time.Time
}

// pace is the time that one message takes, and how far ahead of it a few may
// run. Both together stay within the limit.
func (l *Limit) pace() (step, slack time.Duration) {
	burst := 1 + l.Most/10
	step = l.Per / time.Duration(l.Most-burst+1)
	return step, step * time.Duration(burst-1)
}

func (l *Limit) fits(provider string, to flows.Phone) bool {
	return (l.Provider == "" || l.Provider == provider) && strings.HasPrefix(to.E164(), l.Prefix)
}

// take reports whether a message may go to a provider now, and when it may come
// back if not. All limits that fit must agree; only then it counts in them.
func (l *Limits) take(now time.Time, provider string, m *flows.Message, to flows.Phone) (until time.Time, ok bool) {
	if l == nil || len(l.All) == 0 {
		return now, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gates == nil {
		l.gates = make([]gate, len(l.All))
	}
	units := time.Duration(1)
	if l.Segments != nil && m.Channel == flows.SMS {
		units = time.Duration(max(1, l.Segments(m.Text)))
	}
	var fit []int
	for i := range l.All {
		if !l.All[i].fits(provider, to) {
			continue
		}
		fit = append(fit, i)
		if !m.Urgent && l.gates[i].free(&l.All[i], units, order(m)).After(now) {
			until = later(until, l.gates[i].promise(&l.All[i], now, units, order(m)))
		}
	}
	if !until.IsZero() {
		return until, false
	}
	for _, i := range fit {
		step, _ := l.All[i].pace()
		l.gates[i].next = later(l.gates[i].next, now).Add(units * step)
	}
	return now, true
}

// Quotas are the limits of a provider and until when each is used up.
func (l *Limits) Quotas(now time.Time, provider string) []flows.Quota {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []flows.Quota
	for i := range l.All {
		one := &l.All[i]
		if one.Provider != "" && one.Provider != provider {
			continue
		}
		q := flows.Quota{Prefix: one.Prefix, Most: one.Most, Per: one.Per}
		if i < len(l.gates) {
			if until := l.gates[i].free(one, 1, orders-1); until.After(now) {
				q.Until = until
			}
		}
		all = append(all, q)
	}
	return all
}

// free is the first moment at which so many messages may pass, after those that
// press more and were asked to come back.
func (g *gate) free(l *Limit, units time.Duration, row int) time.Time {
	step, slack := l.pace()
	at := g.next.Add(-max(0, slack-(units-1)*step))
	for _, p := range g.promised[:row] {
		at = later(at, p)
	}
	return at
}

// horizon is how long a message waits at most before it asks again.
const horizon = 10 * time.Minute

// promise is when a message may come back. Each gets a moment of its own, so
// that thousands do not come back together. Those that press more are a row of
// their own, before the others; whoever finds the moment used asks for another.
func (g *gate) promise(l *Limit, now time.Time, units time.Duration, row int) time.Time {
	at := later(g.promised[row], g.free(l, units, row))
	if at.Sub(now) > horizon {
		return now.Add(horizon)
	}
	step, _ := l.pace()
	g.promised[row] = at.Add(units * step)
	return at
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
