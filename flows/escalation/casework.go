package escalation

import (
	"slices"
	"time"

	"hotline/flows"
)

// mayLead refuses who neither holds the case nor leads those who could: work on
// a case is its holder's, and that of the levels above the duty members.
func mayLead(c *flows.Case, m flows.Member) error {
	if err := mayAnswer(c, m); err != nil {
		return err
	}
	if c.Holder != m.ID && m.Level == flows.LevelDuty {
		return &Refused{RefusedLevel, c.Ref, c.Holder, c.Taken}
	}
	return nil
}

// OnSite notes that somebody is with the child. They are asked for an entry from
// then on; the clock of the assessment goes on as it is.
func OnSite(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
	if err := mayLead(&c, m); err != nil {
		return flows.Change{}, err
	}
	if c.Status != flows.StatusTaken {
		return flows.Change{}, &Refused{Reason: RefusedNotHeld, Ref: c.Ref}
	}
	ch := answer(now, c, "on_site", m)
	if _, running := ch.Case.Timers[flows.TimerEntry]; running {
		ch.Case.Paged = 0
		ch.Arm(flows.TimerEntry, now.Add(w.policy(&c).Clocks.Entry[c.Severity].First))
	}
	ch.Log(flows.Event{Kind: flows.EventOnSite, By: m.ID, Level: m.Level, Via: via})
	return ch, nil
}

// Enter notes that a stage of the procedure is entered, and stops its clock. An
// entry after the limit says by how much it was missed; the breach stays.
func Enter(now time.Time, c flows.Case, m flows.Member, stage flows.Stage, via flows.Channel, w World) (flows.Change, error) {
	return EnterAs(now, c, m, Entry{Stage: stage}, via, w)
}

// clockOf is the clock that a stage is the end of.
func clockOf(stage flows.Stage) flows.TimerName {
	for _, name := range timerOrder() {
		if stageOf(name) == stage {
			return name
		}
	}
	return ""
}

// stoppedBy lists the clocks that an entry ends: an approved plan is a plan too,
// and whoever has decided or planned has assessed.
func stoppedBy(stage flows.Stage) []flows.TimerName {
	switch stage {
	case flows.StageAssessed:
		return []flows.TimerName{flows.TimerEntry, flows.TimerAssessment, flows.TimerFeedback}
	case flows.StageDecided, flows.StageRemoved:
		return []flows.TimerName{flows.TimerEntry, flows.TimerAssessment, flows.TimerFeedback, flows.TimerDecision}
	case flows.StageReturned:
		return []flows.TimerName{flows.TimerRemoval}
	case flows.StagePlanned:
		return []flows.TimerName{flows.TimerEntry, flows.TimerAssessment, flows.TimerFeedback, flows.TimerPlan}
	case flows.StageApproved:
		return []flows.TimerName{flows.TimerEntry, flows.TimerAssessment, flows.TimerFeedback, flows.TimerPlan, flows.TimerApproval}
	}
	return nil
}

// Assessed reports whether somebody has worked on the case: then the reporter can
// read that somebody has been there.
func Assessed(c *flows.Case) bool {
	for stage := range c.Stages {
		if slices.Contains(stoppedBy(stage), flows.TimerEntry) {
			return true
		}
	}
	return false
}

// HandOver gives a case to another member: the holder may, and who leads. It
// resets no clock.
func HandOver(now time.Time, c flows.Case, m, to flows.Member, via flows.Channel, w World) (flows.Change, error) {
	if err := mayLead(&c, m); err != nil {
		return flows.Change{}, err
	}
	if !mayReceive(to, &c) {
		return flows.Change{}, &Refused{Reason: RefusedNotYours}
	}
	if c.Holder == to.ID {
		return flows.Change{}, &Refused{RefusedHeld, c.Ref, c.Holder, c.Taken}
	}
	ch := answer(now, c, "hand-"+string(to.ID), m)
	next := &ch.Case
	if next.Status == flows.StatusOpen {
		next.Status, next.Taken, next.Paged = flows.StatusTaken, now, 0
		ch.Disarm(flows.TimerLadder, flows.TimerAid)
	}
	next.Holder = to.ID
	if _, running := next.Timers[flows.TimerEntry]; !running {
		armEntry(&ch, w)
	}
	ch.Log(flows.Event{
		Kind: flows.EventHanded, By: m.ID, Level: to.Level, Via: via,
		Detail: map[string]string{"to": string(to.ID)},
	})
	notice(&ch, to, "alert.handed", to.Level, w)
	return ch, nil
}

// Lower makes an urgent case normal. Only from the head of the group up: who is
// alone with a hard case must not be able to make it look easy.
func Lower(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
	if err := mayAnswer(&c, m); err != nil {
		return flows.Change{}, err
	}
	if m.Level < flows.LevelHead {
		return flows.Change{}, &Refused{RefusedLevel, c.Ref, c.Holder, c.Taken}
	}
	if c.Severity != flows.Urgent {
		return flows.Change{}, &Refused{Reason: RefusedNormal, Ref: c.Ref}
	}
	ch := answer(now, c, "lower", m)
	next := &ch.Case
	next.Severity = flows.Normal
	rearm(&ch, w)
	if next.Status == flows.StatusOpen && !next.Since.IsZero() {
		ch.Arm(flows.TimerLadder, again(next, next.Step, w))
	}
	ch.Log(flows.Event{Kind: flows.EventLowered, Reason: string(ReasonPerson), By: m.ID, Level: m.Level, Via: via})
	return ch, nil
}

// Transfer moves a case to another commune, whose people are asked from their
// first level on. Every clock goes on.
func Transfer(now time.Time, c flows.Case, m flows.Member, to flows.PlaceID, via flows.Channel, w World) (flows.Change, error) {
	if err := mayAnswer(&c, m); err != nil {
		return flows.Change{}, err
	}
	if m.Level == flows.LevelDuty {
		return flows.Change{}, &Refused{RefusedLevel, c.Ref, c.Holder, c.Taken}
	}
	if place, ok := w.Roster.places[to]; !ok || place.Until != "" || to == c.Place {
		return flows.Change{}, &Refused{Reason: RefusedPlace, Ref: c.Ref}
	}
	ch := answer(now, c, "move", m)
	next := &ch.Case
	ch.Log(flows.Event{
		Kind: flows.EventMoved, By: m.ID, Level: next.Level, Via: via,
		Detail: map[string]string{"from": string(next.Place), "to": string(to)},
	})
	next.Place = to
	withdraw(next, now, func(flows.Member) bool { return true }, w)
	restart(&ch, ReasonMoved, w)
	return ch, nil
}

// Recuse takes a member off a case for good, because they are party to it. A
// case that they hold, or were the last to be asked for, is asked for again.
func Recuse(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
	if err := mayAnswer(&c, m); err != nil {
		return flows.Change{}, err
	}
	ch := answer(now, c, "recuse", m)
	next := &ch.Case
	next.Recused = append(next.Recused, m.ID)
	ch.Log(flows.Event{Kind: flows.EventRecused, By: m.ID, Level: m.Level, Via: via})
	withdraw(next, now, func(x flows.Member) bool { return x.ID == m.ID }, w)
	switch {
	case next.Status == flows.StatusTaken && next.Holder == m.ID:
		restart(&ch, ReasonRecused, w)
	case next.Status == flows.StatusOpen && !next.Since.IsZero() && !pending(next):
		apply(&ch, onward(now, next, w, ReasonRecused), w)
	}
	return ch, nil
}

// Official marks a case as being about somebody who holds office. From then on
// the commune sees nothing of it, and the province is asked. The zero member is
// the reporter.
func Official(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
	if m.ID != "" {
		if err := mayAnswer(&c, m); err != nil {
			return flows.Change{}, err
		}
	}
	ch := answer(now, c, "official", m)
	next := &ch.Case
	if next.AgainstOfficial || !next.IsOpen() {
		return ch, nil
	}
	next.AgainstOfficial = true
	ch.Disarm(flows.TimerAid)
	ch.Log(flows.Event{Kind: flows.EventRecused, Reason: string(ReasonOfficial), By: m.ID, Level: next.Level, Via: via})
	withdraw(next, now, func(x flows.Member) bool { return !Provincial(x.Level) }, w)
	holder, _ := w.Roster.Member(next.Holder)
	if next.Status == flows.StatusOpen || next.Status == flows.StatusTaken && !Provincial(holder.Level) {
		restart(&ch, ReasonOfficial, w)
	}
	return ch, nil
}

// withdraw takes back the alerts of members whom the case no longer concerns.
func withdraw(c *flows.Case, now time.Time, gone func(flows.Member) bool, w World) {
	for i := range c.Alerts {
		a := &c.Alerts[i]
		if m, known := w.Roster.Member(a.Member); a.Declined.IsZero() && (!known || gone(m)) {
			a.Declined = now
		}
	}
}

// restart asks for a case anew, from the first level of its path. No legal clock
// is touched.
func restart(ch *flows.Change, why Reason, w World) {
	c := &ch.Case
	if c.Status == flows.StatusIntake || c.Status == "" {
		return // it will be routed when the dialogue ends
	}
	d := begin(ch.At, c, w, why)
	d.Reason = why
	d.Kind = flows.EventRouted
	if c.Status == flows.StatusTaken {
		d.Kind = flows.EventReopened
		ch.Disarm(flows.TimerEntry)
	}
	apply(ch, d, w)
}
