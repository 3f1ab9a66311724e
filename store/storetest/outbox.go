package storetest

import (
	"sync/atomic"
	"time"

	"hotline/flows"
	"hotline/store"
)

const lease = 30 * time.Second

func (k kit) claim(now time.Time) []flows.Message {
	k.Helper()
	messages, _, err := k.s.ClaimAll(k.ctx(), now, lease, 10)
	k.must(err)
	return messages
}

func claimLease(k kit) {
	c, id := k.route(k.file(1), "m1")
	k.same("before it is due", len(k.claim(k.now.Add(-time.Millisecond))), 0)
	var handed atomic.Int32
	together(8, func(int) {
		messages, _, err := k.s.ClaimAll(k.ctx(), k.now, lease, 10)
		if err != nil {
			k.Error(err)
		}
		handed.Add(int32(len(messages)))
	})
	k.same("handed out", handed.Load(), int32(1))
	k.same("within the lease", len(k.claim(k.now.Add(lease-time.Millisecond))), 0)
	again := k.claim(k.now.Add(lease))
	if len(again) != 1 || again[0].ID != id || again[0].Repeat || again[0].Text != "alert" || again[0].Ref != c.Ref {
		k.Errorf("after the lease: %+v", again)
	}
	k.must(k.s.Leave(k.ctx(), again[0]))
	all, next, err := k.s.ClaimAll(k.ctx(), k.now.Add(2*lease), lease, 10)
	k.must(err)
	k.same("of all partitions", len(all), 1)
	k.same("one that may have left", all[0].Repeat, true)
	k.want(k.s.Leave(k.ctx(), again[0]), flows.ErrNotFound) // its lease was over
	if k.s.Leave(k.ctx(), flows.Message{ID: id}) == nil {
		k.Error("what nobody claimed leaves")
	}
	k.same("nothing waits elsewhere", next.IsZero(), true)
	all, next, err = k.s.ClaimAll(k.ctx(), k.now.Add(2*lease), lease, 10)
	k.must(err)
	k.same("again", len(all), 0)
	k.same("end of the lease", next, k.now.Add(3*lease))
	next, err = k.s.NextMessage(k.ctx(), 1)
	k.must(err)
	k.same("next message", next, k.now.Add(3*lease))
}

func outboxOutcomes(k kit) {
	c, id := k.route(k.file(0), "m1")
	m := k.claim(k.now)[0]
	k.same("first claim", m.Repeat, false)
	k.must(k.s.Leave(k.ctx(), m))
	m.Attempts, m.Due = 1, k.now.Add(time.Minute)
	k.must(k.s.Retry(k.ctx(), m))
	k.want(k.s.Retry(k.ctx(), m), flows.ErrNotFound) // its claim is over
	k.same("before the retry", len(k.claim(k.now.Add(time.Minute-1))), 0)
	m = k.claim(k.now.Add(time.Minute))[0]
	k.same("second claim", []any{m.Attempts, m.Repeat}, []any{1, false})
	k.must(k.s.Leave(k.ctx(), m))

	k.must(k.s.Bury(k.ctx(), m, "no_route"))
	k.must(k.s.Bury(k.ctx(), m, "no_route"))
	k.same("outbox", len(k.claim(k.now.Add(time.Hour))), 0)
	dead, err := k.s.Dead(k.ctx())
	k.must(err)
	k.want(k.s.Leave(k.ctx(), m), flows.ErrNotFound)
	k.same("lease", m.Lease, k.now.Add(time.Minute+lease))
	k.want(k.s.Retry(k.ctx(), m), flows.ErrNotFound)
	m.Lease = time.Time{}
	k.same("dead", dead, []store.Dead{{Message: m, Reason: "no_route"}})
	m.Attempts, m.Due = 0, k.now.Add(2*time.Hour)
	k.must(k.s.Unbury(k.ctx(), m))
	k.want(k.s.Unbury(k.ctx(), m), flows.ErrNotFound)
	dead, err = k.s.Dead(k.ctx())
	k.must(err)
	k.same("dead after", len(dead), 0)
	m.Lease = k.now.Add(2*time.Hour + lease)
	k.same("back", k.claim(k.now.Add(2*time.Hour)), []flows.Message{m})

	ch := flows.BeginChange(k.now, c)
	ch.Settle = []flows.MessageID{id}
	_, err = k.s.Commit(k.ctx(), ch)
	k.must(err)
	k.same("settled", len(k.claim(k.now.Add(100*time.Hour))), 0)
	k.want(k.s.Retry(k.ctx(), m), flows.ErrNotFound)
}

func silentSweep(k kit) {
	sweep := func(now time.Time) int {
		k.Helper()
		n, err := k.s.SweepSilent(k.ctx(), 1, now, 10)
		k.must(err)
		return n
	}
	cursor, err := k.s.Now(k.ctx())
	k.must(err)
	var sessions []flows.Session
	for range 3 {
		s, _, _ := k.load(k.session(1), "t1")
		turn := k.turn(s, "t1", "danger?")
		turn.Session.Silent = k.now.Add(3 * time.Minute)
		_, err := k.s.SaveTurn(k.ctx(), k.now, turn)
		k.must(err)
		s, _, _ = k.load(s.ID, "t2")
		sessions = append(sessions, s)
	}
	// The first goes on and files a case, the second says goodbye.
	ch := k.draft(1)
	filed := k.turn(sessions[0], "t2", "what?")
	filed.Session.Silent = time.Time{}
	ch.Turn = &filed
	_, err = k.s.Commit(k.ctx(), ch)
	k.must(err)
	ended := k.turn(sessions[1], "t2", "end")
	ended.Session.Silent = time.Time{}
	_, err = k.s.SaveTurn(k.ctx(), k.now, ended)
	k.must(err)

	k.same("too early", sweep(k.now.Add(3*time.Minute-time.Millisecond)), 0)
	k.same("in time", sweep(k.now.Add(3*time.Minute)), 1)
	k.same("again", sweep(k.now.Add(time.Hour)), 0)
	entries, _, err := k.s.Tail(k.ctx(), cursor, 100)
	k.must(err)
	silent := entries[len(entries)-1]
	k.same("in the feed", silent, store.Entry{Event: flows.Event{At: k.now.Add(3 * time.Minute), Kind: flows.EventSilent}})
	tally, err := k.s.Tally(k.ctx(), k.now)
	k.must(err)
	k.same("tally", tally, store.Tally{Begun: 3, Filed: 1, Silent: 1})
}

func tallyDays(k kit) {
	k.route(k.file(0), "m1") // a second change files nothing
	k.file(3)
	s, _, _ := k.load(k.session(2), "t1")
	_, err := k.s.SaveTurn(k.ctx(), k.now, k.turn(s, "t1", "one"))
	k.must(err)
	// The same phone begins a second conversation the next day.
	tomorrow := k
	tomorrow.now = k.now.Add(24 * time.Hour)
	s, _, _ = tomorrow.load(s.ID, "t2")
	_, err = k.s.SaveTurn(k.ctx(), tomorrow.now, tomorrow.turn(s, "t2", "one"))
	k.must(err)
	// A text begins and files at once.
	ch := k.draft(2)
	s, _, _ = k.load(k.session(2), "t1")
	turn := k.turn(s, "t1", "one")
	ch.Turn = &turn
	_, err = k.s.Commit(k.ctx(), ch)
	k.must(err)
	for day, want := range map[time.Time]store.Tally{
		k.now: {Begun: 2, Filed: 3}, tomorrow.now: {Begun: 1}, k.now.Add(-24 * time.Hour): {},
	} {
		got, err := k.s.Tally(k.ctx(), day)
		k.must(err)
		k.same("tally of "+day.Format(time.DateOnly), got, want)
	}
}

// urgentFirst puts an urgent alert behind many other messages.
func urgentFirst(k kit) {
	c, _ := k.route(k.file(2), "m1")
	k.claim(k.now)
	ch := flows.BeginChange(k.now, c)
	for range 30 {
		ch.Post(flows.Message{To: "m2", Channel: flows.SMS, Purpose: flows.PurposeNotice, Text: "notice"})
	}
	urgent := ch.Post(flows.Message{To: "m3", Channel: flows.SMS, Purpose: flows.PurposeAlert, Urgent: true, Text: "urgent"})
	for i := range ch.Send {
		ch.Send[i].Due = k.now.Add(time.Duration(i) * time.Second)
	}
	_, err := k.s.Commit(k.ctx(), ch)
	k.must(err)
	at := k.now.Add(30 * time.Second)
	first := k.claim(at.Add(-time.Millisecond))
	k.same("before it is due", first[0].Text == "urgent", false)
	next, err := k.s.NextMessage(k.ctx(), 2)
	k.must(err)
	k.same("next message", next.After(k.now) && next.Before(at), true)
	only, _, err := k.s.ClaimUrgent(k.ctx(), at, lease, 10)
	k.must(err)
	var got []string
	for _, m := range only {
		if m.Text == "urgent" {
			got = append(got, string(m.ID))
		}
		k.same("nothing else", m.Text == "notice", false)
	}
	k.same("only the urgent alert", got, []string{string(urgent)})
	k.same("claimed by nobody else", len(k.claim(at)), 10)
	k.same("its lease", k.claim(at.Add(lease))[0].Urgent, true)
}
