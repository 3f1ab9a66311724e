package escalation

import (
	"fmt"
	"slices"
	"time"

	"hotline/flows"
)

// Route sends a case to the people who must answer it. It is called when the
// dialogue ends, by the intake timer when it does not, and again when the
// commune becomes known while the case waits at the desk. Where there is
// nothing to do it returns a change without events.
func Route(now time.Time, c flows.Case, w World) flows.Change {
	ch := flows.BeginChange(now, c)
	next := &ch.Case
	found := next.Status == flows.StatusOpen && next.Level == flows.LevelDesk && next.Place != "" && !next.AgainstOfficial
	if next.Status != flows.StatusIntake && next.Status != "" && !found {
		return ch
	}
	settle(&ch, w)
	d := start(now, next, w)
	if found {
		d.Reason = ReasonPlaceFound
	} else {
		next.Status, next.Routed = flows.StatusOpen, now
		ch.Disarm(flows.TimerIntake)
		lateRoute(&ch, w)
		armClocks(&ch, w)
	}
	apply(&ch, d, w)
	return ch
}

// lateRoute notes that nobody was asked in time: the service was down, or busy.
func lateRoute(ch *flows.Change, w World) {
	c := &ch.Case
	limit := c.Opened.Add(w.policy(c).Clocks.Routing[c.Severity])
	if passed(limit, ch.At) {
		miss(c, flows.TimerIntake, limit)
		ch.Log(flows.Event{
			Kind: flows.EventBreached, Reason: string(ReasonRouting), Level: c.Level,
			Detail: detail(nil, "late", ch.At.Sub(limit).Round(time.Second).String()),
		})
	}
}

// settle pins the policy and the severity that follows from what is known.
func settle(ch *flows.Change, w World) {
	c := &ch.Case
	if c.Policy == "" {
		c.Policy = w.Policy.Version
	}
	if c.Severity != "" && c.Status == flows.StatusOpen {
		return // a person may have lowered it since
	}
	severity, why := w.policy(c).Severity(c)
	if severity == flows.Urgent && c.Severity == flows.Normal {
		ch.Log(flows.Event{Kind: flows.EventRaised, Reason: string(why), Level: c.Level})
	}
	c.Severity = severity
}

// Fire applies a timer. A timer that the case no longer has, or that is not yet
// due, gives a change of nothing: one without a case.
func Fire(now time.Time, c flows.Case, t flows.Timer, w World) flows.Change {
	if c.Timers[t.Name] != flows.Millis(t.Due) || flows.Millis(t.Due) > flows.Millis(now) || !c.IsOpen() {
		return flows.Change{}
	}
	if t.Name == flows.TimerIntake {
		return routeLate(now, c, t, w)
	}
	ch := flows.BeginChange(now, c)
	ch.CommandID = fmt.Sprintf("%s/%d/%d", t.Name, flows.Millis(t.Due), c.Version)
	ch.Disarm(t.Name)
	d := decide(now, &c, t, w)
	apply(&ch, d, w)
	return ch
}

// routeLate routes a case whose dialogue went silent.
func routeLate(now time.Time, c flows.Case, t flows.Timer, w World) flows.Change {
	ch := Route(now, c, w)
	ch.CommandID = fmt.Sprintf("%s/%d/%d", t.Name, flows.Millis(t.Due), c.Version)
	ch.Disarm(flows.TimerIntake)
	for i := range ch.Events {
		if ch.Events[i].Kind == flows.EventRouted {
			ch.Events[i].Detail = detail(ch.Events[i].Detail, "after", string(ReasonIntake))
		}
	}
	return ch
}

// FireAll applies every timer of a case that is due at a moment, the most
// pressing first, as one change. After an outage a case so moves once.
func FireAll(now time.Time, c flows.Case, w World) flows.Change {
	var all flows.Change
	// A timer may be due again at once: an alert did not arrive, and the level's
	// next step is due too. The bound is far above what can happen.
	for range 4 * len(timerOrder()) {
		name, due, ok := pressing(now, &c)
		if !ok {
			return all
		}
		ch := Fire(now, c, flows.Timer{Name: name, Due: due}, w)
		if ch.Case.ID == "" {
			return all
		}
		if all.Case.ID == "" {
			all = ch
		} else {
			id := all.CommandID
			all = all.Then(ch)
			all.CommandID = id
		}
		c = ch.Case
	}
	return all
}

// apply carries a decision out: the case as it will be, the timeline, the
// messages and the next timer.
func apply(ch *flows.Change, d Decision, w World) {
	c := &ch.Case
	for _, p := range d.Passed {
		e := flows.Event{Kind: flows.EventSkipped, Reason: string(p.Reason), Level: p.Level}
		if p.Why != "" {
			e.Detail = detail(nil, "because", p.Why)
		}
		ch.Log(e)
	}
	for _, id := range d.Lost {
		c.Alert(id).Followed = true
	}
	timer := d.Timer
	if d.Over {
		miss(c, flows.TimerLadder, d.Due)
		ch.Log(flows.Event{Kind: flows.EventBreached, Reason: string(ReasonAnswer), Level: c.Level, Detail: late(ch.At, d)})
	}
	switch d.Kind {
	case flows.EventRouted, flows.EventEscalated:
		timer = flows.TimerLadder
		moveLadder(ch, d)
	case flows.EventReopened:
		timer = flows.TimerLadder
		c.Status, c.Holder, c.Taken, c.Paged = flows.StatusOpen, "", time.Time{}, 0
		moveLadder(ch, d)
	case flows.EventPaged:
		c.Paged++
		tellHolder(ch, d, w)
	case flows.EventWarned, flows.EventBreached:
		if d.Kind == flows.EventBreached {
			miss(c, d.Timer, Limit(c, d.Timer, w))
		}
		tellClock(ch, d, w)
	}
	if d.Kind != "" {
		ch.Log(flows.Event{Kind: d.Kind, Reason: string(d.Reason), Level: d.Level, Detail: late(ch.At, d)})
	}
	for _, a := range d.Ask {
		queue(ch, a, d, w)
	}
	if !d.Next.IsZero() {
		ch.Arm(timer, d.Next)
	}
	if d.Kind == flows.EventRouted || d.Kind == flows.EventReopened {
		armAid(ch, w)
	}
}

// moveLadder notes which level is asked, and since when.
func moveLadder(ch *flows.Change, d Decision) {
	c := &ch.Case
	switch {
	case d.Fresh && d.Level == c.Level && !c.Since.IsZero():
		c.Round++
	case d.Fresh:
		c.Round = 0
	case d.Step > c.Step:
		c.Round++
	}
	if d.Fresh {
		c.Since = ch.At
	}
	if d.Nobody {
		c.Since = time.Time{}
	}
	c.Level, c.Step = d.Level, d.Step
}

// queue posts an alert and remembers it in the case.
func queue(ch *flows.Change, a Ask, d Decision, w World) {
	m := flows.Message{
		To: a.Member.ID, Phone: a.Phone, Channel: a.Channel, Purpose: flows.PurposeAlert,
		Urgent: ch.Case.Severity == flows.Urgent, Level: a.Level, Language: language(a.Member),
		Text: alertText(&ch.Case, a, d, w), Due: w.policy(&ch.Case).held(&ch.Case, a.Level, ch.At, w.zone()),
	}
	id := ch.Post(m)
	prune(&ch.Case)
	ch.Case.Alerts = append(ch.Case.Alerts, flows.Alert{
		ID: id, Member: a.Member.ID, Level: a.Level, Channel: a.Channel, Phone: a.Phone,
		At: ch.At, Delivery: flows.Queued, Aid: a.Aid,
	})
	e := flows.Event{
		Kind: flows.EventAlerted, Reason: string(d.Reason), By: a.Member.ID,
		Level: a.Level, Via: a.Channel, Message: id,
	}
	if m.Due.After(ch.At) {
		e.Detail = detail(nil, "held_until", m.Due.UTC().Format(time.RFC3339))
	}
	ch.Log(e)
}

// most is how many alerts a case remembers. The timeline keeps them all; a case
// that nobody takes for weeks must not grow with every round.
const most = 128

// prune forgets old alerts, but never those of the present asking, nor the last
// one of a member.
func prune(c *flows.Case) {
	if len(c.Alerts) < most {
		return
	}
	last := make(map[flows.MemberID]flows.MessageID, 16)
	for _, a := range c.Alerts {
		last[a.Member] = a.ID
	}
	c.Alerts = slices.DeleteFunc(c.Alerts, func(a flows.Alert) bool {
		return a.At.Before(c.Since) && last[a.Member] != a.ID
	})
}

// late notes by how much a timer was missed, if a person would notice.
func late(now time.Time, d Decision) map[string]string {
	if d.Due.IsZero() || now.Sub(d.Due) < time.Second {
		return nil
	}
	return detail(nil, "late", now.Sub(d.Due).Round(time.Second).String())
}

func detail(m map[string]string, key, value string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[key] = value
	return m
}
