package escalation_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/escalation"
)

func start(t *testing.T, w escalation.World, severity flows.Severity, place flows.PlaceID) *play {
	t.Helper()
	now := noon(t)
	p := &play{t: t, w: w, now: now}
	p.apply(escalation.Route(now, filed(now, 1, severity, place), w))
	return p
}

func want(t *testing.T, got []string, lines ...string) {
	t.Helper()
	if d := cmp.Diff(lines, got); d != "" {
		t.Errorf("timeline (-want +got):\n%s", d)
	}
}

func TestNobodyAnswersAnUrgentCase(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
	begin := p.now
	want(t, p.took(), "routed place_known", "sms duty1", "sms duty2")
	p.next()
	want(t, p.took(), "escalated next_step", "voice duty1", "voice duty2")
	p.next()
	want(t, p.took(), "breached answer", "escalated unanswered", "sms head")
	if got := p.now.Sub(begin); got != 15*time.Minute {
		t.Errorf("level 2 is asked after %s", got)
	}
	p.next()
	p.next()
	p.took()
	p.next()
	want(t, p.took(), "breached answer", "escalated unanswered", "sms chair")
	if got := p.now.Sub(begin); got != 45*time.Minute {
		t.Errorf("level 3 is asked after %s", got)
	}
	p.next()
	p.next()
	p.took()
	p.next()
	want(t, p.took(), "breached answer", "escalated unanswered", "sms dept")
	p.next()
	p.next()
	p.took()
	p.next()
	want(t, p.took(), "warned assessment")
	p.next()
	want(t, p.took(), "breached assessment")
	p.next()
	want(t, p.took(), "breached answer", "escalated unanswered", "sms committee")
	p.next() // voice
	p.next() // voice
	p.took()
	p.next()
	want(t, p.took(), "warned decision_12h")
	p.next()
	want(t, p.took(), "breached answer", "escalated top_again", "sms committee")
	if p.c.Round == 0 || p.c.Level != flows.LevelCommittee {
		t.Errorf("round %d of level %d", p.c.Round, p.c.Level)
	}
}

func TestANormalCaseAsksOneAtATime(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Normal, maiChau)
	begin := p.now
	want(t, p.took(), "routed place_known", "sms duty1")
	p.next()
	want(t, p.took(), "escalated next_step", "sms duty2")
	p.next()
	want(t, p.took(), "breached answer", "escalated unanswered", "sms head")
	if got := p.now.Sub(begin); got != 2*time.Hour {
		t.Errorf("level 2 is asked after %s", got)
	}
}

func TestSomebodyTakesTheCase(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
	m, _ := p.w.Roster.Member("duty1")
	p.now = p.now.Add(4 * time.Minute)
	ch, err := escalation.Take(p.now, p.c, m, flows.SMS, p.w)
	if err != nil {
		t.Fatal(err)
	}
	p.apply(ch)
	if _, armed := p.c.Timers[flows.TimerLadder]; armed || p.c.Holder != "duty1" || p.c.Status != flows.StatusTaken {
		t.Errorf("holder %s, status %s, timers %v", p.c.Holder, p.c.Status, p.c.Timers)
	}
	other, _ := p.w.Roster.Member("head")
	_, err = escalation.Take(p.now.Add(time.Minute), p.c, other, flows.Voice, p.w)
	wantErr := &escalation.Refused{Reason: escalation.RefusedTaken, Ref: "K7F4", Who: "duty1", When: p.now}
	if d := cmp.Diff(error(wantErr), err); d != "" {
		t.Errorf("refusal (-want +got):\n%s", d)
	}
	_, err = escalation.Take(p.now, p.c, m, flows.SMS, p.w)
	if refusal(err) != escalation.RefusedHeld {
		t.Errorf("the holder again: %v", err)
	}
	stranger := member("stranger", pieng, flows.LevelDuty, 99)
	_, err = escalation.Take(p.now, p.c, stranger, flows.SMS, p.w)
	if d := cmp.Diff(error(&escalation.Refused{Reason: escalation.RefusedNotYours}), err); d != "" {
		t.Errorf("a stranger learns something (-want +got):\n%s", d)
	}
}

func TestATakenCaseThatGoesQuietIsAskedForAgain(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
	m, _ := p.w.Roster.Member("duty1")
	ch, err := escalation.Take(p.now, p.c, m, flows.SMS, p.w)
	if err != nil {
		t.Fatal(err)
	}
	p.apply(ch)
	p.took()
	p.next()
	p.next()
	p.next()
	p.next()
	want(t, p.took(), "warned assessment", "paged no_entry", "breached assessment", "paged no_entry")
	if p.now.Sub(p.c.Taken) != 4*time.Hour+30*time.Minute {
		t.Errorf("the second page is at %s", p.now.Sub(p.c.Taken))
	}
	p.next()
	want(t, p.took(), "reopened holder_quiet", "sms head")
	if p.c.Status != flows.StatusOpen || p.c.Holder != "" {
		t.Errorf("status %s, holder %q", p.c.Status, p.c.Holder)
	}
}

func TestDecline(t *testing.T) {
	for _, c := range []struct {
		name     string
		severity flows.Severity
		who      []flows.MemberID
		want     []string
	}{
		{"the next person at once", flows.Normal, []flows.MemberID{"duty1"}, []string{"declined ", "escalated declined", "sms duty2"}},
		{"the next level when nobody is left", flows.Normal, []flows.MemberID{"duty1", "duty2"}, []string{
			"declined ", "escalated declined", "sms duty2", "declined ", "escalated declined", "sms head",
		}},
		{"one of two who were asked together", flows.Urgent, []flows.MemberID{"duty1"}, []string{"declined "}},
		{"both of two", flows.Urgent, []flows.MemberID{"duty1", "duty2"}, []string{"declined ", "declined ", "escalated declined", "sms head"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, worldOf(t, directory()), c.severity, maiChau)
			p.took()
			for _, id := range c.who {
				m, _ := p.w.Roster.Member(id)
				ch, err := escalation.Decline(p.now, p.c, m, flows.SMS, p.w)
				if err != nil {
					t.Fatal(err)
				}
				p.apply(ch)
				if _, err = escalation.Decline(p.now, p.c, m, flows.SMS, p.w); refusal(err) != escalation.RefusedNotAsked {
					t.Errorf("a second no: %v", err)
				}
			}
			want(t, p.took(), c.want...)
		})
	}
}

func TestAHolderGivesTheCaseBack(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Normal, maiChau)
	m, _ := p.w.Roster.Member("duty1")
	ch, _ := escalation.Take(p.now, p.c, m, flows.SMS, p.w)
	p.apply(ch)
	p.took()
	ch, err := escalation.Decline(p.now, p.c, m, flows.SMS, p.w)
	if err != nil {
		t.Fatal(err)
	}
	p.apply(ch)
	want(t, p.took(), "declined ", "reopened declined", "sms duty2")
}

func TestWhereACaseIsRouted(t *testing.T) {
	empty := directory()
	empty.Shifts = nil
	for _, c := range []struct {
		name     string
		dir      flows.Directory
		place    flows.PlaceID
		official bool
		want     []string
	}{
		{"a commune", directory(), maiChau, false, []string{"routed place_known", "sms duty1", "sms duty2"}},
		{"no commune", directory(), "", false, []string{"routed place_unknown", "sms desk"}},
		{"about an official", directory(), maiChau, true, []string{"routed official", "sms desk"}},
		{"a commune without anybody", directory(), pieng, false, []string{
			"skipped nobody_on_duty", "skipped nobody_on_duty", "skipped nobody_on_duty", "routed place_known", "sms dept",
		}},
		{"nobody at all", empty, maiChau, false, []string{
			"skipped nobody_on_duty", "skipped nobody_on_duty", "skipped nobody_on_duty",
			"skipped nobody_on_duty", "skipped nobody_on_duty", "routed place_known",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := noon(t)
			p := &play{t: t, w: worldOf(t, c.dir), now: now}
			cs := filed(now, 1, flows.Urgent, c.place)
			cs.AgainstOfficial = c.official
			p.apply(escalation.Route(now, cs, p.w))
			want(t, p.took(), c.want...)
		})
	}
}

func TestNobodyAtAllIsLookedForAgain(t *testing.T) {
	d := directory()
	d.Shifts = nil
	p := start(t, worldOf(t, d), flows.Urgent, maiChau)
	p.took()
	p.next()
	if p.now.Sub(p.c.Opened) != 5*time.Minute {
		t.Errorf("looked again after %s", p.now.Sub(p.c.Opened))
	}
	p.took()
	p.w = worldOf(t, directory())
	p.next()
	want(t, p.took(), "escalated somebody_on_duty", "sms duty1", "sms duty2")
}

func TestThePlaceIsFoundWhileTheDeskHasTheCase(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Urgent, "")
	p.took()
	p.c.Place = maiChau
	p.apply(escalation.Route(p.now.Add(time.Minute), p.c, p.w))
	want(t, p.took(), "routed place_found", "sms duty1", "sms duty2")
	if ch := escalation.Route(p.now, p.c, p.w); len(ch.Events) != 0 {
		t.Errorf("routed twice: %v", kinds(ch))
	}
}

func TestASilentDialogueIsRoutedWithWhatIsKnown(t *testing.T) {
	now := noon(t)
	p := &play{t: t, w: worldOf(t, directory()), now: now, c: filed(now, 1, flows.Urgent, "")}
	p.next()
	want(t, p.took(), "routed place_unknown", "sms desk")
	if p.now.Sub(now) != 3*time.Minute {
		t.Errorf("routed after %s", p.now.Sub(now))
	}
}

func TestStaleTimersDoNothing(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
	due := flows.Moment(p.c.Timers[flows.TimerLadder])
	for _, c := range []struct {
		name string
		now  time.Time
		t    flows.Timer
	}{
		{"of another moment", due.Add(time.Hour), flows.Timer{Name: flows.TimerLadder, Due: due.Add(-time.Minute)}},
		{"not due yet", due.Add(-time.Millisecond), flows.Timer{Name: flows.TimerLadder, Due: due}},
		{"that the case does not have", due, flows.Timer{Name: flows.TimerEntry, Due: due}},
	} {
		if ch := escalation.Fire(c.now, p.c, c.t, p.w); ch.Case.ID != "" {
			t.Errorf("a timer %s does %v", c.name, kinds(ch))
		}
	}
}

func TestAfterAnOutageOnlyTheNewestStepIsTaken(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
	p.took()
	late := p.now.Add(9*time.Hour + time.Minute)
	p.apply(escalation.FireAll(late, p.c, p.w))
	want(t, p.took(), "breached answer", "escalated unanswered", "sms head", "breached assessment", "warned decision_12h")
	if got := flows.Moment(p.c.Timers[flows.TimerDecision]).Sub(p.c.Opened); got != 11*time.Hour {
		t.Errorf("the next warning is after %s", got)
	}
	for name, ms := range p.c.Timers {
		if ms <= flows.Millis(late) {
			t.Errorf("timer %s is still overdue", name)
		}
	}
}

func TestAlertTextsSayNothingOfTheMatter(t *testing.T) {
	texts := shippedTexts(t)
	for lang, m := range texts {
		for key := range m {
			got := texts.Text(lang, key, "ref", "K7F4WXYZ", "spelled", "K, 7, F, 4")
			if len(key) > 11 && key[:11] == "alert.voice" {
				continue
			}
			if len(got) > 160 {
				t.Errorf("%s %s: %d characters", lang, key, len(got))
			}
			for _, r := range got {
				if r > 126 {
					t.Errorf("%s %s: %q is not in every alphabet", lang, key, r)
				}
			}
		}
	}
	for key := range texts["vi"] {
		if _, ok := texts["en"][key]; !ok {
			t.Errorf("%s is missing in English", key)
		}
	}
}

func TestRaise(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Normal, maiChau)
	p.took()
	m, _ := p.w.Roster.Member("head")
	ch, err := escalation.Raise(p.now.Add(time.Minute), p.c, m, flows.SMS, p.w)
	if err != nil {
		t.Fatal(err)
	}
	p.apply(ch)
	want(t, p.took(), "raised by_person", "escalated raised", "sms duty1", "sms duty2")
	_, err = escalation.Raise(p.now, p.c, m, flows.SMS, p.w)
	if refusal(err) != escalation.RefusedUrgent {
		t.Errorf("raised twice: %v", err)
	}
	if ch, err = escalation.Raise(p.now, p.c, flows.Member{}, flows.SMS, p.w); err != nil || len(ch.Events) != 0 {
		t.Errorf("a reporter is refused: %v", err)
	}
}
