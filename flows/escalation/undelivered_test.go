package escalation_test

import (
	"testing"
	"time"

	"hotline/flows"
)

// word sets what is known of the last alert to a member, as dispatch does, and
// lets the ladder look at once.
func (p *play) word(id flows.MemberID, d flows.Delivery) {
	p.t.Helper()
	for i := len(p.c.Alerts) - 1; i >= 0; i-- {
		if a := &p.c.Alerts[i]; a.Member == id {
			a.Delivery = d
			if d == flows.Undelivered {
				p.c.Timers[flows.TimerLadder] = flows.Millis(p.now)
				p.next()
			}
			return
		}
	}
	p.t.Fatalf("%s was not asked", id)
}

func TestAnAlertThatDoesNotArriveMovesTheLadderAtOnce(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
	p.took()
	p.word("duty1", flows.Undelivered)
	want(t, p.took(), "escalated undelivered", "voice duty1", "sms head")
	if p.now.Sub(p.c.Opened) > time.Second {
		t.Errorf("only after %s", p.now.Sub(p.c.Opened))
	}
	p.word("head", flows.Undelivered)
	want(t, p.took(), "escalated undelivered", "voice head", "sms chair")
}

func TestAnotherOneIsReached(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
	p.took()
	p.word("duty2", flows.Delivered)
	p.word("duty1", flows.Undelivered)
	want(t, p.took(), "escalated reached", "voice duty1")
	p.next()
	want(t, p.took(), "escalated next_step", "voice duty1", "voice duty2")
	p.next()
	want(t, p.took(), "breached answer", "escalated unanswered", "sms head")
	if got := p.now.Sub(p.c.Opened); got != 15*time.Minute {
		t.Errorf("the level has %s", got)
	}
}

func TestANormalCaseGoesToTheNextPersonAndTheNextPhone(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Normal, maiChau)
	p.took()
	p.word("duty1", flows.Undelivered)
	want(t, p.took(), "escalated undelivered", "voice duty1", "sms duty2")
	p.word("duty2", flows.Undelivered)
	want(t, p.took(), "escalated undelivered", "voice duty2", "sms head")
}

func TestACallThatNobodyHearsLeavesTheTextItsTime(t *testing.T) {
	d := directory()
	d.Members = append(d.Members[:1:1], d.Members[2:]...)
	d.Shifts = append(d.Shifts[:1:1], d.Shifts[2:]...)
	p := start(t, worldOf(t, d), flows.Urgent, maiChau)
	p.word("duty1", flows.Sent)
	p.next()
	p.took()
	p.word("duty1", flows.Undelivered) // the call
	want(t, p.took(), "escalated reached")
	p.next()
	want(t, p.took(), "breached answer", "escalated unanswered", "sms head")
	if got := p.now.Sub(p.c.Opened); got != 15*time.Minute {
		t.Errorf("the level has %s", got)
	}
}

func TestACaseThatNobodyTakesDoesNotGrowForEver(t *testing.T) {
	p := start(t, worldOf(t, directory()), flows.Urgent, maiChau)
	for range 2000 {
		p.next()
	}
	if n := len(p.c.Alerts); n > 200 {
		t.Errorf("it remembers %d alerts", n)
	}
	if got := len(p.c.Asked()); got != 6 {
		t.Errorf("it remembers %d of 6 members", got)
	}
}

func TestACallThatFailsTriesTheNextPhone(t *testing.T) {
	d := directory()
	d.Members[2].Phones = append(d.Members[2].Phones, phone(103))
	p := start(t, worldOf(t, d), flows.Urgent, maiChau)
	p.word("duty1", flows.Undelivered) // the head is asked
	p.word("head", flows.Undelivered)  // called, and the chair is asked
	p.took()
	if a := p.c.Alerts[len(p.c.Alerts)-2]; a.Member != "head" || a.Channel != flows.Voice || a.Phone != 0 {
		t.Errorf("the head is asked by %s on phone %d", a.Channel, a.Phone)
	}
}

func TestDeadPhonesAtTheTopDoNotMakeALoop(t *testing.T) {
	d := directory()
	d.Members = d.Members[4:] // the province alone
	d.Shifts = d.Shifts[4:]
	p := start(t, worldOf(t, d), flows.Urgent, maiChau)
	for range 4 {
		last := p.c.Alerts[len(p.c.Alerts)-1]
		p.word(last.Member, flows.Undelivered)
	}
	begin := p.now
	alerts := len(p.c.Alerts)
	if p.c.Level != flows.LevelCommittee {
		t.Fatalf("at level %d", p.c.Level)
	}
	for range 12 {
		for i := range p.c.Alerts {
			p.c.Alerts[i].Delivery = flows.Undelivered
		}
		if _, ok := p.c.Timers[flows.TimerLadder]; ok {
			p.next()
		}
	}
	if spent := p.now.Sub(begin); spent < 3*time.Hour {
		t.Errorf("12 steps take only %s; %d alerts", spent, len(p.c.Alerts)-alerts)
	}
}
