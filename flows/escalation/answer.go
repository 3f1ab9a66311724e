package escalation

import (
	"fmt"
	"slices"
	"time"

	"hotline/flows"
)

// Refusal names why an answer of a member was not accepted.
type Refusal string

// The refusals.
const (
	// RefusedNotYours is for a member whom the case does not concern. They are
	// told nothing about it, not even that it exists.
	RefusedNotYours  Refusal = "not_yours"
	RefusedNotReady  Refusal = "not_ready" // the reporter is still talking
	RefusedTaken     Refusal = "taken"     // by somebody else
	RefusedHeld      Refusal = "held"      // by this very member already
	RefusedClosed    Refusal = "closed"
	RefusedNotAsked  Refusal = "not_asked" // nothing to decline
	RefusedUrgent    Refusal = "urgent_already"
	RefusedLevel     Refusal = "level" // only a higher level may
	RefusedNotHeld   Refusal = "not_held"
	RefusedNormal    Refusal = "normal_already"
	RefusedLinked    Refusal = "linked_already"
	RefusedNotLinked Refusal = "not_linked"
	RefusedOpen      Refusal = "open_already"
	RefusedHidden    Refusal = "hidden" // it would become known to people who must not know
	RefusedPlace     Refusal = "place"  // not a place that the case can go to
	RefusedNobody    Refusal = "nobody" // is on duty to hand it to
)

// Refused says why an answer was not accepted, so that the member can be told
// "K7F4 was taken by the deputy head at 21:04".
type Refused struct {
	Reason Refusal
	Ref    flows.Ref
	Who    flows.MemberID
	When   time.Time
}

func (r *Refused) Error() string {
	return fmt.Sprintf("case %s: refused: %s", r.Ref, r.Reason)
}

// Take gives an open case to a member: the ladder stops, the clocks of the
// holder start.
func Take(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
	if err := mayAnswer(&c, m); err != nil {
		return flows.Change{}, err
	}
	if c.Status == flows.StatusTaken {
		reason := RefusedTaken
		if c.Holder == m.ID {
			reason = RefusedHeld
		}
		return flows.Change{}, &Refused{reason, c.Ref, c.Holder, c.Taken}
	}
	ch := answer(now, c, "take", m)
	next := &ch.Case
	next.Status, next.Holder, next.Taken, next.Paged = flows.StatusTaken, m.ID, now, 0
	ch.Disarm(flows.TimerLadder, flows.TimerAid, flows.TimerIntake)
	armEntry(&ch, w)
	ch.Log(flows.Event{
		Kind: flows.EventTaken, By: m.ID, Level: m.Level, Via: via,
		Detail: map[string]string{"after": now.Sub(c.Opened).Round(time.Second).String()},
	})
	return ch, nil
}

// armEntry is when the holder is asked for the first assessment, unless it or
// anything that follows from it was entered.
func armEntry(ch *flows.Change, w World) {
	c := &ch.Case
	if !Assessed(c) {
		ch.Arm(flows.TimerEntry, c.Taken.Add(w.policy(c).Clocks.Entry[c.Severity].First))
	}
}

// mayAnswer refuses who must not know of the case, and cases that nobody can
// answer.
func mayAnswer(c *flows.Case, m flows.Member) error {
	switch {
	case !Visible(m, c):
		return &Refused{Reason: RefusedNotYours}
	case c.Status == flows.StatusIntake || c.Status == "":
		return &Refused{Reason: RefusedNotReady, Ref: c.Ref}
	case c.Status == flows.StatusClosed:
		return &Refused{RefusedClosed, c.Ref, c.Holder, c.Closed}
	}
	return nil
}

// answer begins a change that a member asked for. Its command id makes a repeat
// of the same decision harmless.
func answer(now time.Time, c flows.Case, verb string, m flows.Member) flows.Change {
	ch := flows.BeginChange(now, c)
	ch.CommandID = fmt.Sprintf("%s/%s/%d", verb, m.ID, c.Version)
	return ch
}

// Decline notes that a member cannot take the case and asks the next person, or
// the next level, at once. A holder who declines gives the case back.
func Decline(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
	return decline(now, c, m, "", via, w)
}

// Why a member cannot take a case, for the timeline. It is a code and never a
// text: an answer to an alert tells no story.
const (
	DeclinedBusy    = "occupied" // with something else
	DeclinedAway    = "away"     // too far to go there
	DeclinedIll     = "ill"      // unwell, or on leave
	DeclinedRelated = "related"  // party to it: see [Recuse]
	DeclinedOther   = "other"    // said in words that are no code
)

// DeclineReasons are those that people choose from, in the order of the menus.
func DeclineReasons() []string {
	return []string{DeclinedBusy, DeclinedAway, DeclinedIll, DeclinedRelated}
}

// DeclineAs is Decline with the reason, one of the codes above. Who is party to
// the matter is recused instead, and will not see the case again.
func DeclineAs(why string) Decide {
	if why == DeclinedRelated {
		return Recuse
	}
	return func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
		return decline(now, c, m, why, via, w)
	}
}

func decline(now time.Time, c flows.Case, m flows.Member, why string, via flows.Channel, w World) (flows.Change, error) {
	if err := mayAnswer(&c, m); err != nil {
		return flows.Change{}, err
	}
	if c.Status == flows.StatusTaken {
		if c.Holder != m.ID {
			return flows.Change{}, &Refused{RefusedTaken, c.Ref, c.Holder, c.Taken}
		}
		return giveBack(now, c, m, why, via, w), nil
	}
	ch := answer(now, c, "decline", m)
	next := &ch.Case
	asked := slices.ContainsFunc(visit(next), func(a flows.Alert) bool { return a.Member == m.ID && a.Declined.IsZero() })
	for i := range next.Alerts {
		if a := &next.Alerts[i]; a.Member == m.ID && a.Declined.IsZero() {
			a.Declined = now
		}
	}
	if slices.Equal(next.Concerns(), c.Concerns()) {
		return flows.Change{}, &Refused{Reason: RefusedNotAsked, Ref: c.Ref}
	}
	ch.Log(flows.Event{Kind: flows.EventDeclined, Reason: why, By: m.ID, Level: next.Level, Via: via})
	// Somebody of the level who may still answer keeps the rest of the wait.
	if asked && !pending(next) {
		apply(&ch, onward(now, next, w, ReasonDeclined), w)
	}
	return ch, nil
}

// pending reports whether somebody of the level may still answer.
func pending(c *flows.Case) bool {
	alerts := visit(c)
	return slices.ContainsFunc(alerts, func(a flows.Alert) bool {
		return a.Delivery != flows.Undelivered && !slices.ContainsFunc(alerts, func(b flows.Alert) bool {
			return b.Member == a.Member && !b.Declined.IsZero()
		})
	})
}

// giveBack asks the level of the case again, without the holder who gave up.
func giveBack(now time.Time, c flows.Case, m flows.Member, why string, via flows.Channel, w World) flows.Change {
	ch := answer(now, c, "decline", m)
	next := &ch.Case
	ch.Disarm(flows.TimerEntry)
	ch.Log(flows.Event{Kind: flows.EventDeclined, Reason: why, By: m.ID, Level: next.Level, Via: via})
	others := *next
	others.Recused = append(slices.Clone(next.Recused), m.ID)
	path := w.policy(next).path(next)
	d := search(now, &others, w, path[max(rung(path, next.Level), 0):])
	if len(d.Ask) == 0 {
		d = climb(now, next, w, ReasonDeclined)
	}
	d.Reason, d.Kind = ReasonDeclined, flows.EventReopened
	apply(&ch, d, w)
	return ch
}

// Close ends a case. Its holder may, and from the head of the group up anybody
// who sees it.
func Close(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
	return CloseAs(now, c, m, via, "", "", w)
}

// CloseAs ends a case with an outcome and the reason for it, codes of
// record.yaml; a text from a phone has no reason.
func CloseAs(now time.Time, c flows.Case, m flows.Member, via flows.Channel, outcome, why string, _ World) (flows.Change, error) {
	if err := mayLead(&c, m); err != nil {
		return flows.Change{}, err
	}
	ch := answer(now, c, "close", m)
	ch.Case.Status, ch.Case.Closed = flows.StatusClosed, now
	ch.Case.Outcome, ch.Case.Why = outcome, why
	ch.DisarmAll("closed")
	e := flows.Event{Kind: flows.EventClosed, Reason: outcome, By: m.ID, Level: m.Level, Via: via}
	if why != "" {
		e.Detail = detail(nil, "why", why)
	}
	ch.Log(e)
	return ch, nil
}

// Raise makes a case urgent. Anybody who sees it may. If nobody has taken it,
// everyone of the level who is on duty is asked at once. The zero member is the
// reporter: then nothing is refused, and what is urgent already stays as it is.
func Raise(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
	if m.ID == "" {
		return raiseByReporter(now, c, w), nil
	}
	if err := mayAnswer(&c, m); err != nil {
		return flows.Change{}, err
	}
	if c.Severity == flows.Urgent {
		return flows.Change{}, &Refused{Reason: RefusedUrgent, Ref: c.Ref}
	}
	ch := raise(now, c, ReasonPerson, w)
	ch.CommandID = fmt.Sprintf("raise/%s/%d", m.ID, c.Version)
	ch.Events[0].By, ch.Events[0].Via = m.ID, via
	return ch, nil
}

func raiseByReporter(now time.Time, c flows.Case, w World) flows.Change {
	if c.Severity == flows.Urgent || c.Status == flows.StatusClosed {
		ch := flows.BeginChange(now, c)
		rearm(&ch, w) // the kind may be known only now
		return ch
	}
	_, why := w.policy(&c).Severity(&c)
	if c.Status == flows.StatusOpen || c.Status == flows.StatusTaken {
		return raise(now, c, why, w)
	}
	ch := flows.BeginChange(now, c)
	ch.Case.Severity = flows.Urgent
	ch.Log(flows.Event{Kind: flows.EventRaised, Reason: string(why), Level: c.Level})
	return ch
}

func raise(now time.Time, c flows.Case, why Reason, w World) flows.Change {
	ch := flows.BeginChange(now, c)
	next := &ch.Case
	next.Severity = flows.Urgent
	rearm(&ch, w)
	ch.Log(flows.Event{Kind: flows.EventRaised, Reason: string(why), Level: next.Level})
	if next.Status == flows.StatusTaken {
		if due, ok := next.Timers[flows.TimerEntry]; ok {
			first := next.Taken.Add(w.policy(next).Clocks.Entry[flows.Urgent].First)
			ch.Arm(flows.TimerEntry, earlier(flows.Moment(due), first))
		}
		return ch
	}
	d := search(now, next, w, []flows.Level{next.Level})
	if len(d.Ask) == 0 {
		d = climb(now, next, w, ReasonRaised)
	}
	d.Reason, d.Kind = ReasonRaised, flows.EventEscalated
	apply(&ch, d, w)
	return ch
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
