package escalation

import "time"

// Add is the moment at which d has passed since t, counting only the hours in
// which waits run. A wait that would end at the close of a day ends there.
func (h Hours) Add(t time.Time, d time.Duration, zone *time.Location) time.Time {
	if h.From == h.To {
		return t.Add(d)
	}
	for at := t; ; {
		open, end := h.window(at, zone)
		if at.Before(open) {
			at = open
		}
		if left := end.Sub(at); d <= left {
			return at.Add(d).In(t.Location())
		} else if left > 0 {
			d -= left
		}
		at = end
	}
}

// Holds reports whether t is in the hours; the zero value holds always.
func (h Hours) Holds(t time.Time, zone *time.Location) bool {
	if h.From == h.To {
		return true
	}
	open, _ := h.window(t, zone)
	return !t.Before(open)
}

// window is the open stretch that t is in, or the next one.
func (h Hours) window(t time.Time, zone *time.Location) (open, end time.Time) {
	local := t.In(zone)
	for day := -1; ; day++ {
		open = clock(local, day, h.From, zone)
		end = clock(local, day, h.To, zone)
		if h.To <= h.From {
			end = clock(local, day+1, h.To, zone)
		}
		if t.Before(end) {
			return open, end
		}
	}
}

// clock is the moment of a wall clock, minutes after midnight, a number of days
// after the day of t.
func clock(t time.Time, days, minutes int, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+days, 0, minutes, 0, 0, zone)
}
