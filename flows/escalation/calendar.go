package escalation

import (
	"time"

	"go.yaml.in/yaml/v4"
)

// Calendar knows which days are working days. It does not change.
type Calendar struct {
	rest  [7]bool         // by weekday
	off   map[date]string // → name
	work  map[date]string
	years map[int]bool
}

const dayFormat = "2006-01-02"

// date is a day as a number, as 20261231. Every report asks for some thirty.
type date int

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date(y*10_000 + int(m)*100 + d)
}

type calendarFile struct {
	Rest  []word `yaml:"rest"`
	Years map[int]struct {
		Off []struct {
			From word   `yaml:"from"`
			To   word   `yaml:"to"`
			Name string `yaml:"name"`
		} `yaml:"off"`
		Work []struct {
			Day  word   `yaml:"day"`
			Name string `yaml:"name"`
		} `yaml:"work"`
	} `yaml:"years"`
}

// ParseCalendar reads calendar.yaml and reports every fault at once.
func ParseCalendar(name string, data []byte) (*Calendar, error) {
	var f calendarFile
	ck := &checker{name: name}
	if err := yaml.Load(data, &f, yaml.WithKnownFields()); err != nil {
		ck.load(err)
		return nil, ck.err()
	}
	c := &Calendar{off: map[date]string{}, work: map[date]string{}, years: map[int]bool{}}
	for _, w := range f.Rest {
		d, ok := parseWeekday(w.text)
		if !ok {
			ck.add(w.line, "rest: expected a day like sunday, got %q", w.text)
		}
		c.rest[d] = true
	}
	if c.rest == [7]bool{true, true, true, true, true, true, true} {
		ck.add(0, "rest: no working day is left")
	}
	for year, y := range f.Years {
		c.years[year] = true
		for _, o := range y.Off {
			from, to := ck.day(year, o.From), ck.day(year, o.To)
			if to.Before(from) || to.Sub(from) > 31*24*time.Hour {
				ck.add(o.To.line, "off: expected at most a month from %s, got %s", o.From.text, o.To.text)
				continue
			}
			for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
				c.off[dateOf(d)] = o.Name
			}
		}
		for _, w := range y.Work {
			d := ck.day(year, w.Day)
			if !c.rest[d.Weekday()] && c.off[dateOf(d)] == "" {
				ck.add(w.Day.line, "work: %s is a working day already", w.Day.text)
			}
			c.work[dateOf(d)] = w.Name
		}
	}
	return c, ck.err()
}

func (ck *checker) day(year int, w word) time.Time {
	d, err := time.Parse(dayFormat, w.text)
	if err != nil || d.Year() != year {
		ck.add(w.line, "expected a day of %d like %d-01-31, got %q", year, year, w.text)
	}
	return d
}

// Lists reports whether the days off of a year are known.
func (c *Calendar) Lists(year int) bool { return c.years[year] }

// Working reports whether the day of t, as its own zone sees it, is a working
// day.
func (c *Calendar) Working(t time.Time) bool {
	day := dateOf(t)
	if _, ok := c.work[day]; ok {
		return true
	}
	if _, ok := c.off[day]; ok {
		return false
	}
	return !c.rest[t.Weekday()]
}

// Holiday is the name of the day off that t falls on, or "".
func (c *Calendar) Holiday(t time.Time) string { return c.off[dateOf(t)] }

// Day is the midnight that begins the nth working day after the day of t in a
// zone. The day of t itself is not counted (Civil Code 2015 art 147).
func (c *Calendar) Day(t time.Time, n int, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	for day := d + 1; ; day++ {
		if c.Working(time.Date(y, m, day, 12, 0, 0, 0, time.UTC)) {
			n--
		}
		if n <= 0 {
			return time.Date(y, m, day, 0, 0, 0, 0, zone)
		}
	}
}

// End is the end of the nth working day after the day of t: 24:00 (art 148).
func (c *Calendar) End(t time.Time, n int, zone *time.Location) time.Time {
	return clock(c.Day(t, n, zone).Add(12*time.Hour), 1, 0, zone)
}
