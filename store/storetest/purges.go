package storetest

import (
	"time"

	"hotline/flows"
	"hotline/store"
)

// Ended is what the stores of the suite are to be opened with: a closed case of
// the kind "kept" is purged an hour after it was closed.
func Ended(c *flows.Case) (flows.Timers, string) {
	due, armed := c.Timers[flows.TimerPurge]
	switch {
	case c.Kind != "kept":
		return nil, "closed"
	case !c.Purged.IsZero():
		return nil, "purged"
	case armed:
		return flows.Timers{flows.TimerPurge: due}, ""
	}
	return flows.Timers{flows.TimerPurge: flows.Millis(c.Closed.Add(time.Hour))}, ""
}

// purges lists what is to be purged by then.
func (k kit) purges(then time.Time) []flows.DueCase {
	k.Helper()
	due, err := k.s.DuePurges(k.ctx(), then, 10)
	k.must(err)
	return due
}

// purgeFollows closes a case, which leaves it one timer that no ladder ever sees,
// opens it again, which takes it, and purges it in the end.
func purgeFollows(k kit) {
	c := k.file(1)
	turn := func(status flows.CaseStatus, do func(ch *flows.Change)) {
		k.Helper()
		ch := flows.BeginChange(k.now, k.read(c.ID))
		ch.Case.Status, ch.Case.Kind, ch.Case.Closed = status, "kept", k.now
		if do != nil {
			do(&ch)
		}
		_, err := k.s.Commit(k.ctx(), ch)
		k.must(err)
	}
	due := func(at time.Time) []flows.DueCase {
		return []flows.DueCase{{Case: c.ID, Due: at}}
	}
	turn(flows.StatusClosed, func(ch *flows.Change) { ch.DisarmAll("closed") })
	end := k.now.Add(time.Hour)
	k.same("timers of the closed case", k.read(c.ID).Timers, flows.Timers{flows.TimerPurge: flows.Millis(end)})
	k.same("before its time", k.purges(end.Add(-time.Millisecond)), []flows.DueCase(nil))
	k.same("at its time", k.purges(end), due(end))
	for window, want := range map[[2]time.Duration][]flows.CaseID{
		{-time.Minute, time.Minute}: {c.ID}, {time.Minute, time.Hour}: nil, {-time.Hour, -time.Minute}: nil,
	} {
		ids, err := k.s.Purging(k.ctx(), end.Add(window[0]), end.Add(window[1]))
		k.must(err)
		k.same("closed at a time", ids, want)
	}
	k.same("for the ladder", k.timers(), map[flows.CaseID]int64{})
	next, err := k.s.NextDue(k.ctx(), 1)
	k.must(err)
	k.same("next for the ladder", next.IsZero(), true)
	ripe, after, err := k.s.DueAll(k.ctx(), end.Add(time.Hour), 10)
	k.must(err)
	k.same("due for the ladder", len(ripe), 0)
	k.same("next of all", after.IsZero(), true)

	other, err := store.OpenEmbedded(k.ctx(), store.Options{Partitions: k.s.Partitions(), Ended: Ended})
	k.must(err)
	defer func() { _ = other.Close() }()
	all := k.all(c.ID)
	k.must(refill(k.ctx(), other.Store, flows.Whole(all)))
	restored, err := other.DuePurges(k.ctx(), end, 10)
	k.must(err)
	k.same("after a restore", restored, due(end))

	turn(flows.StatusOpen, nil)
	k.same("of an open case", k.purges(end), []flows.DueCase(nil))
	turn(flows.StatusClosed, func(ch *flows.Change) { ch.Arm(flows.TimerPurge, end.Add(time.Hour)) })
	k.same("moved", k.purges(end.Add(time.Hour)), due(end.Add(time.Hour)))
	turn(flows.StatusClosed, func(ch *flows.Change) {
		ch.Case.Purged = k.now
		ch.DisarmAll("purged")
	})
	k.same("when it is done", k.purges(end.Add(time.Hour)), []flows.DueCase(nil))
	k.same("why it has none", k.read(c.ID).NoTimer, "purged")
	late := flows.BeginChange(k.now, k.read(c.ID))
	late.Answers = []flows.Answer{{Field: "01/child_name", Version: 1, Data: []byte("sealed")}}
	if _, err := k.s.Commit(k.ctx(), late); err == nil {
		k.Error("words are written into the forms of a case that was purged")
	}
}
