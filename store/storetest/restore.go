package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"hotline/flows"
	"hotline/store"
)

// all is everything that the store knows of a case.
type all struct {
	Case     flows.Case
	Timeline []flows.Event
	Waiting  []flows.Message
	Answers  []flows.Answer
}

func (k kit) all(id flows.CaseID) all {
	k.Helper()
	timeline, err := k.s.Timeline(k.ctx(), id)
	k.must(err)
	waiting, err := k.s.Waiting(k.ctx(), id)
	k.must(err)
	answers, err := k.s.Answers(k.ctx(), id)
	k.must(err)
	return all{k.read(id), timeline, waiting, answers}
}

// refilled compares an empty store that is filled at once with one that takes
// the case by itself.
func (k kit) refilled(want all) {
	k.Helper()
	other, err := store.OpenEmbedded(k.ctx(), store.Options{Partitions: k.s.Partitions()})
	k.must(err)
	defer func() { _ = other.Close() }()
	o := k
	o.s = other.Store
	for range 2 { // the second time it is not empty
		k.must(refill(k.ctx(), o.s, flows.Whole(want)))
		exactly(k, "refilled", o.all(want.Case.ID), want)
	}
	timers, err := k.s.Due(k.ctx(), 2, k.now.Add(time.Hour), 10)
	k.must(err)
	refilled, err := o.s.Due(k.ctx(), 2, k.now.Add(time.Hour), 10)
	k.must(err)
	k.same("timers", refilled, timers)
	for _, member := range []flows.MemberID{"m1", "m2"} {
		asked, err := o.s.Asked(k.ctx(), member)
		k.must(err)
		k.same("cases of "+string(member), len(asked), len(k.only(member, want.Case.ID)))
	}
	id, err := o.s.SentAs(k.ctx(), "gate", "sid-2")
	k.must(err)
	k.same("by provider's id", id, want.Case.Alerts[0].ID)
	byRef, err := o.s.CaseByRef(k.ctx(), want.Case.Ref)
	k.must(err)
	k.same("by reference", byRef.ID, want.Case.ID)
	open, err := o.s.Open(k.ctx())
	k.must(err)
	k.same("open", ids(open), []flows.CaseID{want.Case.ID})
	next := flows.BeginChange(k.now, want.Case)
	out, err := o.s.Commit(k.ctx(), next)
	k.must(err)
	k.same("the next version", out.Version, want.Case.Version+1)
}

// refill brings cases back as a start does.
func refill(ctx context.Context, s *store.Store, cases ...flows.Whole) error {
	r, err := s.Refill(ctx)
	if err != nil {
		return err
	}
	return errors.Join(r.Add(ctx, cases, nil), r.Done(ctx))
}

// only is the case of a member, if it is theirs.
func (k kit) only(member flows.MemberID, id flows.CaseID) []flows.Case {
	k.Helper()
	asked, err := k.s.Asked(k.ctx(), member)
	k.must(err)
	return slices.DeleteFunc(asked, func(c flows.Case) bool { return c.ID != id })
}

// restoredFromJournal copies a case to another id, as if that were another
// store, and finds all of it there.
func restoredFromJournal(k kit) {
	c, sent := k.route(k.file(1), "m1")
	ch := flows.BeginChange(k.now, c)
	ch.Case.Alert(sent).Provider, ch.Case.Alert(sent).SID = "gate", "sid-1"
	second := ch.Post(flows.Message{To: "m2", Text: "second"})
	ch.Settle = []flows.MessageID{sent}
	ch.Case.Receipt = "hash"
	ch.Answers = []flows.Answer{{Field: "01/child_name", Version: 1, By: "m1", At: k.now, Data: []byte("sealed")}, {Field: "01/sex", Version: 3}}
	_, err := k.s.Commit(k.ctx(), ch)
	k.must(err)
	was := k.all(c.ID)
	k.same("waiting", len(was.Waiting), 1)

	lost := was
	lost.Case = was.Case.Clone()
	lost.Case.ID, lost.Case.Ref, lost.Case.Receipt = k.id(2), k.ref(2), "another"
	moved := func(id flows.MessageID) flows.MessageID { return flows.MessageID(lost.Case.ID) + id[len(c.ID):] }
	lost.Case.Alerts[0].ID, lost.Case.Alerts[0].SID = moved(sent), "sid-2"
	lost.Timeline[1].Message = moved(sent)
	lost.Waiting[0].ID, lost.Waiting[0].Case = moved(second), lost.Case.ID

	// An older version is in place, with a timer that must go.
	older := flows.BeginChange(k.now, flows.Case{ID: lost.Case.ID, Ref: lost.Case.Ref, Status: flows.StatusIntake, Opened: k.now})
	older.Arm(flows.TimerIntake, k.now)
	_, err = k.s.Commit(k.ctx(), older)
	k.must(err)
	for range 2 {
		k.must(k.s.RestoreCase(k.ctx(), flows.Whole(lost)))
	}
	exactly(k, "restored", k.all(lost.Case.ID), lost)
	k.same("timers", k.timers(), map[flows.CaseID]int64{
		c.ID: firstOf(was.Case.Timers), lost.Case.ID: firstOf(was.Case.Timers),
	})
	k.refilled(lost)
	found, err := k.s.CaseByRef(k.ctx(), lost.Case.Ref)
	k.must(err)
	k.same("by reference", found.ID, lost.Case.ID)
	id, err := k.s.SentAs(k.ctx(), "gate", "sid-2")
	k.must(err)
	k.same("by provider's id", id, moved(sent))
	concerned, err := k.s.Concerning(k.ctx(), "m1")
	k.must(err)
	k.same("of the member", len(concerned), 2)

	// It goes on from its version; an old journal does not take it back.
	next := flows.BeginChange(k.now.Add(time.Hour), lost.Case)
	next.Case.Status = flows.StatusClosed
	_, err = k.s.Commit(k.ctx(), next)
	k.must(err)
	k.must(k.s.RestoreCase(k.ctx(), flows.Whole{Case: lost.Case, Timeline: lost.Timeline}))
	k.same("status", k.read(lost.Case.ID).Status, flows.StatusClosed)
	versions, err := k.s.Versions(k.ctx())
	k.must(err)
	k.same("versions", versions, map[flows.CaseID]int64{c.ID: 3, lost.Case.ID: 4})
	stolen := lost.Case.Clone()
	stolen.ID = k.id(2)
	stolen.Alerts, stolen.Sequel = nil, 0
	k.want(k.s.RestoreCase(k.ctx(), flows.Whole{Case: stolen}), flows.ErrTaken)
}
