package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"hotline/flows"
)

// dice is chance that a seed repeats.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 0))} } //nolint:gosec // a test

func (d dice) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(d.Uint32())
	}
	return len(b), nil
}

// numberIn draws a receipt number of a partition.
func numberIn(k kit, partition int) string {
	r, err := flows.NewReceipt(newDice(1), partition, k.s.Partitions())
	k.must(err)
	return r.Number
}

// model is the store in plain maps.
type model struct {
	cases    map[flows.CaseID]flows.Case
	events   map[flows.CaseID]int
	commands map[string]int64       // case and command → version
	forgot   map[flows.CaseID]int64 // the last version whose command is forgotten
	refs     map[flows.Ref]flows.CaseID
	messages map[flows.MessageID]bool
}

// agreesWithModel takes random steps, right and wrong ones, and compares all
// that can be read with the model. The seed is printed when they differ.
func agreesWithModel(k kit) {
	seed := rand.Uint64() //nolint:gosec // printed below
	d := newDice(seed)
	defer func() {
		if k.Failed() {
			k.Logf("seed %d", seed)
		}
	}()
	m := model{
		map[flows.CaseID]flows.Case{},
		map[flows.CaseID]int{},
		map[string]int64{},
		map[flows.CaseID]int64{},
		map[flows.Ref]flows.CaseID{},
		map[flows.MessageID]bool{},
	}
	var pool []flows.Change
	for range 6 {
		pool = append(pool, k.draft(d.IntN(2)))
	}
	for range 250 {
		ch := m.step(d, k, pool[d.IntN(len(pool))])
		want, wantErr := m.commit(ch)
		got, err := k.s.Commit(k.ctx(), ch)
		if !errors.Is(err, wantErr) || (wantErr == nil && err != nil) {
			k.Fatalf("commit from %d: error %v, want %v", ch.From, err, wantErr)
		}
		k.same("outcome", got, want)
		if k.Failed() {
			return
		}
	}
	m.compare(k)
}

// step is a random change of a case, on a version that is usually right.
func (m model) step(d dice, k kit, fresh flows.Change) flows.Change {
	c, ok := m.cases[fresh.Case.ID]
	if !ok {
		c = fresh.Case
		if d.IntN(4) == 0 && len(m.refs) > 0 {
			for ref, owner := range m.refs { // somebody else's
				if owner.Partition() == c.ID.Partition() {
					c.Ref = ref
				}
			}
		}
	}
	ch := flows.BeginChange(k.now, c)
	if d.IntN(5) == 0 {
		ch.From = int64(d.IntN(4))
	}
	if d.IntN(3) == 0 {
		ch.CommandID = label(d.IntN(12))
	}
	ch.Case.Status = []flows.CaseStatus{
		flows.StatusIntake, flows.StatusOpen, flows.StatusOpen, flows.StatusTaken, flows.StatusClosed,
	}[d.IntN(5)]
	ch.Case.Holder = ""
	if ch.Case.Status == flows.StatusTaken {
		ch.Case.Holder = flows.MemberID(label(d.IntN(3)))
	}
	for _, name := range []flows.TimerName{flows.TimerLadder, flows.TimerPlan, flows.TimerReview} {
		if d.IntN(2) == 0 {
			ch.Arm(name, k.now.Add(time.Duration(d.IntN(1e6))*time.Millisecond))
		} else {
			ch.Disarm(name)
		}
	}
	for range d.IntN(3) {
		member := flows.MemberID(label(d.IntN(3)))
		id := ch.Post(flows.Message{To: member})
		ch.Case.Alerts = append(ch.Case.Alerts, flows.Alert{ID: id, Member: member, At: k.now, Delivery: flows.Queued})
		ch.Log(flows.Event{Kind: flows.EventAlerted, By: member, Message: id})
	}
	for id := range m.messages {
		if id.Case() == c.ID && d.IntN(2) == 0 {
			ch.Settle = append(ch.Settle, id)
		}
	}
	return ch
}

func (m model) commit(ch flows.Change) (flows.Outcome, error) {
	id := ch.Case.ID
	command := fmt.Sprint(id, ch.CommandID)
	if v, ok := m.commands[command]; ok && ch.CommandID != "" && v > m.forgot[id] {
		return flows.Outcome{Version: v, Repeated: true}, nil
	}
	if m.cases[id].Version != ch.From {
		return flows.Outcome{}, flows.ErrConflict
	}
	if owner, ok := m.refs[ch.Case.Ref]; ok && owner != id {
		return flows.Outcome{}, flows.ErrTaken
	}
	c := ch.Case.Clone()
	c.Version = ch.From + 1
	if !c.IsOpen() {
		c.Timers = nil
		if c.NoTimer == "" {
			c.NoTimer = "closed"
		}
	}
	m.cases[id], m.refs[c.Ref], m.commands[command] = c, id, c.Version
	kept := int64(8)
	if !c.IsOpen() {
		kept = 2
	}
	m.forgot[id] = max(m.forgot[id], c.Version-kept)
	m.events[id] += len(ch.Events)
	for _, gone := range ch.Settle {
		delete(m.messages, gone)
	}
	for _, sent := range ch.Send {
		m.messages[sent.ID] = true
	}
	return flows.Outcome{Version: c.Version}, nil
}

func (m model) compare(k kit) {
	k.Helper()
	timers := map[flows.CaseID]int64{}
	var open []flows.CaseID
	concerned := map[flows.MemberID][]flows.CaseID{}
	for id, c := range m.cases {
		got := k.read(id)
		if len(c.Timers) == 0 { // nil and empty are one
			c.Timers, got.Timers = nil, nil
		}
		k.same("case", got, c)
		if first := firstOf(c.Timers); first != 0 {
			timers[id] = first
		}
		if c.IsOpen() {
			open = append(open, id)
		}
		for _, member := range c.Concerns() {
			concerned[member] = append(concerned[member], id)
		}
		k.same("length of the timeline", len(k.kinds(id)), m.events[id])
		found, err := k.s.CaseByRef(k.ctx(), c.Ref)
		k.must(err)
		k.same("by reference", found.ID, id)
	}
	k.same("timers", k.timers(), timers)
	cases, err := k.s.Open(k.ctx())
	k.must(err)
	k.same("open", sorted(ids(cases)), sorted(open))
	for i := range 3 {
		member := flows.MemberID(label(i))
		cases, err := k.s.Concerning(k.ctx(), member)
		k.must(err)
		k.same("concerns "+label(i), sorted(ids(cases)), sorted(concerned[member]))
	}
	var waiting []flows.MessageID
	messages, _, err := k.s.ClaimAll(k.ctx(), k.now.Add(time.Hour), time.Minute, 10_000)
	k.must(err)
	for _, msg := range messages {
		waiting = append(waiting, msg.ID)
	}
	var want []flows.MessageID
	for id := range m.messages {
		want = append(want, id)
	}
	k.same("outbox", sorted(waiting), slices.Clip(sorted(want)))
}
