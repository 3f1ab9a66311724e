package escalation_test

import (
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

func joined(link flows.Link) escalation.Decide {
	return func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		return escalation.Join(now, c, m, link, via, w)
	}
}

func parted(other flows.CaseID) escalation.Decide {
	return func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		return escalation.Part(now, c, m, other, via, w)
	}
}

func TestALinkRaisesWhatIsOpen(t *testing.T) {
	same := flows.Link{Kind: flows.LinkSame, Case: "00other", Ref: "H9MA"}
	t.Run("a normal case that somebody holds", func(t *testing.T) {
		p := taken(t, flows.Normal)
		if why := p.do("head", joined(same)); why != "" || p.c.Severity != flows.Urgent || p.c.Holder != "duty1" {
			t.Errorf("%q, %s, held by %s", why, p.c.Severity, p.c.Holder)
		}
		want(t, p.took(), "linked same", "raised linked")
		if why := p.do("head", joined(same)); why != escalation.RefusedLinked {
			t.Errorf("linked twice: %q", why)
		}
		if why := p.do("head", parted("00other")); why != "" || len(p.c.Links) != 0 {
			t.Errorf("taken back: %q, %v", why, p.c.Links)
		}
		if why := p.do("head", parted("00other")); why != escalation.RefusedNotLinked {
			t.Errorf("taken back twice: %q", why)
		}
	})
	t.Run("an urgent case that nobody has taken", func(t *testing.T) {
		p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
		level := p.c.Level
		if why := p.do("head", joined(same)); why != "" || p.c.Level != level+1 {
			t.Errorf("%q, level %d after %d", why, p.c.Level, level)
		}
	})
	t.Run("a duty member who does not hold it", func(t *testing.T) {
		p := taken(t, flows.Normal)
		if why := p.do("duty2", joined(same)); why != escalation.RefusedLevel {
			t.Errorf("%q", why)
		}
	})
	t.Run("itself", func(t *testing.T) {
		p := taken(t, flows.Normal)
		if why := p.do("head", joined(flows.Link{Kind: flows.LinkSame, Case: p.c.ID})); why != escalation.RefusedLinked {
			t.Errorf("%q", why)
		}
	})
}

func TestAMergeCanBeTakenBack(t *testing.T) {
	p := taken(t, flows.Urgent)
	if why := p.do("duty1", enter(flows.StageAssessed)); why != "" {
		t.Fatal(why)
	}
	decision := p.c.Timers[flows.TimerDecision]
	if why := p.do("duty1", joined(flows.Link{Kind: flows.LinkInto, Case: "00other", Ref: "H9MA"})); why != "" {
		t.Fatal(why)
	}
	if p.c.IsOpen() || p.c.Outcome != escalation.OutcomeDuplicate || len(p.c.Timers) != 0 {
		t.Fatalf("%s, %s, timers %v", p.c.Status, p.c.Outcome, p.c.Timers)
	}
	p.now = p.now.Add(time.Hour)
	if why := p.do("head", parted("00other")); why != "" {
		t.Fatal(why)
	}
	if p.c.Status != flows.StatusOpen || p.c.Outcome != "" || p.c.Timers[flows.TimerDecision] != decision || p.c.Timers[flows.TimerLadder] == 0 {
		t.Errorf("%s, %q, timers %v, want the decision at %d", p.c.Status, p.c.Outcome, p.c.Timers, decision)
	}
}

func TestAClosedCaseIsTakenUpAgain(t *testing.T) {
	p := taken(t, flows.Normal)
	opened := p.c.Opened
	if why := p.do("duty1", escalation.Close); why != "" {
		t.Fatal(why)
	}
	if why := p.do("duty2", escalation.Reopen); why != escalation.RefusedLevel {
		t.Errorf("a duty member who did not hold it: %q", why)
	}
	p.now = p.now.Add(13 * time.Hour)
	p.took()
	if why := p.do("head", escalation.Reopen); why != "" {
		t.Fatal(why)
	}
	if p.c.Severity != flows.Urgent || p.c.Status != flows.StatusOpen || !p.c.Closed.IsZero() || !p.c.Opened.Equal(opened) {
		t.Errorf("%+v", p.c)
	}
	if why := p.do("head", escalation.Reopen); why != escalation.RefusedOpen {
		t.Errorf("twice: %q", why)
	}
	// The clock that ran out while it was closed has run out: nothing is reset.
	p.apply(escalation.FireAll(p.now, p.c, p.w))
	if p.c.Missed[flows.TimerDecision] != flows.Millis(opened.Add(12*time.Hour)) {
		t.Errorf("missed %v", p.c.Missed)
	}
}

func TestTagsNameTheContactAndStopNothing(t *testing.T) {
	tag := func(code string, head bool) escalation.Decide {
		return func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, _ escalation.World) (flows.Change, error) {
			return escalation.TagAs(now, c, m, code, head, via)
		}
	}
	p := taken(t, flows.Normal)
	timers := len(p.c.Timers)
	if why := p.do("duty1", tag("test", false)); why != "" || len(p.c.Tags) != 1 || len(p.c.Timers) != timers {
		t.Errorf("%q, %v, timers %v", why, p.c.Tags, p.c.Timers)
	}
	if why := p.do("duty1", tag("prank", true)); why != escalation.RefusedLevel {
		t.Errorf("a duty member calls it a prank: %q", why)
	}
	if why := p.do("head", tag("prank", true)); why != "" || len(p.c.Tags) != 2 {
		t.Errorf("%q, %v", why, p.c.Tags)
	}
	if why := p.do("head", tag("test", false)); why != "" || len(p.c.Tags) != 1 {
		t.Errorf("%q, %v", why, p.c.Tags)
	}
}
