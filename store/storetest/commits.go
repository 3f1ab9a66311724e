package storetest

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"hotline/flows"
)

func filedIsFound(k kit) {
	ch := k.draft(1)
	receipt, err := flows.NewReceipt(newDice(7), 1, k.s.Partitions())
	k.must(err)
	ch.Case.Receipt, ch.Case.PIN = "hash-of-receipt", "hash-of-pin"
	ch.Case.Texts = []flows.Sealed{{Field: "text/1", Data: []byte{0, 1, '\n', 255, 0x1e, 0x1f}}}
	out, err := k.s.Commit(k.ctx(), ch)
	k.must(err)
	k.same("outcome", out, flows.Outcome{Version: 1})
	want := ch.Case
	want.Version = 1

	k.same("by id", k.read(want.ID), want)
	got, err := k.s.CaseByRef(k.ctx(), want.Ref)
	k.must(err)
	k.same("by reference", got, want)
	got, err = k.s.CaseByReceipt(k.ctx(), receipt.Number, "hash-of-receipt")
	k.must(err)
	k.same("by receipt", got, want)
	open, err := k.s.Open(k.ctx())
	k.must(err)
	k.same("on the board", open, []flows.Case{want})
	events, err := k.s.Timeline(k.ctx(), want.ID)
	k.must(err)
	k.same("timeline", events, ch.Events)
	k.same("timers", k.timers(), map[flows.CaseID]int64{want.ID: flows.Millis(k.now.Add(3 * time.Minute))})
	next, err := k.s.NextDue(k.ctx(), 1)
	k.must(err)
	k.same("next due", next, k.now.Add(3*time.Minute))
}

// everyFieldSurvives finds a field that was added to the vocabulary and gets
// lost on the way.
func everyFieldSurvives(k kit) {
	ch := k.draft(1)
	id, ref := ch.Case.ID, ch.Case.Ref
	turn := k.turn(flows.Session{}, "t1", "one")
	Fill(&ch.Case)
	Fill(&turn.Session)
	ch.Case.ID, ch.Case.Ref, ch.Case.Status = id, ref, flows.StatusOpen
	turn.Session.ID, turn.Session.Case = k.session(1), &ch.Case
	ch.Turn, ch.Send, ch.Events = &turn, make([]flows.Message, 1), make([]flows.Event, 2)
	ch.Answers = make([]flows.Answer, 2)
	Fill(&ch.Send[0])
	Fill(&ch.Answers[0])
	Fill(&ch.Answers[1])
	ch.Answers[0].Field, ch.Answers[1].Field = "01/age", "01/sex"
	Fill(&ch.Events[0])
	Fill(&ch.Events[1])
	ch.Send[0].ID = flows.MessageID(id) + "/1"
	ch.Events[1].Message = ch.Send[0].ID
	_, err := k.s.Commit(k.ctx(), ch)
	k.must(err)

	want := ch.Case.Clone()
	want.Version = 1
	exactly(k, "case", k.read(id), want)
	session, _, _ := k.load(turn.Session.ID, "t2")
	wantSession := turn.Session
	wantSession.Version, wantSession.Case = 1, &want
	exactly(k, "session", session, wantSession)
	sent, _, err := k.s.ClaimAll(k.ctx(), k.now.Add(100_000*time.Hour), time.Minute, 10)
	k.must(err)
	ch.Send[0].Lease = k.now.Add(100_000*time.Hour + time.Minute)
	exactly(k, "message", sent, ch.Send)
	events, err := k.s.Timeline(k.ctx(), id)
	k.must(err)
	exactly(k, "events", events, ch.Events)
	answers, err := k.s.Answers(k.ctx(), id)
	k.must(err)
	exactly(k, "answers", answers, ch.Answers)
}

func exactly(k kit, what string, got, want any) {
	k.Helper()
	if !reflect.DeepEqual(got, want) {
		k.Errorf("%s\n%+v, want\n%+v", what, got, want)
	}
}

func oneWinner(k kit) {
	c := k.file(2)
	var won, lost atomic.Int32
	together(32, func(i int) {
		ch := flows.BeginChange(k.now, c)
		ch.Case.Kind = label(i)
		ch.Arm(flows.TimerLadder, k.now.Add(time.Duration(i+1)*time.Minute))
		ch.Log(flows.Event{Kind: flows.EventRefined, Reason: label(i)})
		switch _, err := k.s.Commit(k.ctx(), ch); {
		case err == nil:
			won.Add(1)
		case errors.Is(err, flows.ErrConflict):
			lost.Add(1)
		default:
			k.Error(err)
		}
	})
	k.same("winners and losers", []int32{won.Load(), lost.Load()}, []int32{1, 31})
	after := k.read(c.ID)
	events, err := k.s.Timeline(k.ctx(), c.ID)
	k.must(err)
	if len(events) != 2 || events[1].Reason != after.Kind {
		k.Errorf("timeline %+v after %s won", events, after.Kind)
	}
	k.same("timers", k.timers(), map[flows.CaseID]int64{
		c.ID: min(after.Timers[flows.TimerIntake], after.Timers[flows.TimerLadder]),
	})
}

func commandRepeated(k kit) {
	c := k.file(0)
	ch := flows.BeginChange(k.now, c)
	ch.CommandID = "timer:" + string(c.ID) + "|intake"
	ch.Log(flows.Event{Kind: flows.EventRefined})
	first, err := k.s.Commit(k.ctx(), ch)
	k.must(err)
	k.same("first", first, flows.Outcome{Version: 2})
	later, err := k.s.Commit(k.ctx(), flows.BeginChange(k.now, k.read(c.ID)))
	k.must(err)
	k.same("another", later, flows.Outcome{Version: 3})
	for range 3 {
		again, err := k.s.Commit(k.ctx(), ch)
		k.must(err)
		k.same("again", again, flows.Outcome{Version: 2, Repeated: true})
	}
	k.same("timeline", k.kinds(c.ID), []flows.EventKind{flows.EventFiled, flows.EventRefined})
}

func oldCommand(k kit) {
	c := k.file(0)
	first := flows.BeginChange(k.now, c)
	first.CommandID = "the first"
	_, err := k.s.Commit(k.ctx(), first)
	k.must(err)
	for i := range 30 {
		ch := flows.BeginChange(k.now, k.read(c.ID))
		ch.CommandID = fmt.Sprint("later", i)
		_, err := k.s.Commit(k.ctx(), ch)
		k.must(err)
	}
	_, err = k.s.Commit(k.ctx(), first)
	k.want(err, flows.ErrConflict)
	k.same("version", k.read(c.ID).Version, int64(32))
}

func referenceTaken(k kit) {
	c := k.file(3)
	other := k.draft(3)
	other.Case.Ref = c.Ref
	_, err := k.s.Commit(k.ctx(), other)
	k.want(err, flows.ErrTaken)
	if errors.Is(err, flows.ErrConflict) {
		k.Error("a taken reference passes for a conflict")
	}
	_, err = k.s.Case(k.ctx(), other.Case.ID)
	k.want(err, flows.ErrNotFound)
	other.Case.Ref = k.ref(3)
	out, err := k.s.Commit(k.ctx(), other)
	k.must(err)
	k.same("outcome with another", out, flows.Outcome{Version: 1})
	found, err := k.s.CaseByRef(k.ctx(), c.Ref)
	k.must(err)
	k.same("owner", found.ID, c.ID)
}

func receiptTaken(k kit) {
	c := k.file(3)
	receipt := func(c flows.Case) error {
		ch := flows.BeginChange(k.now, c)
		ch.Case.Receipt = "hash"
		_, err := k.s.Commit(k.ctx(), ch)
		return err
	}
	k.must(receipt(c))
	k.must(receipt(k.read(c.ID))) // its own
	other := k.file(3)
	k.want(receipt(other), flows.ErrTaken)
	k.same("the other case", k.read(other.ID), other)
}

func staleVersion(k kit) {
	c, _ := k.route(k.file(1), "m1")
	before := k.timers()
	for _, from := range []int64{0, 1, 3} {
		ch := flows.BeginChange(k.now, c)
		ch.From = from
		ch.Arm(flows.TimerReview, k.now)
		ch.Log(flows.Event{Kind: flows.EventBreached})
		ch.Post(flows.Message{To: "m2"})
		ch.Settle = []flows.MessageID{c.Alerts[0].ID}
		ch.Case.Receipt = "hash"
		_, err := k.s.Commit(k.ctx(), ch)
		k.want(err, flows.ErrConflict)
	}
	k.same("case", k.read(c.ID), c)
	k.same("timers", k.timers(), before)
	k.same("timeline", k.kinds(c.ID), []flows.EventKind{flows.EventFiled, flows.EventAlerted})
	due, _, err := k.s.ClaimAll(k.ctx(), k.now, time.Minute, 10)
	k.must(err)
	if len(due) != 1 || due[0].ID != c.Alerts[0].ID {
		k.Errorf("outbox %+v", due)
	}
	_, err = k.s.CaseByReceipt(k.ctx(), numberIn(k, 1), "hash")
	k.want(err, flows.ErrNotFound)
}

func timersFollow(k kit) {
	c := k.file(0)
	other := k.file(0)
	for step, timers := range []flows.Timers{
		{flows.TimerLadder: 5000},
		{flows.TimerLadder: 9000, flows.TimerDecision: 70_000, flows.TimerPlan: 80_000},
		{flows.TimerLadder: 9000, flows.TimerDecision: 70_000, flows.TimerPlan: 80_000},
		{flows.TimerReview: 1_800_000_000_123},
		nil,
		{flows.TimerEntry: 1},
	} {
		ch := flows.BeginChange(k.now, k.read(c.ID))
		ch.Case.Timers = timers
		_, err := k.s.Commit(k.ctx(), ch)
		k.must(err)
		want := map[flows.CaseID]int64{other.ID: other.Timers[flows.TimerIntake]}
		if first := firstOf(timers); first != 0 {
			want[c.ID] = first
		}
		k.same(fmt.Sprint("timers after step ", step), k.timers(), want)
		open, err := k.s.Open(k.ctx())
		k.must(err)
		k.same(fmt.Sprint("open cases after step ", step), len(open), 2) // without a timer too
	}
}

// firstOf is when the first of some timers is due; 0 if there is none.
func firstOf(timers flows.Timers) int64 {
	if len(timers) == 0 {
		return 0
	}
	return slices.Min(slices.Collect(maps.Values(timers)))
}

func closedLeavesNothing(k kit) {
	c, id := k.route(k.file(2), "m1")
	ch := flows.BeginChange(k.now, c)
	ch.Case.Alerts[0].Delivery, ch.Case.Alerts[0].Provider, ch.Case.Alerts[0].SID = flows.Sent, "twilio", "SM9"
	ch.Settle = []flows.MessageID{id}
	_, err := k.s.Commit(k.ctx(), ch)
	k.must(err)

	ch = flows.BeginChange(k.now, k.read(c.ID))
	ch.Case.Status, ch.Case.Closed = flows.StatusClosed, k.now
	ch.Log(flows.Event{Kind: flows.EventClosed})
	_, err = k.s.Commit(k.ctx(), ch)
	k.must(err)

	after := k.read(c.ID)
	if len(after.Timers) != 0 || after.NoTimer == "" {
		k.Errorf("closed with timers %v and the reason %q for none", after.Timers, after.NoTimer)
	}
	k.same("timers", k.timers(), map[flows.CaseID]int64{})
	open, err := k.s.Open(k.ctx())
	k.must(err)
	k.same("open", ids(open), []flows.CaseID(nil))
	mine, err := k.s.Asked(k.ctx(), "m1")
	k.must(err)
	k.same("of the member", ids(mine), []flows.CaseID(nil))
	_, err = k.s.SentAs(k.ctx(), "twilio", "SM9")
	k.want(err, flows.ErrNotFound)
	found, err := k.s.CaseByRef(k.ctx(), c.Ref)
	k.must(err)
	k.same("its reference still leads to it", found, after)
}
