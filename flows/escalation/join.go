package escalation

import (
	"slices"
	"time"

	"hotline/flows"
)

// mayJoin refuses who may not say what cases have to do with each other: whoever
// leads a case may, also when it is closed.
func mayJoin(c *flows.Case, m flows.Member) error {
	switch {
	case !Visible(m, c):
		return &Refused{Reason: RefusedNotYours}
	case c.Status == flows.StatusIntake || c.Status == "":
		return &Refused{Reason: RefusedNotReady, Ref: c.Ref}
	case c.Holder != m.ID && m.Level == flows.LevelDuty:
		return &Refused{RefusedLevel, c.Ref, c.Holder, c.Taken}
	}
	return nil
}

// Join notes one side of a link between two cases, and raises what is open: two
// voices about one child weigh more than one. The side that goes into the other
// is closed as a duplicate; its clocks stand where they stood.
func Join(now time.Time, c flows.Case, m flows.Member, link flows.Link, via flows.Channel, w World) (flows.Change, error) {
	if err := mayJoin(&c, m); err != nil {
		return flows.Change{}, err
	}
	if c.Link(link.Case) != nil || link.Case == c.ID {
		return flows.Change{}, &Refused{Reason: RefusedLinked, Ref: c.Ref}
	}
	if link.Kind == flows.LinkInto && !c.IsOpen() {
		return flows.Change{}, &Refused{RefusedClosed, c.Ref, c.Holder, c.Closed}
	}
	ch := answer(now, c, "join-"+string(link.Case), m)
	next := &ch.Case
	link.By, link.At = m.ID, now
	next.Links = append(next.Links, link)
	// The timeline does not name the other case: who reads this one may have no
	// right to know of that.
	ch.Log(flows.Event{Kind: flows.EventLinked, Reason: string(link.Kind), By: m.ID, Level: m.Level, Via: via})
	switch {
	case link.Kind == flows.LinkInto:
		next.Status, next.Closed = flows.StatusClosed, now
		next.Outcome, next.Why = OutcomeDuplicate, WhySameChild
		ch.DisarmAll("closed")
		ch.Log(flows.Event{Kind: flows.EventClosed, Reason: OutcomeDuplicate, By: m.ID, Level: m.Level, Via: via})
	case next.IsOpen():
		ch = ch.Then(louder(now, *next, m, w))
	}
	return ch, nil
}

// The outcome and the reason of a case that went into another one.
const (
	OutcomeDuplicate = "duplicate"
	WhySameChild     = "same_child"
)

// louder raises a case about which another report came: urgent if it was not,
// else the next level, and whoever holds it is told.
func louder(now time.Time, c flows.Case, m flows.Member, w World) flows.Change {
	var ch flows.Change
	switch {
	case c.Severity != flows.Urgent:
		ch = raise(now, c, ReasonLinked, w)
	case c.Status == flows.StatusOpen:
		ch = flows.BeginChange(now, c)
		d := climb(now, &ch.Case, w, ReasonLinked)
		d.Kind = flows.EventEscalated
		apply(&ch, d, w)
	default:
		ch = flows.BeginChange(now, c)
		for _, head := range available(now, &ch.Case, flows.LevelHead, w) {
			if head.ID != m.ID && head.ID != c.Holder {
				notice(&ch, head, "alert.linked", flows.LevelHead, w)
			}
		}
	}
	if holder, ok := w.Roster.Member(c.Holder); ok && c.Holder != "" && holder.ID != m.ID {
		notice(&ch, holder, "alert.linked", holder.Level, w)
	}
	return ch
}

// Part takes one side of a link back. A case that had gone into the other one is
// asked for again; who raised it for the link may lower it again.
func Part(now time.Time, c flows.Case, m flows.Member, other flows.CaseID, via flows.Channel, w World) (flows.Change, error) {
	if err := mayJoin(&c, m); err != nil {
		return flows.Change{}, err
	}
	link := c.Link(other)
	if link == nil {
		return flows.Change{}, &Refused{Reason: RefusedNotLinked, Ref: c.Ref}
	}
	ch := answer(now, c, "part-"+string(other), m)
	next := &ch.Case
	next.Links = slices.DeleteFunc(next.Links, func(l flows.Link) bool { return l.Case == other })
	ch.Log(flows.Event{Kind: flows.EventUnlinked, Reason: string(link.Kind), By: m.ID, Level: m.Level, Via: via})
	if link.Kind == flows.LinkInto && !next.IsOpen() {
		wake(&ch, ReasonUnlinked, w)
	}
	return ch, nil
}

// Reopen takes a closed case up again, with a higher priority than it had: a
// report came that is like it, or somebody found that it ended too early.
func Reopen(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
	if err := mayJoin(&c, m); err != nil {
		return flows.Change{}, err
	}
	if c.IsOpen() {
		return flows.Change{}, &Refused{Reason: RefusedOpen, Ref: c.Ref}
	}
	ch := answer(now, c, "reopen", m)
	ch.Log(flows.Event{Kind: flows.EventReopened, Reason: string(ReasonAgain), By: m.ID, Level: m.Level, Via: via})
	if ch.Case.Severity != flows.Urgent {
		ch.Case.Severity = flows.Urgent
		ch.Log(flows.Event{Kind: flows.EventRaised, Reason: string(ReasonAgain), By: m.ID, Level: m.Level, Via: via})
	}
	wake(&ch, ReasonAgain, w)
	return ch, nil
}

// wake asks for a closed case anew. Its legal clocks run from its first receipt,
// as ever: what ran out meanwhile has run out.
func wake(ch *flows.Change, why Reason, w World) {
	c := &ch.Case
	c.Status, c.Closed, c.Outcome, c.Why = flows.StatusOpen, time.Time{}, "", ""
	c.Holder, c.Taken, c.Paged = "", time.Time{}, 0
	c.Level, c.Round, c.Since, c.Step = 0, 0, time.Time{}, 0
	withdraw(c, ch.At, func(flows.Member) bool { return true }, w)
	armClocks(ch, w)
	ch.Disarm(flows.TimerReview)
	ch.Arm(flows.TimerReview, ch.At.Add(w.policy(c).Clocks.Review))
	restart(ch, why, w)
}

// TagAs notes what kind of contact a case was, or takes that back. It names
// nobody and stops nothing. A tag for heads is not for duty members, holder or not.
func TagAs(now time.Time, c flows.Case, m flows.Member, tag string, head bool, via flows.Channel) (flows.Change, error) {
	if err := mayJoin(&c, m); err != nil {
		return flows.Change{}, err
	}
	if head && m.Level == flows.LevelDuty {
		return flows.Change{}, &Refused{RefusedLevel, c.Ref, c.Holder, c.Taken}
	}
	ch := answer(now, c, "tag-"+tag, m)
	e := flows.Event{Kind: flows.EventTagged, Reason: tag, By: m.ID, Level: m.Level, Via: via}
	if i := slices.Index(ch.Case.Tags, tag); i >= 0 {
		ch.Case.Tags = slices.Delete(ch.Case.Tags, i, i+1)
		e.Detail = detail(nil, "off", "yes")
	} else {
		ch.Case.Tags = append(ch.Case.Tags, tag)
	}
	ch.Log(e)
	return ch, nil
}
