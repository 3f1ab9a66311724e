package figures

import (
	"slices"
	"time"

	"hotline/flows"
)

// Asking is what one case asked of one member, and what came of it. Alerts that
// repeat what was asked before are one asking.
type Asking struct {
	Member   flows.MemberID
	At       time.Time // of the first alert; zero: they came by themselves, or were given it
	Taken    time.Time // when they took it
	Given    time.Time // when somebody gave it to them
	Declined time.Time
}

// open reports whether the member has neither taken it nor said no.
func (a Asking) open() bool { return a.Taken.IsZero() && a.Given.IsZero() && a.Declined.IsZero() }

// ask learns from an event what was asked of a member and how they answered.
func (f *Fact) ask(e flows.Event) {
	who := e.By
	if e.Kind == flows.EventHanded {
		who = flows.MemberID(e.Detail["to"])
	}
	i := slices.IndexFunc(f.Askings, func(a Asking) bool { return a.Member == who && a.open() })
	if i < 0 {
		i = len(f.Askings)
		f.Askings = append(f.Askings, Asking{Member: who})
		if e.Kind == flows.EventAlerted {
			f.Askings[i].At = e.At
		}
	}
	switch e.Kind {
	case flows.EventTaken:
		f.Askings[i].Taken = e.At
	case flows.EventHanded:
		f.Askings[i].Given = e.At
	case flows.EventDeclined:
		f.Askings[i].Declined = e.At
	}
}

// heldBy is when somebody had the case from a moment on; zero: nobody yet.
func (f *Fact) heldBy(from time.Time) time.Time {
	var first time.Time
	for _, a := range f.Askings {
		for _, at := range []time.Time{a.Taken, a.Given} {
			if !at.IsZero() && !at.Before(from) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	return first
}

// silent reports whether a member let an alert pass: they said neither yes nor
// no in the time that an answer may take, and nobody else had the case by then.
func (f *Fact) silent(a Asking, now time.Time) bool {
	until := a.At.Add(Target(StepAnswer, f.Case.Severity))
	if a.At.IsZero() || until.After(now) {
		return false
	}
	for _, at := range []time.Time{a.Taken, a.Given, a.Declined, f.heldBy(a.At), f.Case.Closed} {
		if !at.IsZero() && !at.After(until) {
			return false
		}
	}
	return true
}

// Load is how much one member carries. What is counted over a time is of the last
// [LoadDays], but for what they took this week and this month.
type Load struct {
	Member     flows.MemberID
	Held       int // open cases in their hands now
	Week       int // cases they took since Monday
	Month      int // cases they took since the first of the month
	Timed      int // cases they took after an alert to them
	Median     time.Duration
	Declined   int
	Unanswered int // alerts that they let pass, see silent
}

// LoadDays is how far back a load looks.
const LoadDays = 30

// Loads are those of every member whom any fact names, at a moment. Zone is where
// weeks and months begin.
func Loads(facts []*Fact, now time.Time, zone *time.Location) map[flows.MemberID]Load {
	local := now.In(zone)
	y, m, d := local.Date()
	week := time.Date(y, m, d-(int(local.Weekday())+6)%7, 0, 0, 0, 0, zone)
	month := time.Date(y, m, 1, 0, 0, 0, 0, zone)
	since := now.AddDate(0, 0, -LoadDays)
	loads, waits := map[flows.MemberID]Load{}, map[flows.MemberID][]time.Duration{}
	for _, f := range facts {
		if f.Case.Status == flows.StatusTaken && f.Case.Holder != "" {
			l := loads[f.Case.Holder]
			l.Held++
			loads[f.Case.Holder] = l
		}
		for _, a := range f.Askings {
			l := loads[a.Member]
			l.Week += once(a.Taken, week, now)
			l.Month += once(a.Taken, month, now)
			l.Declined += once(a.Declined, since, now)
			if !a.At.IsZero() && once(a.Taken, since, now) > 0 {
				waits[a.Member] = append(waits[a.Member], a.Taken.Sub(a.At))
			}
			if !a.At.Before(since) && f.silent(a, now) {
				l.Unanswered++
			}
			loads[a.Member] = l
		}
	}
	for id, l := range loads {
		slices.Sort(waits[id])
		l.Member, l.Timed, l.Median = id, len(waits[id]), Rank(waits[id], .5)
		loads[id] = l
	}
	return loads
}

// once is 1 for a moment that lies between two, both included.
func once(at, from, to time.Time) int {
	if at.IsZero() || at.Before(from) || at.After(to) {
		return 0
	}
	return 1
}
