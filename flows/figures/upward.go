package figures

import (
	"maps"
	"slices"
	"time"

	"hotline/flows"
)

// Period is a month, a quarter or a year: from, included, to, not.
type Period struct{ From, To time.Time }

// Months are n whole months that end before a moment, the oldest first.
func Months(now time.Time, n int, zone *time.Location) []Period {
	y, m, _ := now.In(zone).Date()
	var list []Period
	for i := n; i > 0; i-- {
		from := time.Date(y, m-time.Month(i), 1, 0, 0, 0, 0, zone)
		list = append(list, Period{from, from.AddDate(0, 1, 0)})
	}
	return list
}

// Years are n whole years that end before a moment, the oldest first.
func Years(now time.Time, n int, zone *time.Location) []Period {
	y := now.In(zone).Year()
	var list []Period
	for i := n; i > 0; i-- {
		from := time.Date(y-i, 1, 1, 0, 0, 0, 0, zone)
		list = append(list, Period{from, from.AddDate(1, 0, 0)})
	}
	return list
}

func (p Period) holds(t time.Time) bool {
	return !t.IsZero() && !t.Before(p.From) && t.Before(p.To)
}

// Counts is what happened in a period. Everything counts when it happened: a
// case that came in March and was closed in April is in both months.
type Counts struct {
	Received   int
	Verified   int // form 02 was entered: art 24 of Decree 56/2017
	Intervened int // emergency measures were decided, or the child was taken away
	Closed     int
	Urgent     int // of those received
	ByKind     map[string]int
	ByAge      map[string]int
	BySex      map[string]int
	ByOutcome  map[string]int // of those closed
	Clocks     map[string]Clock
}

// Clock is how often a legal clock was kept and missed.
type Clock struct{ Kept, Missed int }

// Upward is the report that goes up: of one commune, or of everything.
type Upward struct {
	Place   flows.PlaceID // empty: all of it
	Periods []Period      // the last one is what the report is about
	Counts  []Counts      // of each period
	// Changed says whether the last period received more than chance explains (1),
	// fewer (-1), or neither (0), beside the periods before.
	Changed int
}

// clocks are the clocks by the reason of their breach, and the steps of which the
// first stops each.
func clocks() map[string][]Step {
	assessed := Step(flows.StageAssessed)
	decided, removed := Step(flows.StageDecided), Step(flows.StageRemoved)
	planned, approved := Step(flows.StagePlanned), Step(flows.StageApproved)
	worked := []Step{assessed, decided, removed, planned, approved}
	return map[string][]Step{
		"routing":         {stepRouted},
		"answer":          {stepTaken},
		"assessment":      worked,
		"police_24h":      {stepPolice},
		"feedback":        worked,
		"decision_12h":    {decided, removed},
		"plan_5_days":     {planned, approved},
		"approval_7days":  {approved},
		"removal_15_days": {Step(flows.StageReturned)},
	}
}

// Report counts all facts in periods.
func Report(facts []*Fact, periods []Period) Upward {
	u := Upward{Periods: periods, Counts: make([]Counts, len(periods))}
	for i, p := range periods {
		u.Counts[i] = count(facts, p, func(flows.PlaceID) bool { return true })
	}
	u.compare(began(facts))
	return u
}

// began is when the first report came: before it there was no service to compare
// with.
func began(facts []*Fact) time.Time {
	var first time.Time
	for _, f := range facts {
		if at := f.Case.Opened; first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}

// ReportByPlace counts facts for each commune that had a case in any period. What
// happened counts where the case was then.
func ReportByPlace(facts []*Fact, periods []Period) []Upward {
	there := map[flows.PlaceID][]*Fact{}
	for _, f := range facts {
		for i, s := range f.Stays {
			if !slices.ContainsFunc(f.Stays[:i], func(before Stay) bool { return before.Place == s.Place }) {
				there[s.Place] = append(there[s.Place], f)
			}
		}
	}
	first, list := began(facts), make([]Upward, 0, len(there))
	for _, id := range slices.Sorted(maps.Keys(there)) {
		u := Upward{Place: id, Periods: periods, Counts: make([]Counts, len(periods))}
		for i, p := range periods {
			u.Counts[i] = count(there[id], p, func(at flows.PlaceID) bool { return at == id })
		}
		u.compare(first)
		list = append(list, u)
	}
	return list
}

// compare looks at the periods in which the service was there from the first day.
func (u *Upward) compare(began time.Time) {
	last := len(u.Counts) - 1
	var before []int
	for i, c := range u.Counts[:max(0, last)] {
		if !u.Periods[i].From.Before(began) {
			before = append(before, c.Received)
		}
	}
	if len(before) > 0 {
		u.Changed = Unusual(u.Counts[last].Received, before)
	}
}

func count(facts []*Fact, p Period, at func(flows.PlaceID) bool) Counts {
	c := Counts{ByKind: map[string]int{}, ByAge: map[string]int{}, BySex: map[string]int{}, ByOutcome: map[string]int{}, Clocks: map[string]Clock{}}
	for _, f := range facts {
		in := func(t time.Time) bool { return p.holds(t) && at(f.stay(t).Place) }
		if in(f.Case.Opened) {
			c.receive(f)
		}
		if m, ok := f.First(Step(flows.StageAssessed)); ok && in(m.At) {
			c.Verified++
		}
		if m, ok := f.intervened(); ok && in(m.At) {
			c.Intervened++
		}
		if in(f.Case.Closed) {
			c.Closed++
			c.ByOutcome[f.Case.Outcome]++
		}
		for name, steps := range clocks() {
			c.clock(f, name, steps, in)
		}
	}
	return c
}

func (c *Counts) receive(f *Fact) {
	c.Received++
	if f.Case.Severity == flows.Urgent {
		c.Urgent++
	}
	c.ByKind[f.Case.Kind]++
	c.ByAge[f.Case.Age]++
	c.BySex[f.Case.Sex]++
}

// firstOf is the earliest of some steps.
func (f *Fact) firstOf(steps []Step) (first Mark, found bool) {
	for _, s := range steps {
		if m, ok := f.First(s); ok && (!found || m.At.Before(first.At)) {
			first, found = m, true
		}
	}
	return first, found
}

// intervened is when the child was first protected: measures, or taken away.
func (f *Fact) intervened() (Mark, bool) {
	return f.firstOf([]Step{Step(flows.StageDecided), Step(flows.StageRemoved)})
}

func (c *Counts) clock(f *Fact, name string, steps []Step, in func(time.Time) bool) {
	k := c.Clocks[name]
	i := slices.IndexFunc(f.Missed, func(m Miss) bool { return m.Clock == name })
	if i >= 0 {
		if in(f.Missed[i].At) {
			k.Missed++
		}
	} else if m, ok := f.firstOf(steps); ok && in(m.At) {
		k.Kept++
	}
	c.Clocks[name] = k
}
