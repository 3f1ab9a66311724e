package escalation

import (
	"cmp"
	"time"

	"hotline/flows"
)

// Entry is a stage of the procedure as a person enters it.
type Entry struct {
	Stage flows.Stage
	At    time.Time // since when it holds; zero: from the moment it is entered
	Why   string    // why it comes late, a code of record.yaml
	Crime string    // of an assessment: whether there are signs of a crime, yes or no
}

// EnterAs notes that a stage is entered, stops the clocks that it ends and
// starts those that it begins. An entry after the limit says by how much, and
// why; the breach stays.
func EnterAs(now time.Time, c flows.Case, m flows.Member, en Entry, via flows.Channel, w World) (flows.Change, error) {
	if err := mayLead(&c, m); err != nil {
		return flows.Change{}, err
	}
	if en.At.IsZero() {
		en.At = now
	}
	ch := answer(now, c, "enter-"+string(en.Stage), m)
	next := &ch.Case
	e := flows.Event{Kind: flows.EventEntered, Reason: string(en.Stage), By: m.ID, Level: m.Level, Via: via}
	if name := lateBy(en.Stage); Overdue(now, next, en.Stage, w) {
		limit := Limit(next, name, w)
		if _, said := next.Missed[name]; !said {
			// The timer had no time to say so: the service was down.
			ch.Log(flows.Event{Kind: flows.EventBreached, Reason: string(clockReason(name)), Level: next.Level})
		}
		miss(next, name, limit)
		e.Detail = detail(nil, "late", now.Sub(limit).Round(time.Minute).String())
		if en.Why != "" {
			e.Detail = detail(e.Detail, "why", en.Why)
		}
	}
	ch.Disarm(stoppedBy(en.Stage)...)
	if next.Stages == nil {
		next.Stages = flows.Stages{}
	}
	next.Stages[en.Stage] = en.At
	switch en.Stage {
	case flows.StageAssessed:
		next.Crime = cmp.Or(en.Crime, next.Crime)
		rearm(&ch, w)
	case flows.StageReviewed:
		ch.Arm(flows.TimerReview, now.Add(w.policy(next).Clocks.Review))
	case flows.StageRemoved:
		next.Stages[flows.StageDecided] = now
		delete(next.Stages, flows.StageReturned)
		armRemoval(&ch, w)
	}
	ch.Log(e)
	return ch, nil
}

// Limit is when a legal clock of a case runs out, or ran out; zero for a clock
// that has none, or has not begun.
func Limit(c *flows.Case, name flows.TimerName, w World) time.Time {
	list := marks(c, name, w)
	if len(list) == 0 {
		return time.Time{}
	}
	return list[len(list)-1].at
}

// ClockOf is the clock that the entry of a stage ends; empty: none.
func ClockOf(stage flows.Stage) flows.TimerName { return clockOf(stage) }

// Overdue reports whether a stage is entered for the first time after its limit.
func Overdue(now time.Time, c *flows.Case, stage flows.Stage, w World) bool {
	name := lateBy(stage)
	if _, again := c.Stages[stage]; again || name == "" {
		return false
	}
	if stopped(c, name) {
		return false // by a later stage: an approved plan is a plan
	}
	limit := Limit(c, name, w)
	return !limit.IsZero() && now.After(limit)
}

// lateBy is the clock by which the entry of a stage is late: taking a child away
// is a decision.
func lateBy(stage flows.Stage) flows.TimerName {
	if stage == flows.StageRemoved {
		return flows.TimerDecision
	}
	return clockOf(stage)
}

// miss remembers that a clock ran out. The first time counts, and nothing takes
// it away.
func miss(c *flows.Case, name flows.TimerName, at time.Time) {
	if _, known := c.Missed[name]; known || at.IsZero() {
		return
	}
	if c.Missed == nil {
		c.Missed = flows.Timers{}
	}
	c.Missed[name] = flows.Millis(at)
}

// removal lists the moments of the clock of a removal: whole days from it.
func removal(c *flows.Case, d DayClock, most int) []mark {
	from, ok := c.Stages[flows.StageRemoved]
	if !ok {
		return nil
	}
	const day = 24 * time.Hour
	var list []mark
	for _, n := range d.Warn[:min(most, len(d.Warn))] {
		list = append(list, mark{at: from.Add(time.Duration(n) * day)})
	}
	if len(list) < most {
		list = append(list, mark{from.Add(time.Duration(d.Limit) * day), true})
	}
	return list
}

// armRemoval starts the clock of a removal that has not ended.
func armRemoval(ch *flows.Change, w World) {
	if _, ended := ch.Case.Stages[flows.StageReturned]; ended {
		return
	}
	if list := firstMarks(&ch.Case, flows.TimerRemoval, w, 1); len(list) > 0 {
		ch.Arm(flows.TimerRemoval, list[0].at)
	}
}

// Write begins a change of what a member writes into the record. It has no
// command: two fields written at the same version are two changes.
func Write(now time.Time, c flows.Case, m flows.Member) (flows.Change, error) {
	if err := mayLead(&c, m); err != nil {
		return flows.Change{}, err
	}
	return flows.BeginChange(now, c), nil
}

// MayRead reports whether a member may open the forms of a case: its holder, and
// of those who see it everybody above the duty members.
func MayRead(c *flows.Case, m flows.Member) bool {
	return Visible(m, c) && (c.Holder == m.ID || m.Level != flows.LevelDuty)
}

// Refer notes that the matter was handed to a body outside of the commune, at a
// moment that the member gives. No clock is touched.
func Refer(now time.Time, c flows.Case, m flows.Member, to string, at time.Time, via flows.Channel) (flows.Change, error) {
	if err := mayLead(&c, m); err != nil {
		return flows.Change{}, err
	}
	ch := answer(now, c, "refer-"+to, m)
	next := &ch.Case
	next.Referrals = append(next.Referrals, flows.Referral{Number: len(next.Referrals) + 1, To: to, By: m.ID, At: at})
	if to == police {
		ch.Disarm(flows.TimerPolice)
	}
	ch.Log(flows.Event{
		Kind: flows.EventReferred, Reason: to, By: m.ID, Level: m.Level, Via: via,
		Detail: map[string]string{"at": at.UTC().Format(time.RFC3339)},
	})
	return ch, nil
}
