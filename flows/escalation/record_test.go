package escalation_test

import (
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

func as(e escalation.Entry) escalation.Decide {
	return func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		return escalation.EnterAs(now, c, m, e, via, w)
	}
}

func TestARemovalHasFifteenDaysFromTheRemovalItself(t *testing.T) {
	p := taken(t, flows.Urgent)
	removed := p.now.Add(time.Hour)
	p.now = p.now.Add(3 * time.Hour)
	for _, e := range []escalation.Entry{
		{Stage: flows.StageRemoved, At: removed},
		{Stage: flows.StagePlanned},
		{Stage: flows.StageApproved},
	} {
		if why := p.do("duty1", as(e)); why != "" {
			t.Fatal(why)
		}
	}
	p.took()
	var got []string
	for range 3 {
		p.next()
		got = append(got, p.now.Sub(removed).String()+" "+p.took()[0])
	}
	want(t, got, "240h0m0s warned removal_15_days", "312h0m0s warned removal_15_days", "360h0m0s breached removal_15_days")
	if at := p.c.Missed[flows.TimerRemoval]; at != flows.Millis(removed.Add(15*24*time.Hour)) {
		t.Errorf("missed = %v", p.c.Missed)
	}
	if why := p.do("duty1", enter(flows.StageReturned)); why != "" {
		t.Fatal(why)
	}
	if _, runs := p.c.Timers[flows.TimerRemoval]; runs || p.c.Missed[flows.TimerRemoval] == 0 {
		t.Errorf("after the return: timers %v, missed %v", p.c.Timers, p.c.Missed)
	}
	if why := p.do("duty1", as(escalation.Entry{Stage: flows.StageRemoved, At: p.now})); why != "" {
		t.Fatal(why)
	}
	if _, runs := p.c.Timers[flows.TimerRemoval]; !runs {
		t.Error("a second removal has no clock")
	}
}

func TestARemovalThatEndsInTimeIsNoBreach(t *testing.T) {
	p := taken(t, flows.Urgent)
	if why := p.do("duty1", as(escalation.Entry{Stage: flows.StageRemoved})); why != "" {
		t.Fatal(why)
	}
	if _, decided := p.c.Stages[flows.StageDecided]; !decided {
		t.Error("a removal is no emergency decision")
	}
	if why := p.do("duty1", enter(flows.StageReturned)); why != "" || len(p.c.Missed) > 0 || p.c.Timers[flows.TimerRemoval] != 0 {
		t.Errorf("%q, missed %v, timers %v", why, p.c.Missed, p.c.Timers)
	}
}

// Nothing that happens to a case takes a breach away, and no clock begins anew.
func TestABreachStaysWhateverHappens(t *testing.T) {
	p := taken(t, flows.Urgent)
	p.now = p.now.Add(13 * time.Hour)
	p.apply(escalation.FireAll(p.now, p.c, p.w))
	missed, plan := p.c.Missed[flows.TimerDecision], p.c.Timers[flows.TimerPlan]
	if missed != flows.Millis(p.c.Opened.Add(12*time.Hour)) || p.c.Missed[flows.TimerAssessment] != flows.Millis(p.c.Opened.Add(4*time.Hour)) {
		t.Fatalf("missed = %v", p.c.Missed)
	}
	other, _ := p.w.Roster.Member("duty2")
	for _, step := range []struct {
		name string
		by   flows.MemberID
		do   escalation.Decide
	}{
		{"raised and lowered", "head", escalation.Lower},
		{"handed over", "head", func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
			return escalation.HandOver(now, c, m, other, via, w)
		}},
		{"entered late", "head", as(escalation.Entry{Stage: flows.StageDecided, Why: "weather"})},
		{"moved", "head", func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
			return escalation.Transfer(now, c, m, pieng, via, w)
		}},
	} {
		why := p.do(step.by, step.do)
		if why != "" {
			t.Fatalf("%s: %s", step.name, why)
		}
		if p.c.Missed[flows.TimerDecision] != missed {
			t.Errorf("%s: the breach is %v", step.name, p.c.Missed)
		}
		if p.c.Timers[flows.TimerPlan] != plan {
			t.Errorf("%s: the clock of the plan moved", step.name)
		}
	}
}

func TestALateEntrySaysWhy(t *testing.T) {
	p := taken(t, flows.Urgent)
	p.now = p.now.Add(13 * time.Hour)
	m, _ := p.w.Roster.Member("duty1")
	ch, err := escalation.EnterAs(p.now, p.c, m, escalation.Entry{Stage: flows.StageDecided, Why: "weather"}, flows.SMS, p.w)
	if err != nil {
		t.Fatal(err)
	}
	if e := ch.Events[0]; e.Kind != flows.EventBreached || e.Reason != "decision_12h" {
		t.Errorf("what the timer could not say is missing: %+v", e)
	}
	if e := ch.Events[1]; e.Detail["late"] != "1h0m0s" || e.Detail["why"] != "weather" || ch.Case.Missed[flows.TimerDecision] == 0 {
		t.Errorf("%+v, missed %v", e, ch.Case.Missed)
	}
}

func TestWhoReadsAndWritesTheRecord(t *testing.T) {
	p := taken(t, flows.Urgent)
	for _, c := range []struct {
		who         flows.MemberID
		read, write bool
	}{
		{"duty1", true, true}, {"duty2", false, false}, {"head", true, true}, {"desk", true, true},
	} {
		m, known := p.w.Roster.Member(c.who)
		_, err := escalation.Write(p.now, p.c, m)
		if !known || escalation.MayRead(&p.c, m) != c.read || (err == nil) != c.write {
			t.Errorf("%s: reads %v, writes %v", c.who, escalation.MayRead(&p.c, m), err)
		}
	}
	p.c.AgainstOfficial = true
	for _, who := range []flows.MemberID{"duty1", "head"} {
		m, _ := p.w.Roster.Member(who)
		if _, err := escalation.Write(p.now, p.c, m); err == nil || escalation.MayRead(&p.c, m) {
			t.Errorf("%s opens the record of a case about an official", who)
		}
	}
}

func TestReferringTouchesNoClock(t *testing.T) {
	p := taken(t, flows.Urgent)
	before := len(p.c.Timers)
	at := p.now.Add(-10 * time.Minute)
	why := p.do("duty1", func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, _ escalation.World) (flows.Change, error) {
		return escalation.Refer(now, c, m, "police", at, via)
	})
	if why != "" || len(p.c.Referrals) != 1 || p.c.Referrals[0].To != "police" || !p.c.Referrals[0].At.Equal(at) || len(p.c.Timers) != before {
		t.Errorf("%q, %+v, timers %v", why, p.c.Referrals, p.c.Timers)
	}
}
