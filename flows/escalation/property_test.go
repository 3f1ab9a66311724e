package escalation_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/flows/escalation"
)

// life plays anything that can happen to a case, in any order.
type life struct {
	w   escalation.World
	now time.Time
	c   flows.Case
}

func (l *life) apply(t *rapid.T, ch flows.Change) {
	if ch.Case.ID == "" {
		return
	}
	before := l.c
	l.c = ch.Case
	l.c.Version++
	if l.c.Opened != before.Opened && before.ID != "" {
		t.Fatal("the clocks were reset")
	}
	seen := map[flows.MessageID]bool{}
	for _, m := range ch.Send {
		if seen[m.ID] {
			t.Fatalf("message %s is posted twice", m.ID)
		}
		seen[m.ID] = true
	}
}

// wait lets time pass: a little, an outage, or until just after a timer.
func (l *life) wait(t *rapid.T) {
	switch rapid.IntRange(0, 5).Draw(t, "wait") {
	case 0:
		l.now = l.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second)
	case 1:
		l.now = l.now.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour)
	default:
		next := int64(0)
		for _, ms := range l.c.Timers {
			if next == 0 || ms < next {
				next = ms
			}
		}
		if next > flows.Millis(l.now) {
			l.now = flows.Moment(next)
		}
	}
	l.fire(t)
}

func (l *life) fire(t *rapid.T) {
	l.apply(t, escalation.FireAll(l.now, l.c, l.w))
	for name, ms := range l.c.Timers {
		if ms <= flows.Millis(l.now) {
			t.Fatalf("timer %s of a %s case is still due after it fired: %+v", name, l.c.Status, l.c)
		}
	}
}

func (l *life) answer(t *rapid.T) {
	members := l.w.Roster.Directory().Members
	m := members[rapid.IntRange(0, len(members)-1).Draw(t, "who")]
	steps := []escalation.Decide{escalation.Take, escalation.Decline, escalation.Raise}
	if rapid.IntRange(0, 9).Draw(t, "close") == 0 {
		steps = []escalation.Decide{escalation.Close}
	}
	ch, err := steps[rapid.IntRange(0, len(steps)-1).Draw(t, "answer")](l.now, l.c, m, flows.SMS, l.w)
	var refused *escalation.Refused
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	l.apply(t, ch)
}

// work does anything that a member may do about a case.
func (l *life) work(t *rapid.T) {
	members := l.w.Roster.Directory().Members
	draw := func(what string) flows.Member { return members[rapid.IntRange(0, len(members)-1).Draw(t, what)] }
	m, to := draw("who"), draw("to")
	stage := rapid.SampledFrom([]flows.Stage{
		flows.StageAssessed, flows.StageDecided, flows.StagePlanned, flows.StageApproved, flows.StageReviewed,
	}).Draw(t, "stage")
	var ch flows.Change
	var err error
	switch rapid.IntRange(0, 6).Draw(t, "work") {
	case 0:
		ch, err = escalation.OnSite(l.now, l.c, m, flows.SMS, l.w)
	case 1:
		ch, err = escalation.Enter(l.now, l.c, m, stage, flows.SMS, l.w)
	case 2:
		ch, err = escalation.HandOver(l.now, l.c, m, to, flows.SMS, l.w)
	case 3:
		ch, err = escalation.Lower(l.now, l.c, m, flows.SMS, l.w)
	case 4:
		ch, err = escalation.Transfer(l.now, l.c, m, pieng, flows.SMS, l.w)
	case 5:
		ch, err = escalation.Recuse(l.now, l.c, m, flows.SMS, l.w)
	case 6:
		ch, err = escalation.Official(l.now, l.c, m, flows.SMS, l.w)
	}
	if _, refused := errors.AsType[*escalation.Refused](err); err != nil && !refused {
		t.Fatal(err)
	}
	if l.c.AgainstOfficial && err == nil && !escalation.Provincial(m.Level) {
		t.Fatalf("%s of level %d works on a case about an official", m.ID, m.Level)
	}
	l.apply(t, ch)
}

func (l *life) word(t *rapid.T) {
	if len(l.c.Alerts) == 0 {
		return
	}
	a := l.c.Alerts[rapid.IntRange(0, len(l.c.Alerts)-1).Draw(t, "alert")]
	d := rapid.SampledFrom([]flows.Delivery{flows.Sent, flows.Delivered, flows.Undelivered, flows.Unknown}).Draw(t, "word")
	if ch, news := dispatch.Deliver(l.now, l.c, a.ID, flows.Status{Delivery: d}); news {
		l.apply(t, ch)
	}
}

func (l *life) place(t *rapid.T) {
	l.c.Place = maiChau
	l.apply(t, escalation.Route(l.now, l.c, l.w))
}

// check is what must always be true.
func (l *life) check(t *rapid.T) {
	c := &l.c
	if c.IsOpen() && len(c.Timers) == 0 {
		t.Fatalf("a %s case has no timer", c.Status)
	}
	if !c.IsOpen() && len(c.Timers) > 0 {
		t.Fatalf("a closed case has timers %v", c.Timers)
	}
	_, ladder := c.Timers[flows.TimerLadder]
	if ladder != (c.Status == flows.StatusOpen) {
		t.Fatalf("a %s case has ladder timer %v", c.Status, ladder)
	}
	worked := len(c.Stages)
	if _, reviewed := c.Stages[flows.StageReviewed]; reviewed {
		worked--
	}
	if _, entry := c.Timers[flows.TimerEntry]; entry != (c.Status == flows.StatusTaken && worked == 0) {
		t.Fatalf("a %s case with stages %v has entry timer %v", c.Status, c.Stages, entry)
	}
	if _, review := c.Timers[flows.TimerReview]; review != c.IsOpen() {
		t.Fatalf("a %s case has review timer %v", c.Status, review)
	}
	if (c.Holder != "") != (c.Status == flows.StatusTaken) && c.IsOpen() {
		t.Fatalf("a %s case is held by %q", c.Status, c.Holder)
	}
	for _, id := range c.Concerns() {
		m, _ := l.w.Roster.Member(id)
		if !escalation.Visible(m, c) {
			t.Fatalf("%s of level %d may answer a case that is hidden from them: %+v", id, m.Level, c)
		}
	}
}

func TestAnOpenCaseAlwaysHasATimer(t *testing.T) {
	texts, policy, calendar := shippedTexts(t), shippedPolicy(t), shippedCalendar(t)
	start := noon(t)
	rapid.Check(t, func(t *rapid.T) {
		d := directory()
		// Some posts are empty, some only by day.
		d.Shifts = slices.DeleteFunc(d.Shifts, func(s flows.Shift) bool {
			return rapid.IntRange(0, 3).Draw(t, fmt.Sprintf("%s off duty", s.Member)) == 0
		})
		for i := range d.Shifts {
			if rapid.Bool().Draw(t, "by day only") {
				d.Shifts[i].From, d.Shifts[i].To = 7*60, 19*60
			}
		}
		roster, err := escalation.NewRoster(d)
		if err != nil {
			t.Fatal(err)
		}
		l := &life{w: escalation.World{Policy: policy, Roster: roster, Texts: texts, Calendar: calendar}}
		l.now = start.Add(time.Duration(rapid.Int64Range(0, int64(300*24*time.Hour)).Draw(t, "begin")))
		severity := rapid.SampledFrom([]flows.Severity{flows.Urgent, flows.Normal}).Draw(t, "severity")
		place := rapid.SampledFrom([]flows.PlaceID{maiChau, pieng, ""}).Draw(t, "place")
		l.c = filed(l.now, 1, severity, place)
		l.c.AgainstOfficial = rapid.IntRange(0, 4).Draw(t, "official") == 0
		l.apply(t, escalation.Route(l.now, l.c, l.w))
		t.Repeat(map[string]func(*rapid.T){
			"wait": l.wait, "wait more": l.wait, "answer": l.answer, "work": l.work, "word": l.word, "place": l.place, "": l.check,
		})
	})
}
