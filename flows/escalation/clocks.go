package escalation

import (
	"time"

	"hotline/flows"
)

// entry decides for a taken case without an assessment: ask the holder, and when
// that was done often enough, ask the levels above again.
func entry(now time.Time, c *flows.Case, w World) Decision {
	clock := w.policy(c).Clocks.Entry[c.Severity]
	if c.Paged < clock.Pages {
		return Decision{
			Reason: ReasonNoEntry, Kind: flows.EventPaged, Level: c.Level, Next: now.Add(clock.Again),
		}
	}
	up := *c
	if m, ok := w.Roster.Member(c.Holder); ok && rung(w.policy(c).path(c), m.Level) > rung(w.policy(c).path(c), c.Level) {
		up.Level = m.Level
	}
	d := climb(now, &up, w, ReasonQuiet)
	d.Kind = flows.EventReopened
	return d
}

// rung is the place of a level on a path.
func rung(path []flows.Level, l flows.Level) int {
	for i, p := range path {
		if p == l {
			return i
		}
	}
	return -1
}

// mark is a moment on a legal clock.
type mark struct {
	at     time.Time
	breach bool
}

// marks lists the moments of a legal clock of a case, in order.
func marks(c *flows.Case, name flows.TimerName, w World) []mark {
	clocks := w.policy(c).Clocks
	switch name {
	case flows.TimerDecision:
		var list []mark
		for _, d := range clocks.Decision.Warn {
			list = append(list, mark{at: c.Opened.Add(d)})
		}
		return append(list, mark{c.Opened.Add(clocks.Decision.Limit), true})
	case flows.TimerRemoval:
		return removal(c, clocks.Removal)
	case flows.TimerPlan:
		return days(c, clocks.Plan, clocks.WarnAt, w)
	case flows.TimerApproval:
		return days(c, clocks.Approval, clocks.WarnAt, w)
	}
	return nil
}

func days(c *flows.Case, d DayClock, warnAt int, w World) []mark {
	var list []mark
	for _, n := range d.Warn {
		day := w.Calendar.Day(c.Opened, n, w.zone())
		list = append(list, mark{at: clock(day, 0, warnAt, w.zone())})
	}
	return append(list, mark{w.Calendar.End(c.Opened, d.Limit, w.zone()), true})
}

// clockDue decides for the legal clocks. After an outage only the newest mark
// that was passed counts: a breach makes the warnings before it pointless.
func clockDue(now time.Time, c *flows.Case, t flows.Timer, w World) Decision {
	d := Decision{Level: c.Level, Reason: clockReason(t.Name), Kind: flows.EventWarned}
	if t.Name == flows.TimerReview {
		d.Next = t.Due
		for every := w.policy(c).Clocks.Review; passed(d.Next, now); {
			d.Next = d.Next.Add(every)
		}
		return d
	}
	for _, m := range marks(c, t.Name, w) {
		if !passed(m.at, now) {
			d.Next = m.at
			break
		}
		if m.breach {
			d.Kind = flows.EventBreached
		}
	}
	return d
}

func clockReason(name flows.TimerName) Reason {
	switch name {
	case flows.TimerDecision:
		return ReasonDecision
	case flows.TimerPlan:
		return ReasonPlan
	case flows.TimerApproval:
		return ReasonApproval
	case flows.TimerRemoval:
		return ReasonRemoval
	}
	return ReasonReview
}

// stageOf is the stage whose entry stops a clock.
func stageOf(name flows.TimerName) flows.Stage {
	switch name {
	case flows.TimerEntry:
		return flows.StageAssessed
	case flows.TimerDecision:
		return flows.StageDecided
	case flows.TimerPlan:
		return flows.StagePlanned
	case flows.TimerApproval:
		return flows.StageApproved
	case flows.TimerRemoval:
		return flows.StageReturned
	}
	return ""
}

// armClocks starts the legal clocks of a case that are not yet stopped. They run
// from receipt, whenever that is found out.
func armClocks(ch *flows.Change, w World) {
	c := &ch.Case
	for _, name := range []flows.TimerName{flows.TimerDecision, flows.TimerPlan, flows.TimerApproval} {
		if _, done := c.Stages[stageOf(name)]; done {
			continue
		}
		// A mark that is passed already fires at once, as what it is.
		ch.Arm(name, marks(c, name, w)[0].at)
	}
	armRemoval(ch, w)
	ch.Arm(flows.TimerReview, c.Opened.Add(w.policy(c).Clocks.Review))
}
