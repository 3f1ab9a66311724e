package model_test

import (
	"errors"
	"fmt"
	"slices"

	"hotline/flows"
	"hotline/store/journal"
)

// step is one way on from a state.
type step struct {
	name  string
	to    *state
	bad   error // the step itself broke a rule
	fault bool  // no promise needs it
	back  bool  // what nobody was told of may be forgotten
}

// steps are all ways on.
func (w *world) steps(s *state) []step {
	var out []step
	for i := range s.procs {
		out = append(out, w.stepsOf(s, i)...)
	}
	return append(out, w.fate(s)...)
}

// stepsOf are the ways on of one actor.
func (w *world) stepsOf(s *state, i int) []step {
	p := &s.procs[i]
	if p.done {
		return nil
	}
	who := w.actors[i].name
	var out []step
	if len(p.answers) > 0 || p.pending != nil {
		out = w.kill(s, i, out)
	}
	if p.pending != nil {
		return append(out, w.settle(s, i)...)
	}
	next := w.plan(s, i)
	if next.next == nil {
		return out // an actor that ends at once has nothing to do
	}
	o := next.next
	if o.sends != nil {
		if w.sole && !w.broken.rash && len(s.disks[0].waiting) > 0 {
			return out // nothing leaves before the disk has what it follows from
		}
		return append(out, w.handing(s, i, o)...)
	}
	add := func(how string, twice bool, change func(n *state)) {
		e := w.does(s, i, o, twice)
		n := s.copied()
		n.image = e.image
		n.procs[i] = w.noting(s, i, o, e)
		w.inOrder(n, i)
		change(n)
		out = append(out, step{name: who + ": " + o.name + how, to: w.unheld(n, i), bad: errors.Join(w.early(s, i, e), e.leak), fault: how != ""})
	}
	add("", false, func(*state) {})
	if !o.writes {
		return out
	}
	if s.left.Resends > 0 {
		add(", sent twice", true, func(n *state) { n.left.Resends--; n.doubts++ })
	}
	if s.left.Losses > 0 {
		add(", and the answer is lost", false, func(n *state) {
			n.left.Losses--
			n.doubts++
			n.procs[i].pending, n.procs[i].record, n.procs[i].waits = &answer{w.now(s), nil, errLost}, nil, false
			w.doubtful(n, i)
		})
	}
	return out
}

// noting is an actor that waits for the answer to a step: for the disk and for a
// replica, if it has to.
func (w *world) noting(s *state, i int, o *op, e effect) proc {
	p := s.procs[i]
	if len(p.answers) == 0 {
		p.begun = w.now(s)
	}
	p.pending = &answer{w.now(s), e.value, e.err}
	if e.kept != nil && w.journal {
		r := w.encode(e.kept)
		p.record, p.synced = &r, told(e.kept) && !w.broken.hasty
	}
	p.waits = w.replica && e.image.key != s.replica.key && e.err == nil && o.waits != nil && o.waits(e.value)
	return p
}

// inOrder takes a record into the journal's memory together with its change: one
// process commits the changes of a case and takes them in in the same order.
func (w *world) inOrder(n *state, i int) {
	p := &n.procs[i]
	if !w.sole || w.broken.unordered || p.record == nil {
		return
	}
	n.disks[0].waiting = slices.Concat(n.disks[0].waiting, []journal.Record{*p.record})
	p.record, p.flushes = nil, p.synced
}

// unheld gives an answer at once that nothing holds up.
func (w *world) unheld(s *state, i int) *state {
	p := &s.procs[i]
	if p.pending == nil || p.record != nil || p.flushes || p.waits {
		return s
	}
	return w.answered(s, i)
}

// answered gives an actor its answer, and lets it end if that was the last.
func (w *world) answered(s *state, i int) *state {
	p := &s.procs[i]
	p.answers = append(slices.Clone(p.answers), *p.pending)
	p.key = digest(p.key + fmt.Sprint(p.begun.UnixMilli(), p.pending.at.UnixMilli(), p.pending.err) + shown(p.pending.value))
	p.pending = nil
	if next := w.plan(s, i); next.next == nil {
		if next.said != "" {
			s.told = append(s.told, next.said)
			p.done = !w.actors[i].works
		}
		p.answers, p.key = nil, ""
		if next.err != nil && !w.actors[i].works {
			p.life++
		}
	}
	return s
}

// settle are the ways on of an actor whose change is in Redis: its record reaches
// the disk, or only the memory of the journal if nobody waits for it.
func (w *world) settle(s *state, i int) []step {
	p, who := s.procs[i], w.actors[i].name
	if p.waits {
		if s.left.Losses == 0 {
			return nil // until a replica has it
		}
		n := s.copied()
		n.left.Losses--
		n.procs[i].waits, n.procs[i].record = false, nil
		n.procs[i].pending = &answer{w.now(s), nil, errLost}
		return []step{{name: who + ": no replica in time", to: w.answered(n, i), fault: true}}
	}
	n := s.copied()
	if p.flushes {
		n.procs[i].flushes = false
		n.disks[0] = disk{synced: slices.Concat(s.disks[0].synced, s.disks[0].waiting)}
		return []step{{name: who + ": the disk has it", to: w.answered(n, i)}}
	}
	n.procs[i].record = nil
	d := &n.disks[w.disk(i)]
	if p.synced {
		d.synced = slices.Concat(d.synced, d.waiting, []journal.Record{*p.record})
		d.waiting = nil
	} else {
		d.waiting = slices.Concat(d.waiting, []journal.Record{*p.record})
	}
	return []step{{name: who + ": journal", to: w.answered(n, i)}}
}

// told is what Journal.Keep decides by: a change that a person is told of is on
// the disk before its answer.
func told(ch *flows.Change) bool {
	return ch.Turn != nil || slices.ContainsFunc(ch.Events, func(e flows.Event) bool {
		return e.Kind == flows.EventTaken || e.Kind == flows.EventClosed
	})
}

// disk is the journal that an actor writes.
func (w *world) disk(i int) int {
	if w.sole {
		return 0
	}
	return i
}

// doubtful is a process that does not know what became of its change: OnDoubt
// lets it look again soon, which is one step here.
func (w *world) doubtful(n *state, i int) {
	if !w.broken.careless {
		w.catchUp(n, i)
	}
}

// handing are the ways of handing a message to the provider.
func (w *world) handing(s *state, i int, o *op) []step {
	who := w.actors[i].name
	bad := silent(o.sends)
	outcome := func(how string, taken bool, err error, change func(*state)) step {
		n := s.copied()
		p := &n.procs[i]
		if taken {
			a := n.taken[o.sends.ID]
			if a.N++; !o.sends.Repeat {
				a.Unmarked++
			}
			n.taken[o.sends.ID] = a
		}
		p.pending = &answer{w.now(s), nil, err}
		change(n)
		return step{name: who + ": hand to the provider" + how, to: w.answered(n, i), bad: bad, fault: how != ""}
	}
	out := []step{outcome("", true, nil, func(*state) {})}
	if s.left.Refusals > 0 {
		out = append(out, outcome(", who is busy", false, &flows.SendError{Temporary: true, Reason: "busy"}, func(n *state) { n.left.Refusals-- }))
	}
	if s.left.Doubts > 0 {
		out = append(out, outcome(", whose answer is lost", true, &flows.SendError{Unknown: true, Reason: "timeout"}, func(n *state) { n.left.Doubts--; n.doubts++ }))
	}
	return out
}

// kill ends the process of an actor. Its successor catches its journal up; in a
// hotline without Redis all actors are one process, and its memory is the store.
func (w *world) kill(s *state, i int, out []step) []step {
	if s.left.Kills == 0 {
		return out
	}
	n := s.copied()
	n.left.Kills--
	n.doubts++
	if w.sole {
		for k := range n.procs {
			n.procs[k] = proc{done: n.procs[k].done, life: n.procs[k].life + 1}
			n.disks[k].waiting = nil
		}
		n.image, n.wiped = w.restore(n, empty), true
		return append(out, step{name: "the process is killed, and another starts from the journal", to: n, fault: true, back: true})
	}
	n.procs[i] = proc{life: s.procs[i].life + 1}
	n.disks[i].waiting = nil
	if !w.broken.careless {
		w.catchUp(n, i)
	}
	return append(out, step{name: w.actors[i].name + " is killed and starts again", to: n, fault: true})
}

// catchUp brings a journal after the store, as a start does.
func (w *world) catchUp(n *state, i int) {
	if !w.journal {
		return
	}
	d := &n.disks[w.disk(i)]
	d.synced, d.waiting = slices.Concat(d.synced, d.waiting), nil
	for _, id := range cases(n.image) {
		whole, err := w.whole(n.image, id)
		if err != nil {
			w.t.Fatal(err)
		}
		if slices.ContainsFunc(d.synced, func(r journal.Record) bool { return r.Case == id && r.Version >= whole.Case.Version }) {
			continue
		}
		r, err := journal.EncodeSnapshot(w.now(n), flows.Whole{Case: whole.Case, Timeline: whole.Timeline, Waiting: whole.Waiting})
		if err != nil {
			w.t.Fatal(err)
		}
		d.synced = append(slices.Clone(d.synced), r)
	}
}

// empty is a server that holds nothing.
var empty = &image{data: map[string]content{}}

// fate is what happens to all.
func (w *world) fate(s *state) []step {
	var out []step
	add := func(name string, fault, back bool, change func(n *state)) {
		n := s.copied()
		change(n)
		out = append(out, step{name: name, to: n, fault: fault, back: back})
	}
	if s.clock+1 < len(w.moments) {
		add(fmt.Sprintf("it is %v later", w.moments[s.clock+1]-w.moments[s.clock]), false, false, func(n *state) {
			n.clock++
			if w.mails() && slices.ContainsFunc(s.procs, func(p proc) bool { return len(p.answers) > 0 }) {
				n.doubts++ // a process hung while others went on, which is a fault too
			}
		})
	}
	for i := range s.disks {
		if len(s.disks[i].waiting) > 0 {
			add("the disk of "+w.actors[i].name+" takes what waits", false, false, func(n *state) {
				n.disks[i] = disk{synced: slices.Concat(s.disks[i].synced, s.disks[i].waiting)}
			})
		}
	}
	if s.left.Wipes > 0 {
		add("Redis loses everything, and the journals bring it back", true, true, func(n *state) { w.wipe(n) })
	}
	if s.left.Restores > 0 {
		add("the journals are restored into a Redis that is well", true, false, func(n *state) {
			n.left.Restores--
			n.image = w.restore(n, s.image)
		})
	}
	if w.replica && s.replica.key != s.image.key {
		add("the replica follows", false, false, func(n *state) { w.follow(n) })
	}
	if w.replica && s.left.Failover > 0 {
		add("the replica takes over", true, true, func(n *state) {
			n.left.Failover--
			n.image = s.replica
			for i := range n.procs {
				if n.procs[i].waits { // its connection is gone
					n.procs[i].waits = false
					n.procs[i].pending = &answer{w.now(s), nil, errLost}
					w.answered(n, i)
				}
			}
		})
	}
	return out
}

// wipe ends all processes, as an operator does who restores. What they had
// committed they write down before, for they live until then.
func (w *world) wipe(n *state) {
	n.left.Wipes--
	n.wiped = true
	for i := range n.procs {
		d := &n.disks[w.disk(i)]
		d.synced, d.waiting = slices.Concat(d.synced, d.waiting), nil
		if r := n.procs[i].record; r != nil && !w.broken.hasty {
			d.synced = slices.Concat(d.synced, []journal.Record{*r})
		}
		n.procs[i] = proc{done: n.procs[i].done, life: n.procs[i].life + 1}
		n.doubts++
	}
	n.image = w.restore(n, empty)
}

// follow brings the replica up to its master; who waited for it is answered.
func (w *world) follow(n *state) {
	n.replica = n.image
	for i := range n.procs {
		if n.procs[i].waits {
			n.procs[i].waits = false
			w.answered(n, i)
		}
	}
}
