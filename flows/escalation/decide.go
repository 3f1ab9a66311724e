package escalation

import (
	"slices"
	"time"

	"hotline/flows"
)

// Decision is what the hotline does about a case at a moment, and why.
type Decision struct {
	Reason Reason
	Timer  flows.TimerName // the timer that asked for it
	Due    time.Time       // when that timer was due
	Kind   flows.EventKind // how the timeline calls it
	Level  flows.Level     // the level that is asked after it
	Fresh  bool            // the level's wait begins now
	Step   int             // how many of its steps are then taken
	Ask    []Ask
	Passed []Passed          // levels that were not asked, and why
	Nobody bool              // nobody at all is on duty
	Over   bool              // the level's time to answer is over
	Lost   []flows.MessageID // alerts that did not arrive, dealt with by it
	Next   time.Time         // when the timer is due again; zero: not
}

// Passed is a level that was not asked.
type Passed struct {
	Level  flows.Level
	Reason Reason // nobody is on duty, or the policy leaves it out
	Why    string // as the policy says
}

// Ask is one member to be asked.
type Ask struct {
	Member  flows.Member
	Level   flows.Level
	Channel flows.Channel
	Phone   int
	Aid     bool // of a neighbour commune
}

// Due decides what is to be done about a case now: the most pressing timer that
// is due, and what follows from it. It changes nothing.
func Due(now time.Time, c flows.Case, w World) Decision {
	name, due, ok := pressing(now, &c)
	if !ok {
		return Decision{Reason: ReasonNotYet, Level: c.Level}
	}
	return decide(now, &c, flows.Timer{Name: name, Due: due}, w)
}

// timerOrder is how the timers of one case press: what wakes people first.
func timerOrder() []flows.TimerName {
	return []flows.TimerName{
		flows.TimerIntake, flows.TimerLadder, flows.TimerAid, flows.TimerEntry,
		flows.TimerAssessment, flows.TimerPolice, flows.TimerDecision, flows.TimerFeedback, flows.TimerPlan, flows.TimerApproval, flows.TimerRemoval, flows.TimerReview,
	}
}

// pressing is the most pressing of the timers that are due.
func pressing(now time.Time, c *flows.Case) (flows.TimerName, time.Time, bool) {
	for _, name := range timerOrder() {
		if ms, ok := c.Timers[name]; ok && ms <= flows.Millis(now) {
			return name, flows.Moment(ms), true
		}
	}
	return "", time.Time{}, false
}

func decide(now time.Time, c *flows.Case, t flows.Timer, w World) Decision {
	var d Decision
	switch t.Name {
	case flows.TimerIntake:
		d = start(now, c, w)
	case flows.TimerLadder:
		d = ladder(now, c, w)
	case flows.TimerAid:
		d = aid(now, c, w)
	case flows.TimerEntry:
		d = entry(now, c, w)
	default:
		d = clockDue(now, c, t, w)
	}
	d.Timer, d.Due = t.Name, t.Due
	return d
}

// start chooses the first level of a case.
func start(now time.Time, c *flows.Case, w World) Decision {
	d := begin(now, c, w, "")
	d.Kind = flows.EventRouted
	switch {
	case c.AgainstOfficial:
		d.Reason = ReasonOfficial
	case c.Place == "":
		d.Reason = ReasonPlaceUnknown
	default:
		d.Reason = ReasonPlaceKnown
	}
	return d
}

// ladder decides for a case that nobody has taken.
func ladder(now time.Time, c *flows.Case, w World) Decision {
	if c.Since.IsZero() {
		return begin(now, c, w, ReasonSomebody)
	}
	if passed(deadline(c, w), now) {
		d := climb(now, c, w, ReasonUnanswered)
		d.Over = true
		return d
	}
	if lost := lostAlerts(c); len(lost) > 0 {
		return undelivered(now, c, lost, w)
	}
	return nextStep(now, c, w)
}

// passed compares in milliseconds, as timers are kept: a timer fires at the
// millisecond in which its moment lies, not after it.
func passed(at, now time.Time) bool { return flows.Millis(at) <= flows.Millis(now) }

// deadline is when the wait of the present level is over.
func deadline(c *flows.Case, w World) time.Time {
	p := w.policy(c)
	return p.after(c, c.Level, c.Since, p.rule(c, c.Level).Wait, w.zone())
}

// again is when the ladder must look at the present level next, once a number of
// its steps are taken.
func again(c *flows.Case, step int, w World) time.Time {
	p, end := w.policy(c), deadline(c, w)
	if steps := p.rule(c, c.Level).Steps; step < len(steps) {
		if at := p.after(c, c.Level, c.Since, steps[step].After, w.zone()); at.Before(end) {
			return at
		}
	}
	return end
}

// nextStep asks the same level once more. After an outage only the newest step
// that is due is taken.
func nextStep(now time.Time, c *flows.Case, w World) Decision {
	p := w.policy(c)
	steps, step := p.rule(c, c.Level).Steps, c.Step
	for step < len(steps) && passed(p.after(c, c.Level, c.Since, steps[step].After, w.zone()), now) {
		step++
	}
	d := Decision{Reason: ReasonNotYet, Level: c.Level, Step: step, Next: again(c, step, w)}
	if step > c.Step {
		d.Reason, d.Kind = ReasonNextStep, flows.EventEscalated
		d.Ask = same(now, c, steps[step-1].Channel, w)
	}
	return d
}

// undelivered deals with alerts that did not arrive: a call to the same member,
// and unless somebody else of the level is known to be reached, the next person
// or level at once. Not arriving counts as no answer.
func undelivered(now time.Time, c *flows.Case, lost []flows.Alert, w World) Decision {
	var calls []Ask
	var ids []flows.MessageID
	for _, a := range lost {
		ids = append(ids, a.ID)
		if ask, ok := otherWay(a, w); ok {
			calls = append(calls, ask)
		}
	}
	d := Decision{
		Reason: ReasonReached, Kind: flows.EventEscalated, Level: c.Level,
		Step: c.Step, Next: again(c, c.Step, w),
	}
	switch {
	case reached(c) || onlyCalls(c, lost):
	case !slices.ContainsFunc(lost, func(a flows.Alert) bool { return !isUnsure(&a) }):
		d.Reason = ReasonUnsure
	default:
		d = onward(now, c, w, ReasonUndelivered)
	}
	d.Ask, d.Lost = slices.Concat(calls, d.Ask), ids
	return d
}

// onward asks the next person of the level, or else the next level. Where there
// is neither, the present level keeps the rest of its wait: asking again at once
// would only make a loop.
func onward(now time.Time, c *flows.Case, w World, why Reason) Decision {
	if next := unasked(now, c, w); len(next) > 0 {
		return Decision{
			Reason: why, Kind: flows.EventEscalated, Level: c.Level,
			Step: c.Step, Ask: next, Next: again(c, c.Step, w),
		}
	}
	d := above(now, c, w, why)
	if len(d.Ask) == 0 {
		d.Level, d.Fresh, d.Step, d.Next = c.Level, false, c.Step, again(c, c.Step, w)
	}
	return d
}

// onlyCalls reports whether nothing but calls failed while a text is still with
// somebody: a phone that rang unheard says nothing of the text, and the level
// keeps the rest of its wait.
func onlyCalls(c *flows.Case, lost []flows.Alert) bool {
	if slices.ContainsFunc(lost, func(a flows.Alert) bool { return a.Channel != flows.Voice }) {
		return false
	}
	return slices.ContainsFunc(visit(c), func(a flows.Alert) bool {
		return a.Channel != flows.Voice && a.Delivery != flows.Undelivered && a.Reason != delayed && a.Declined.IsZero()
	})
}

// otherWay is how else a member can be told: a call after a text, the next phone
// after a call.
func otherWay(a flows.Alert, w World) (Ask, bool) {
	m, ok := w.Roster.Member(a.Member)
	if !ok {
		return Ask{}, false
	}
	ask := Ask{Member: m, Level: a.Level, Channel: flows.Voice, Phone: a.Phone}
	if a.Channel == flows.Voice {
		ask.Channel, ask.Phone = flows.SMS, a.Phone+1
	}
	return ask, ask.Phone < len(m.Phones)
}

// visit lists the alerts of the present asking of the present level.
func visit(c *flows.Case) []flows.Alert {
	if c.Since.IsZero() {
		return nil // nobody is being asked
	}
	var alerts []flows.Alert
	for _, a := range c.Alerts {
		if !a.Aid && a.Level == c.Level && !a.At.Before(c.Since) {
			alerts = append(alerts, a)
		}
	}
	return alerts
}

// delayed is dispatch's reason for an alert that the providers refuse for now:
// it is tried further, but the ladder does not wait for it.
const delayed = "delayed"

// isUnsure reports whether an alert may have arrived, and nobody will ever say.
// Dispatch does not send it again.
func isUnsure(a *flows.Alert) bool { return a.Delivery == flows.Unknown && a.Reason == "not_known" }

// lostAlerts lists the alerts that did not arrive and were not dealt with.
func lostAlerts(c *flows.Case) []flows.Alert {
	return slices.DeleteFunc(visit(c), func(a flows.Alert) bool {
		lost := a.Delivery == flows.Undelivered || isUnsure(&a) || a.Delivery == flows.Queued && a.Reason == delayed
		return !lost || a.Followed || !a.Declined.IsZero()
	})
}

// reached reports whether somebody of the level has an alert on the handset and
// has not said no.
func reached(c *flows.Case) bool {
	return slices.ContainsFunc(visit(c), func(a flows.Alert) bool {
		return a.Delivery == flows.Delivered && a.Declined.IsZero()
	})
}
