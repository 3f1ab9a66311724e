package escalation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// breaches are the clocks of which the log says that they ran out.
func breaches(log []string) []string {
	var list []string
	for _, line := range log {
		if name, ok := strings.CutPrefix(line, "breached "); ok {
			list = append(list, name)
		}
	}
	return list
}

// whole plays a case until a moment after its receipt.
func (p *play) whole(until time.Duration) []string {
	end := p.c.Opened.Add(until)
	for {
		first := int64(1 << 62)
		for _, due := range p.c.Timers {
			first = min(first, due)
		}
		if first > flows.Millis(end) {
			p.now = end
			return p.took()
		}
		p.next()
	}
}

// TestNothingBeginsTheClockOfTheAssessmentAnew: whatever the people do who have a
// case, without an assessment it is late four hours after receipt, once.
func TestNothingBeginsTheClockOfTheAssessmentAnew(t *testing.T) {
	hand := func(to string) escalation.Decide {
		return func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
			other, _ := w.Roster.Member(flows.MemberID(to))
			return escalation.HandOver(now, c, m, other, via, w)
		}
	}
	move := func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		return escalation.Transfer(now, c, m, pieng, via, w)
	}
	for _, tt := range []struct {
		name string
		by   flows.MemberID
		do   escalation.Decide
	}{
		{"on site", "duty1", escalation.OnSite},
		{"given back", "duty1", escalation.Decline},
		{"handed over", "duty1", hand("duty2")},
		{"moved to another commune", "head", move},
		{"recused", "duty1", escalation.Recuse},
		{"about an official", "head", escalation.Official},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := taken(t, flows.Urgent)
			p.whole(3*time.Hour + 50*time.Minute)
			if why := p.do(tt.by, tt.do); why != "" {
				t.Fatal(why)
			}
			got := slices.DeleteFunc(breaches(p.whole(11*time.Hour)), func(s string) bool { return s == "answer" })
			want(t, got, "assessment")
			if at := p.c.Missed[flows.TimerAssessment]; at != flows.Millis(p.c.Opened.Add(4*time.Hour)) {
				t.Errorf("it was missed at %s", flows.Moment(at))
			}
		})
	}
}

// takenOf is a case of a kind that duty1 has taken at noon.
func takenOf(t *testing.T, kind string) *play {
	t.Helper()
	w, now := worldOf(t, directory()), noon(t)
	c := filed(now, 1, flows.Urgent, maiChau)
	c.Kind = kind
	p := &play{t: t, w: w, now: now, c: c}
	p.apply(escalation.Route(now, c, w))
	if why := p.do("duty1", escalation.Take); why != "" {
		t.Fatal(why)
	}
	p.took()
	return p
}

// TestEveryClockBreachesOnce: a case that somebody takes and nobody works on.
func TestEveryClockBreachesOnce(t *testing.T) {
	p := takenOf(t, "SEXUAL")
	got := slices.DeleteFunc(breaches(p.whole(20*24*time.Hour)), func(s string) bool { return s == "answer" })
	want(t, got, "assessment", "decision_12h", "police_24h", "feedback", "plan_5_days", "approval_7days")
}

func TestSeverityMovesTheClocksThatDependOnIt(t *testing.T) {
	p := taken(t, flows.Normal)
	limit := func() time.Duration { return escalation.Limit(&p.c, flows.TimerAssessment, p.w).Sub(p.c.Opened) }
	if got := limit(); got != 24*time.Hour {
		t.Errorf("the limit of a case that is not urgent is %s", got)
	}
	p.whole(5 * time.Hour)
	if why := p.do("duty1", escalation.Raise); why != "" {
		t.Fatal(why)
	}
	if log := p.whole(5*time.Hour + time.Minute); len(breaches(log)) != 1 || limit() != 4*time.Hour {
		t.Errorf("raised after its limit: %v, limit %s", log, limit())
	}
	if why := p.do("head", escalation.Lower); why != "" {
		t.Fatal(why)
	}
	if _, again := p.c.Timers[flows.TimerAssessment]; again || p.c.Missed[flows.TimerAssessment] == 0 {
		t.Errorf("lowering forgave the breach: %v", p.c.Missed)
	}
}

func TestSignsOfACrimeGoToThePolice(t *testing.T) {
	refer := func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, _ escalation.World) (flows.Change, error) {
		return escalation.Refer(now, c, m, "police", now, via)
	}
	found := func(crime string) escalation.Decide {
		return as(escalation.Entry{Stage: flows.StageAssessed, Crime: crime})
	}
	for _, tt := range []struct {
		name string
		kind string
		do   []escalation.Decide
		want time.Duration // until the clock warns next; 0: it does not run
	}{
		{"by its kind, from receipt", "SEXUAL", nil, time.Hour},
		{"not by its kind", "NEGLECT", nil, 0},
		{"found by the assessment, from then on", "NEGLECT", []escalation.Decide{found("yes")}, 80 * time.Minute},
		{"found to be none", "SEXUAL", []escalation.Decide{found("no")}, 0},
		{"passed on", "SEXUAL", []escalation.Decide{refer}, 0},
		{"passed on before it was found", "NEGLECT", []escalation.Decide{refer, found("yes")}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := takenOf(t, tt.kind)
			p.now = p.now.Add(20 * time.Minute)
			for _, do := range tt.do {
				if why := p.do("duty1", do); why != "" {
					t.Fatal(why)
				}
			}
			got := time.Duration(0)
			if due, runs := p.c.Timers[flows.TimerPolice]; runs {
				got = flows.Moment(due).Sub(p.c.Opened)
			}
			if got != tt.want {
				t.Errorf("it is due %s after receipt, want %s", got, tt.want)
			}
		})
	}
}

func TestARouteThatComesLateIsABreach(t *testing.T) {
	w, now := worldOf(t, directory()), noon(t)
	for after, late := range map[time.Duration]bool{3 * time.Minute: false, 6 * time.Minute: true} {
		ch := escalation.Route(now.Add(after), filed(now, 1, flows.Urgent, maiChau), w)
		got := slices.ContainsFunc(ch.Events, func(e flows.Event) bool { return e.Kind == flows.EventBreached && e.Reason == "routing" })
		if got != late {
			t.Errorf("routed after %s: breach %v", after, got)
		}
	}
}
