package escalation_test

import (
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// do lets a member answer and returns why they were refused.
func (p *play) do(id flows.MemberID, step escalation.Decide) escalation.Refusal {
	p.t.Helper()
	m, ok := p.w.Roster.Member(id)
	if !ok {
		p.t.Fatalf("no member %s", id)
	}
	ch, err := step(p.now, p.c, m, flows.SMS, p.w)
	if err != nil {
		return refusal(err)
	}
	p.apply(ch)
	return ""
}

func enter(stage flows.Stage) escalation.Decide {
	return func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		return escalation.Enter(now, c, m, stage, via, w)
	}
}

func taken(t *testing.T, severity flows.Severity) *play {
	t.Helper()
	p := start(t, worldOf(t, directory()), severity, maiChau)
	if why := p.do("duty1", escalation.Take); why != "" {
		t.Fatal(why)
	}
	p.took()
	return p
}

func TestEntriesStopTheirClocks(t *testing.T) {
	p := taken(t, flows.Urgent)
	for _, c := range []struct {
		stage flows.Stage
		left  []flows.TimerName
	}{
		{flows.StageAssessed, []flows.TimerName{flows.TimerDecision, flows.TimerPlan, flows.TimerApproval, flows.TimerReview}},
		{flows.StageDecided, []flows.TimerName{flows.TimerPlan, flows.TimerApproval, flows.TimerReview}},
		{flows.StageApproved, []flows.TimerName{flows.TimerReview}},
	} {
		if why := p.do("duty1", enter(c.stage)); why != "" {
			t.Fatal(why)
		}
		for _, name := range c.left {
			if _, ok := p.c.Timers[name]; !ok {
				t.Errorf("after %s the clock %s stands", c.stage, name)
			}
		}
		if len(p.c.Timers) != len(c.left) {
			t.Errorf("after %s the clocks are %v", c.stage, p.c.Timers)
		}
	}
	if why := p.do("duty2", enter(flows.StageReviewed)); why != escalation.RefusedLevel {
		t.Errorf("somebody else of the level enters: %q", why)
	}
	p.now = p.now.Add(20 * 24 * time.Hour)
	if why := p.do("head", enter(flows.StageReviewed)); why != "" {
		t.Error(why)
	}
	if got := flows.Moment(p.c.Timers[flows.TimerReview]).Sub(p.now); got != 30*24*time.Hour {
		t.Errorf("the next review is in %s", got)
	}
	if why := p.do("head", escalation.Close); why != "" || len(p.c.Timers) != 0 {
		t.Errorf("close: %q, timers %v", why, p.c.Timers)
	}
}

func TestTheLegalClocksWarnAndBreach(t *testing.T) {
	p := taken(t, flows.Normal)
	if why := p.do("duty1", enter(flows.StageAssessed)); why != "" {
		t.Fatal(why)
	}
	p.took()
	zone := mustZone(t, "Asia/Ho_Chi_Minh")
	var got []string
	for range 8 {
		p.next()
		got = append(got, p.now.In(zone).Format("01-02 15:04")+" "+p.took()[0])
	}
	want(t, got,
		"11-23 18:00 warned decision_12h", "11-23 21:00 warned decision_12h", "11-23 23:00 warned decision_12h", "11-24 00:00 breached decision_12h",
		"11-26 08:00 warned plan_5_days", "11-27 08:00 warned plan_5_days", "12-01 00:00 breached plan_5_days", "12-01 08:00 warned approval_7days")
}

func TestALateEntrySaysSo(t *testing.T) {
	p := taken(t, flows.Urgent)
	p.now = p.now.Add(13 * time.Hour)
	p.apply(escalation.FireAll(p.now, p.c, p.w))
	m, _ := p.w.Roster.Member("head")
	ch, err := escalation.Enter(p.now, p.c, m, flows.StageDecided, flows.SMS, p.w)
	if err != nil || ch.Events[0].Detail["late"] != "1h0m0s" {
		t.Errorf("%v, %+v", err, ch.Events)
	}
}

func TestHandOverResetsNoClock(t *testing.T) {
	p := taken(t, flows.Urgent)
	before := p.c.Timers[flows.TimerEntry]
	p.now = p.now.Add(time.Hour)
	other, _ := p.w.Roster.Member("duty2")
	hand := func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		return escalation.HandOver(now, c, m, other, via, w)
	}
	if why := p.do("duty2", hand); why != escalation.RefusedLevel {
		t.Errorf("who does not hold it gives it away: %q", why)
	}
	if why := p.do("duty1", hand); why != "" {
		t.Fatal(why)
	}
	if p.c.Holder != "duty2" || p.c.Timers[flows.TimerEntry] != before {
		t.Errorf("held by %s, entry clock moved by %d ms", p.c.Holder, p.c.Timers[flows.TimerEntry]-before)
	}
}

func TestOnSite(t *testing.T) {
	p := taken(t, flows.Urgent)
	p.now = p.now.Add(3 * time.Hour)
	if why := p.do("duty1", escalation.OnSite); why != "" {
		t.Fatal(why)
	}
	if got := flows.Moment(p.c.Timers[flows.TimerEntry]).Sub(p.now); got != 4*time.Hour {
		t.Errorf("the entry is due in %s", got)
	}
}

func TestOnlyFromTheHeadUpIsSeverityLowered(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
	p.took()
	if why := p.do("duty1", escalation.Lower); why != escalation.RefusedLevel {
		t.Errorf("a duty member lowers: %q", why)
	}
	if why := p.do("head", escalation.Lower); why != "" {
		t.Fatal(why)
	}
	want(t, p.took(), "lowered by_person")
	p.next()
	if got := p.now.Sub(p.c.Opened); got != time.Hour {
		t.Errorf("the next step is after %s", got)
	}
}

func TestTransferKeepsTheClocks(t *testing.T) {
	d := directory()
	d.Members = append(d.Members, member("pieng1", pieng, flows.LevelDuty, 60))
	d.Shifts = append(d.Shifts, always(d.Members[len(d.Members)-1]))
	p := start(t, worldOf(t, d), flows.Urgent, maiChau)
	if why := p.do("head", escalation.Take); why != "" {
		t.Fatal(why)
	}
	p.took()
	opened, decision := p.c.Opened, p.c.Timers[flows.TimerDecision]
	p.now = p.now.Add(2 * time.Hour)
	move := func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		return escalation.Transfer(now, c, m, pieng, via, w)
	}
	if why := p.do("head", move); why != "" {
		t.Fatal(why)
	}
	want(t, p.took(), "moved ", "reopened moved", "sms pieng1")
	if p.c.Opened != opened || p.c.Timers[flows.TimerDecision] != decision {
		t.Error("a clock was reset")
	}
	for _, id := range []flows.MemberID{"duty1", "head"} {
		if why := p.do(id, escalation.Take); why != escalation.RefusedNotYours {
			t.Errorf("%s of the old commune: %q", id, why)
		}
	}
	if got := p.c.Concerns(); len(got) != 1 || got[0] != "pieng1" {
		t.Errorf("it concerns %v", got)
	}
}

func TestConflictOfInterest(t *testing.T) {
	commune := []flows.MemberID{"duty1", "duty2", "head", "chair"}
	steps := map[string]escalation.Decide{
		"take": escalation.Take, "decline": escalation.Decline, "raise": escalation.Raise, "close": escalation.Close,
		"on site": escalation.OnSite, "lower": escalation.Lower, "recuse": escalation.Recuse, "enter": enter(flows.StageDecided),
	}
	hidden := func(t *testing.T, p *play) {
		t.Helper()
		for _, id := range commune {
			m, _ := p.w.Roster.Member(id)
			if escalation.Visible(m, &p.c) {
				t.Errorf("%s sees the case", id)
			}
			for name, step := range steps {
				if why := p.do(id, step); why != escalation.RefusedNotYours {
					t.Errorf("%s by %s: %q", name, id, why)
				}
			}
		}
	}
	never := func(t *testing.T, p *play) {
		t.Helper()
		for range 30 {
			if p.next(); p.c.Level >= flows.LevelDuty && p.c.Level <= flows.LevelChair {
				t.Fatalf("level %d is asked", p.c.Level)
			}
		}
	}
	t.Run("the reporter says so", func(t *testing.T) {
		now := noon(t)
		p := &play{t: t, w: worldOf(t, directory()), now: now, c: filed(now, 1, flows.Urgent, maiChau)}
		p.c.AgainstOfficial = true
		p.apply(escalation.Route(now, p.c, p.w))
		want(t, p.took(), "routed official", "sms desk")
		hidden(t, p)
		never(t, p)
		hidden(t, p)
	})
	t.Run("it turns out while the commune holds it", func(t *testing.T) {
		p := taken(t, flows.Urgent)
		if why := p.do("desk", escalation.Official); why != "" {
			t.Fatal(why)
		}
		want(t, p.took(), "recused official", "reopened official", "sms desk")
		hidden(t, p)
		never(t, p)
	})
	t.Run("a member recuses themselves", func(t *testing.T) {
		p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
		p.took()
		for _, id := range []flows.MemberID{"duty1", "duty2"} {
			if why := p.do(id, escalation.Recuse); why != "" {
				t.Fatal(why)
			}
		}
		want(t, p.took(), "recused ", "recused ", "escalated recused", "sms head")
		if why := p.do("duty1", escalation.Take); why != escalation.RefusedNotYours {
			t.Errorf("a recused member takes it: %q", why)
		}
	})
	t.Run("the holder recuses themselves", func(t *testing.T) {
		p := taken(t, flows.Normal)
		if why := p.do("duty1", escalation.Recuse); why != "" {
			t.Fatal(why)
		}
		want(t, p.took(), "recused ", "reopened recused", "sms duty2")
	})
}
