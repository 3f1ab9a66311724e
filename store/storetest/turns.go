package storetest

import (
	"errors"
	"sync"
	"time"

	"hotline/flows"
)

// turn is a step of a conversation as it would be saved.
func (k kit) turn(s flows.Session, id, text string) flows.Turn {
	was := s.Counted()
	s.Started, s.Touched, s.Screen = k.now, k.now, flows.Reply{Text: text}
	return flows.Turn{
		ID: id, Session: s, From: s.Version, Was: was, Reply: flows.Reply{Text: text, End: text == "end"},
		Keep: time.Hour, Remember: 10 * time.Minute,
	}
}

func (k kit) load(id flows.SessionID, turn string) (flows.Session, flows.Reply, bool) {
	k.Helper()
	s, reply, repeated, err := k.s.Turn(k.ctx(), id, turn)
	k.must(err)
	return s, reply, repeated
}

func oneReply(k kit) {
	id := k.session(1)
	filing := k.draft(1)
	replies := map[string]int{}
	var mu sync.Mutex
	together(20, func(i int) {
		session, reply, repeated, err := k.s.Turn(k.ctx(), id, "hop")
		if err == nil && !repeated {
			ch := filing
			ch.Case = filing.Case.Clone()
			turn := k.turn(session, "hop", label(i))
			turn.Session.Case = &ch.Case
			ch.Turn = &turn
			var out flows.Outcome
			if out, err = k.s.Commit(k.ctx(), ch); errors.Is(err, flows.ErrConflict) {
				_, reply, _, err = k.s.Turn(k.ctx(), id, "hop")
			} else {
				reply = out.Reply
			}
		}
		if err != nil {
			k.Error(err)
		}
		mu.Lock()
		replies[reply.Text]++
		mu.Unlock()
	})
	if len(replies) != 1 {
		k.Errorf("replies %v, want one", replies)
	}
	open, err := k.s.Open(k.ctx())
	k.must(err)
	k.same("cases", len(open), 1)
	k.same("timeline", k.kinds(filing.Case.ID), []flows.EventKind{flows.EventFiled})
	session, _, repeated := k.load(id, "the next, real one")
	if repeated || session.Version != 1 || session.Case == nil || session.Case.Version != 1 {
		k.Errorf("session after the turn: %+v, repeated %v", session, repeated)
	}
}

func turnForgotten(k kit) {
	session, _, repeated := k.load(k.session(0), "t1")
	k.same("new", repeated, false)
	turn := k.turn(session, "t1", "first\nline \x00 and more")
	out, err := k.s.SaveTurn(k.ctx(), k.now, turn)
	k.must(err)
	k.same("outcome", out, flows.Outcome{Reply: turn.Reply})
	other := k.turn(session, "t1", "second")
	out, err = k.s.SaveTurn(k.ctx(), k.now, other)
	k.must(err)
	k.same("again", out, flows.Outcome{Repeated: true, Reply: turn.Reply})
	session, _, _ = k.load(session.ID, "t2")
	brief := k.turn(session, "t2", "for a moment")
	brief.Remember = 40 * time.Millisecond
	_, err = k.s.SaveTurn(k.ctx(), k.now, brief)
	k.must(err)
	k.pass(60 * time.Millisecond)
	_, _, repeated = k.load(session.ID, "t2")
	k.same("remembered for ever", repeated, false)
	_, err = k.s.SaveTurn(k.ctx(), k.now, brief)
	k.want(err, flows.ErrConflict)
}

func turnOfAnother(k kit) {
	one, _, _ := k.load(k.session(1), "id")
	_, err := k.s.SaveTurn(k.ctx(), k.now, k.turn(one, "id", "a receipt"))
	k.must(err)
	two, reply, repeated := k.load(k.session(1), "id")
	if repeated || reply.Text != "" || two.Version != 0 {
		k.Errorf("another caller with the same message id sees %+v, %+v", two, reply)
	}
	out, err := k.s.SaveTurn(k.ctx(), k.now, k.turn(two, "id", "a question"))
	k.must(err)
	k.same("outcome", out, flows.Outcome{Reply: flows.Reply{Text: "a question"}})
}

func sessionExpires(k kit) {
	session, _, _ := k.load(k.session(2), "t1")
	k.same("empty", session, flows.Session{ID: session.ID})
	session.Flow, session.State, session.Vars = "report", "kind", map[string]string{"place": "04891"}
	session.Options = []flows.Option{{Value: "a", Label: "A"}}
	first := k.turn(session, "t1", "end")
	_, err := k.s.SaveTurn(k.ctx(), k.now, first)
	k.must(err)
	got, reply, repeated := k.load(session.ID, "t1")
	want := first.Session
	want.Version = 1
	k.same("session", got, want)
	k.same("reply", reply, flows.Reply{Text: "end", End: true})
	k.same("repeated", repeated, true)

	_, err = k.s.SaveTurn(k.ctx(), k.now, k.turn(session, "t2", "stale"))
	k.want(err, flows.ErrConflict)
	second := k.turn(got, "t2", "two")
	second.Keep = 40 * time.Millisecond
	_, err = k.s.SaveTurn(k.ctx(), k.now, second)
	k.must(err)
	k.pass(60 * time.Millisecond)
	got, _, _ = k.load(session.ID, "t3")
	k.same("after its time", got, flows.Session{ID: session.ID})
}

func turnWithCase(k kit) {
	id := k.session(1)
	session, _, _ := k.load(id, "t1")
	ch := k.draft(1)
	session.Case, session.CaseID = &ch.Case, ch.Case.ID
	turn := k.turn(session, "t1", "filed")
	ch.Turn = &turn
	out, err := k.s.Commit(k.ctx(), ch)
	k.must(err)
	k.same("outcome", out, flows.Outcome{Version: 1, Reply: turn.Reply})
	got, _, _ := k.load(id, "t1")
	k.same("case in the session", *got.Case, k.read(ch.Case.ID))

	// A newer session, an older case: nothing is written.
	c := k.read(ch.Case.ID)
	_, err = k.s.Commit(k.ctx(), flows.BeginChange(k.now, c))
	k.must(err)
	stale := flows.BeginChange(k.now, c)
	next := k.turn(got, "t2", "two")
	stale.Turn = &next
	_, err = k.s.Commit(k.ctx(), stale)
	k.want(err, flows.ErrConflict)
	after, _, repeated := k.load(id, "t2")
	k.same("session", after, got)
	k.same("turn", repeated, false)

	// A newer case, an older session: the same.
	fresh := flows.BeginChange(k.now, k.read(c.ID))
	old := k.turn(flows.Session{ID: id}, "t3", "three")
	fresh.Turn = &old
	_, err = k.s.Commit(k.ctx(), fresh)
	k.want(err, flows.ErrConflict)
	k.same("version", k.read(c.ID).Version, int64(2))

	// The first turn again, decided anew on whatever: its first reply.
	again := flows.BeginChange(k.now, k.read(c.ID))
	late := k.turn(got, "t1", "other words")
	again.Turn = &late
	out, err = k.s.Commit(k.ctx(), again)
	k.must(err)
	k.same("repeated", out, flows.Outcome{Version: 1, Repeated: true, Reply: turn.Reply})
}

func turnApart(k kit) {
	c, _ := k.route(k.file(1), "m1")
	id := k.session(2)
	take := func(text string) (flows.Outcome, error) {
		session, _, _ := k.load(id, "another")
		ch := flows.BeginChange(k.now, c)
		ch.Case.Status, ch.Case.Holder = flows.StatusTaken, "m1"
		ch.Log(flows.Event{Kind: flows.EventTaken, By: "m1"})
		turn := k.turn(session, "sms-1", text)
		ch.Turn = &turn
		return k.s.Commit(k.ctx(), ch)
	}
	out, err := take("yours")
	k.must(err)
	k.same("outcome", out, flows.Outcome{Version: 3, Reply: flows.Reply{Text: "yours"}})
	out, err = take("again")
	k.must(err)
	k.same("repeated", out, flows.Outcome{Version: 3, Repeated: true, Reply: flows.Reply{Text: "yours"}})
	k.same("holder", k.read(c.ID).Holder, flows.MemberID("m1"))
	session, _, _ := k.load(id, "x")
	k.same("session", session.Version, int64(1))
}

func turnWithoutID(k kit) {
	session, _, _ := k.load(k.session(3), "")
	_, err := k.s.SaveTurn(k.ctx(), k.now, k.turn(session, "", "one"))
	k.must(err)
	session, _, repeated := k.load(session.ID, "")
	k.same("version", session.Version, int64(1))
	k.same("repeated", repeated, false)
	_, err = k.s.SaveTurn(k.ctx(), k.now, k.turn(session, "", "two"))
	k.must(err)
}
