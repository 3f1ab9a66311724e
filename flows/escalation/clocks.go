package escalation

import (
	"math"
	"slices"
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
	return firstMarks(c, name, w, math.MaxInt)
}

// firstMarks are so many of the marks at most: a new case is armed with the first
// of each clock, and working days take long to count.
func firstMarks(c *flows.Case, name flows.TimerName, w World, most int) []mark {
	clocks := &w.policy(c).Clocks
	switch name {
	case flows.TimerAssessment:
		return hours(c.Opened, clocks.Assessment[c.Severity], most)
	case flows.TimerFeedback:
		if c.Severity == flows.Urgent {
			return hours(c.Opened, clocks.Feedback.Urgent, most)
		}
		return days(c, clocks.Feedback.Normal, clocks.WarnAt, w, most)
	case flows.TimerPolice:
		if from := crime(c, clocks.Police.Kinds); !from.IsZero() {
			return hours(from, clocks.Police.HourClock, most)
		}
		return nil
	case flows.TimerDecision:
		return hours(c.Opened, clocks.Decision, most)
	case flows.TimerRemoval:
		return removal(c, clocks.Removal, most)
	case flows.TimerPlan:
		return days(c, clocks.Plan, clocks.WarnAt, w, most)
	case flows.TimerApproval:
		return days(c, clocks.Approval, clocks.WarnAt, w, most)
	}
	return nil
}

func hours(from time.Time, h HourClock, most int) []mark {
	list := make([]mark, 0, min(most, len(h.Warn)+1))
	for _, d := range h.Warn[:min(most, len(h.Warn))] {
		list = append(list, mark{at: from.Add(d)})
	}
	if len(list) < most {
		list = append(list, mark{from.Add(h.Limit), true})
	}
	return list
}

// crime is since when a case shows signs of a crime: from receipt by its kind,
// else from the assessment that found them; zero if it shows none, or has been
// found to show none.
func crime(c *flows.Case, kinds []string) time.Time {
	switch {
	case c.Crime == "no":
		return time.Time{}
	case slices.Contains(kinds, c.Kind):
		return c.Opened
	case c.Crime == "yes":
		return c.Stages[flows.StageAssessed]
	}
	return time.Time{}
}

func days(c *flows.Case, d DayClock, warnAt int, w World, most int) []mark {
	list := make([]mark, 0, min(most, len(d.Warn)+1))
	for _, n := range d.Warn[:min(most, len(d.Warn))] {
		day := w.Calendar.Day(c.Opened, n, w.zone())
		list = append(list, mark{at: clock(day, 0, warnAt, w.zone())})
	}
	if len(list) < most {
		list = append(list, mark{w.Calendar.End(c.Opened, d.Limit, w.zone()), true})
	}
	return list
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
	case flows.TimerAssessment:
		return ReasonAssessment
	case flows.TimerPolice:
		return ReasonPolice
	case flows.TimerFeedback:
		return ReasonFeedback
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
	case flows.TimerAssessment:
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
	for _, name := range []flows.TimerName{
		flows.TimerAssessment, flows.TimerPolice, flows.TimerFeedback,
		flows.TimerDecision, flows.TimerPlan, flows.TimerApproval,
	} {
		arm(ch, name, w)
	}
	armRemoval(ch, w)
	ch.Arm(flows.TimerReview, c.Opened.Add(w.policy(c).Clocks.Review))
}

// arm sets a legal clock that has neither been stopped nor run out: what is
// missed stays missed, and is said once. A mark that is passed already fires at
// once, as what it is.
func arm(ch *flows.Change, name flows.TimerName, w World) {
	c := &ch.Case
	if _, missed := c.Missed[name]; missed || stopped(c, name) {
		return
	}
	if list := firstMarks(c, name, w, 1); len(list) > 0 {
		ch.Arm(name, list[0].at)
	}
}

// stopped reports whether the duty of a clock is done.
func stopped(c *flows.Case, name flows.TimerName) bool {
	switch name {
	case flows.TimerPolice:
		return slices.ContainsFunc(c.Referrals, func(r flows.Referral) bool { return r.To == police })
	case flows.TimerFeedback:
		return Assessed(c)
	}
	for stage := range c.Stages {
		if slices.Contains(stoppedBy(stage), name) {
			return true
		}
	}
	return false
}

// police is the body of record.yaml to which signs of a crime are passed.
const police = "police"

// rearm moves the clocks whose limit depends on what is known of a case, when
// that has changed: its severity, its kind, or what the assessment found. A mark
// that the case has passed under the new limit fires at once; nothing fires twice.
func rearm(ch *flows.Change, w World) {
	c := &ch.Case
	for _, name := range []flows.TimerName{flows.TimerAssessment, flows.TimerFeedback, flows.TimerPolice} {
		ch.Disarm(name)
		if _, missed := c.Missed[name]; missed || stopped(c, name) || c.Routed.IsZero() || !c.IsOpen() {
			continue
		}
		for _, m := range marks(c, name, w) {
			if m.breach || !passed(m.at, ch.At) {
				ch.Arm(name, m.at)
				break
			}
		}
	}
}
