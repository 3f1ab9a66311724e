package retention

import (
	"errors"
	"fmt"
	"time"

	"hotline/flows"
)

// Rules say how long texts are kept after a case was closed.
type Rules struct {
	Unfounded time.Duration // no plan was made; 0: 1 year
	Planned   time.Duration // a plan was made; 0: 5 years
	// Postpone is how long before the end a new input of the reporter counts,
	// and how long after it the end comes at the earliest; 0: 14 days.
	Postpone time.Duration
}

const day = 24 * time.Hour

// Why a closed case has no timer.
const (
	WhyHold   = "legal hold"
	WhyPurged = "purged"
)

// The reasons of events.
const (
	ReasonTime  = "time"  // its time was over
	ReasonOrder = "order" // somebody may and did ask for it before
	ReasonInput = "input" // the reporter was here again
)

// ErrHeld says that a legal hold forbids it.
var ErrHeld = errors.New("a legal hold forbids it")

// Due is when the texts of a closed case are to be destroyed.
func (r Rules) Due(c *flows.Case) time.Time {
	kept := orElse(r.Unfounded, 365*day)
	if _, planned := c.Stages[flows.StagePlanned]; planned {
		kept = orElse(r.Planned, 5*365*day)
	}
	return c.Closed.Add(kept)
}

// Kept lists the lengths of time for which texts are kept after closing.
func (r Rules) Kept() []time.Duration {
	return []time.Duration{orElse(r.Unfounded, 365*day), orElse(r.Planned, 5*365*day)}
}

// Ended gives a case that is closed the timers it keeps, and if it keeps none, the
// reason. The store asks for every change of a closed case, so that none can be
// closed without an end.
func (r Rules) Ended(c *flows.Case) (flows.Timers, string) {
	due, armed := c.Timers[flows.TimerPurge]
	switch {
	case c.Hold != "":
		return nil, WhyHold
	case armed:
		return flows.Timers{flows.TimerPurge: due}, ""
	case !c.Purged.IsZero() && !c.HoldsText():
		return nil, WhyPurged
	}
	return flows.Timers{flows.TimerPurge: flows.Millis(r.Due(c))}, ""
}

// Input is a sign of life of the reporter of a closed case: what would soon be
// destroyed is kept a while. It reports false when there is nothing to change.
func (r Rules) Input(now time.Time, c flows.Case) (flows.Change, bool) {
	ms, armed := c.Timers[flows.TimerPurge]
	later := now.Add(orElse(r.Postpone, 14*day))
	if c.IsOpen() || !armed || !c.Purged.IsZero() || !flows.Moment(ms).Before(later) {
		return flows.Change{}, false
	}
	ch := flows.BeginChange(now, c)
	ch.Arm(flows.TimerPurge, later)
	ch.Log(flows.Event{Kind: flows.EventPostponed, Reason: ReasonInput})
	return ch, true
}

// Hold puts a case under a legal hold, open or closed. The order is its number or
// name, as a court writes it; one case has one.
func Hold(now time.Time, c flows.Case, by flows.MemberID, order string) (flows.Change, error) {
	switch {
	case order == "":
		return flows.Change{}, errors.New("a legal hold needs the name of its order")
	case c.Hold != "":
		return flows.Change{}, fmt.Errorf("case %s: %w: it is held already", c.Ref, ErrHeld)
	case !c.Purged.IsZero():
		return flows.Change{}, fmt.Errorf("case %s was purged on %s: there is nothing left to hold", c.Ref, c.Purged.UTC().Format(time.DateOnly))
	}
	ch := flows.BeginChange(now, c)
	ch.Case.Hold = flows.MaskNumbers(order)
	ch.Disarm(flows.TimerPurge)
	ch.Log(flows.Event{Kind: flows.EventHeld, Reason: ch.Case.Hold, By: by})
	return ch, nil
}

// Lift ends a legal hold. What should have been destroyed meanwhile stays as long
// as after an input, so that a mistake can be put right.
func (r Rules) Lift(now time.Time, c flows.Case, by flows.MemberID) (flows.Change, error) {
	if c.Hold == "" {
		return flows.Change{}, fmt.Errorf("case %s is under no legal hold", c.Ref)
	}
	ch := flows.BeginChange(now, c)
	order := c.Hold
	ch.Case.Hold = ""
	if !c.IsOpen() {
		due := r.Due(&c)
		if soonest := now.Add(orElse(r.Postpone, 14*day)); due.Before(soonest) {
			due = soonest
		}
		ch.Arm(flows.TimerPurge, due)
	}
	ch.Log(flows.Event{Kind: flows.EventReleased, Reason: order, By: by})
	return ch, nil
}

// Why a case cannot be purged before its time.
var (
	ErrOpen   = errors.New("it is open: close it before")
	ErrPurged = errors.New("it is purged already")
)

// Early lets a closed case be purged now, with what its forms hold. Whether somebody
// may ask for it, and who must agree, is decided before.
func Early(now time.Time, c flows.Case, answers []flows.Answer, by flows.MemberID) (flows.Change, error) {
	switch {
	case c.IsOpen():
		return flows.Change{}, fmt.Errorf("case %s: %w", c.Ref, ErrOpen)
	case c.Hold != "":
		return flows.Change{}, fmt.Errorf("case %s: %w", c.Ref, ErrHeld)
	case !c.Purged.IsZero():
		return flows.Change{}, fmt.Errorf("case %s: %w", c.Ref, ErrPurged)
	}
	return take(now, c, answers, by, ReasonOrder), nil
}

// take is the first step of a purge: the texts leave the case, and the timer stays
// until their key is destroyed.
func take(now time.Time, c flows.Case, answers []flows.Answer, by flows.MemberID, why string) flows.Change {
	ch := flows.BeginChange(now, c)
	ch.Case.Purge(now)
	for _, a := range answers {
		ch.Answers = append(ch.Answers, flows.Answer{Field: a.Field, Version: a.Version + 1, By: by, At: now})
	}
	ch.Arm(flows.TimerPurge, now)
	ch.Log(flows.Event{Kind: flows.EventPurged, Reason: why, By: by})
	return ch
}

// done is the second step: the key is gone.
func done(now time.Time, c flows.Case) flows.Change {
	ch := flows.BeginChange(now, c)
	ch.DisarmAll(WhyPurged)
	ch.Log(flows.Event{Kind: flows.EventShredded})
	return ch
}

func orElse(d, other time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return other
}
