package console

import (
	"time"

	"hotline/flows"
)

// Timer is a running clock as the pages show it.
type Timer struct {
	Name  flows.TimerName
	Due   int64 // Unix milliseconds
	Start int64 // when it began to run, for the bar
	Warn  int64 // from this moment on it is nearly over
}

// next is the timer of a case that runs out first, if it has any.
func next(c *flows.Case) (t Timer, found bool) {
	for name, due := range c.Timers {
		if !found || due < t.Due || due == t.Due && name < t.Name {
			t.Name, t.Due, found = name, due, true
		}
	}
	if found {
		t = timer(c, t.Name, t.Due)
	}
	return t, found
}

func timer(c *flows.Case, name flows.TimerName, due int64) Timer {
	start := flows.Millis(began(c, name))
	t := Timer{Name: name, Due: due, Start: min(start, due)}
	t.Warn = due - (due-t.Start)/3
	return t
}

// began is when the clock of a name began to run: the ladder with the last
// alert, the holder's duties with the taking, the law's with the report.
func began(c *flows.Case, name flows.TimerName) time.Time {
	at := c.Opened
	switch name {
	case flows.TimerLadder:
		at = latest(at, c.Routed)
		at = latest(at, c.Since)
		for _, a := range c.Alerts {
			if a.Level == c.Level {
				at = latest(at, a.At)
			}
		}
	case flows.TimerEntry, flows.TimerReview:
		at = latest(at, c.Taken)
	}
	return at
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Tone is how worried a clock makes at a moment: "good", "warn" or "late".
func (t *Timer) Tone(now int64) string {
	switch {
	case now >= t.Due:
		return "late"
	case now >= t.Warn:
		return "warn"
	}
	return "good"
}

// Share is the part of the time that is left, from 0 to 100.
func (t *Timer) Share(now int64) int64 {
	if t.Due <= t.Start || now >= t.Due {
		return 0
	}
	return min(100, (t.Due-now)*100/(t.Due-t.Start))
}
