package storetest

import (
	"errors"
	"fmt"
	"time"

	"hotline/flows"
)

// manyAlerts makes the line before the case longer than the script first reads.
func manyAlerts(k kit) {
	c := k.file(1)
	ch := flows.BeginChange(k.now, c)
	ch.Case.Status, ch.CommandID = flows.StatusOpen, "alert all"
	for i := range 120 {
		id := ch.Post(flows.Message{To: flows.MemberID(label(i))})
		ch.Case.Alerts = append(ch.Case.Alerts, flows.Alert{
			ID: id, Member: flows.MemberID(label(i)), Delivery: flows.Sent, Provider: "twilio", SID: fmt.Sprintf("SM%032d", i),
		})
	}
	_, err := k.s.Commit(k.ctx(), ch)
	k.must(err)
	again, err := k.s.Commit(k.ctx(), ch)
	k.must(err)
	k.same("repeated", again, flows.Outcome{Version: 2, Repeated: true})
	closing := flows.BeginChange(k.now, k.read(c.ID))
	closing.Case.Status = flows.StatusClosed
	_, err = k.s.Commit(k.ctx(), closing)
	k.must(err)
	asked, err := k.s.Asked(k.ctx(), "m119")
	k.must(err)
	k.same("still asked", len(asked), 0)
	_, err = k.s.SentAs(k.ctx(), "twilio", fmt.Sprintf("SM%032d", 119))
	k.want(err, flows.ErrNotFound)
}

func membersFollow(k kit) {
	one, _ := k.route(k.file(0), "m1")
	two, _ := k.route(k.file(1), "m1")
	_, _ = k.route(k.file(1), "m11") // not m1, though it begins alike
	concern := func(member flows.MemberID, want ...flows.CaseID) {
		k.Helper()
		cases, err := k.s.Concerning(k.ctx(), member)
		k.must(err)
		k.same("concerns "+string(member), sorted(ids(cases)), sorted(want))
	}
	concern("m1", one.ID, two.ID)
	concern("m", []flows.CaseID(nil)...)

	ch := flows.BeginChange(k.now, one)
	ch.Case.Status, ch.Case.Holder = flows.StatusTaken, "m2"
	_, err := k.s.Commit(k.ctx(), ch)
	k.must(err)
	concern("m1", two.ID)
	concern("m2", one.ID)
	asked, err := k.s.Asked(k.ctx(), "m1")
	k.must(err)
	k.same("asked m1", sorted(ids(asked)), sorted([]flows.CaseID{one.ID, two.ID}))

	ch = flows.BeginChange(k.now, two)
	ch.Case.Alerts[0].Declined = k.now
	_, err = k.s.Commit(k.ctx(), ch)
	k.must(err)
	concern("m1", []flows.CaseID(nil)...)
}

func sidsFollow(k kit) {
	c, id := k.route(k.file(3), "m1")
	set := func(delivery flows.Delivery, sid string) {
		ch := flows.BeginChange(k.now, k.read(c.ID))
		a := ch.Case.Alert(id)
		a.Delivery, a.Provider, a.SID = delivery, "gate", sid
		_, err := k.s.Commit(k.ctx(), ch)
		k.must(err)
	}
	set(flows.Sent, "a=1|b")
	got, err := k.s.SentAs(k.ctx(), "gate", "a=1|b")
	k.must(err)
	k.same("message", got, id)
	_, err = k.s.SentAs(k.ctx(), "other", "a=1|b")
	k.want(err, flows.ErrNotFound)
	set(flows.Sent, "second")
	_, err = k.s.SentAs(k.ctx(), "gate", "a=1|b")
	k.want(err, flows.ErrNotFound)
	got, err = k.s.SentAs(k.ctx(), "gate", "second")
	k.must(err)
	k.same("message of the second", got, id)
	set(flows.Delivered, "second")
	_, err = k.s.SentAs(k.ctx(), "gate", "second")
	k.want(err, flows.ErrNotFound)
}

func refused(k kit) {
	for name, spoil := range map[string]func(ch *flows.Change){
		"no partition":        func(ch *flows.Change) { ch.Case.ID = "x" },
		"a partition too far": func(ch *flows.Change) { ch.Case.ID = "99" + ch.Case.ID[2:] },
		"no moment":           func(ch *flows.Change) { ch.At = time.Time{} },
		"a negative version":  func(ch *flows.Change) { ch.From = -1 },
		"no word of before":   func(ch *flows.Change) { ch.From, ch.Was = 1, nil },
		"a foreign reference": func(ch *flows.Change) { ch.Case.Ref = k.ref(0) },
		"a timer without due": func(ch *flows.Change) { ch.Case.Timers["ladder"] = 0 },
		"a broken timer name": func(ch *flows.Change) { ch.Case.Timers["a\x1fb"] = 5 },
		"a foreign message":   func(ch *flows.Change) { ch.Send = []flows.Message{{ID: "02x/1", Due: k.now}} },
		"a foreign settle":    func(ch *flows.Change) { ch.Settle = []flows.MessageID{"02x/1"} },
		"a broken holder":     func(ch *flows.Change) { ch.Case.Holder = "a|b" },
		"a broken member": func(ch *flows.Change) {
			ch.Case.Alerts = []flows.Alert{{ID: "1", Member: "a\nb"}}
		},
		"a session of no life": func(ch *flows.Change) { ch.Turn = &flows.Turn{Session: flows.Session{ID: k.session(1)}} },
		"a session of no id":   func(ch *flows.Change) { ch.Turn = &flows.Turn{Keep: time.Hour} },
	} {
		ch := k.draft(1)
		spoil(&ch)
		_, err := k.s.Commit(k.ctx(), ch)
		if err == nil || errors.Is(err, flows.ErrConflict) || errors.Is(err, flows.ErrUnavailable) {
			k.Errorf("%s: error %v", name, err)
		}
	}
	open, err := k.s.Open(k.ctx())
	k.must(err)
	k.same("open", len(open), 0)
}

func notFound(k kit) {
	_, err := k.s.Case(k.ctx(), k.id(0))
	k.want(err, flows.ErrNotFound)
	_, err = k.s.Case(k.ctx(), "")
	k.want(err, flows.ErrNotFound)
	_, err = k.s.CaseByRef(k.ctx(), "K7F4")
	k.want(err, flows.ErrNotFound)
	_, err = k.s.CaseByReceipt(k.ctx(), "12345678", "hash")
	k.want(err, flows.ErrNotFound)
	_, err = k.s.SentAs(k.ctx(), "twilio", "SM1")
	k.want(err, flows.ErrNotFound)
	_, err = k.s.Directory(k.ctx())
	k.want(err, flows.ErrNotFound)
	_, err = k.s.Timeline(k.ctx(), "nonsense")
	k.want(err, flows.ErrNotFound)
	m := flows.Message{ID: flows.MessageID(k.id(0)) + "/1", Due: k.now, Lease: k.now}
	k.want(k.s.Retry(k.ctx(), m), flows.ErrNotFound)
	k.want(k.s.Unbury(k.ctx(), m), flows.ErrNotFound)
	for _, member := range []flows.MemberID{"", "m1", "a\nb"} {
		cases, err := k.s.Concerning(k.ctx(), member)
		k.must(err)
		k.same("concerns nobody", len(cases), 0)
	}
	for _, n := range []int{-1, k.s.Partitions()} {
		if _, err := k.s.Due(k.ctx(), n, k.now, 1); err == nil {
			k.Errorf("partition %d has timers", n)
		}
	}
}
