package store

import (
	"slices"

	"hotline/flows"
)

// writes are what a script writes beside what it compares: one key each, and the
// command with its arguments, as turn.lua takes them.
type writes struct{ keys, args []any }

// newWrites has room for those of most changes.
func newWrites() *writes { return &writes{make([]any, 0, 4), make([]any, 0, 16)} }

// mostArgs is how many arguments one command takes at once: Lua cannot pass more
// than a few thousand.
const mostArgs = 1000

// add adds a command on a key. One that takes any number of pairs and has very
// many becomes several.
func (w *writes) add(command string, key any, args ...any) {
	for chunk := range slices.Chunk(args, mostArgs) {
		w.keys = append(w.keys, key)
		w.args = append(append(w.args, len(chunk)+1, command), chunk...)
	}
}

// claim is a reference or a receipt that the case must be the only one to have.
type claim struct {
	key   any
	taken int // what the script returns when another case has it
	field string
}

// differences lists what else a change writes: what is not the same in the case as
// it was and as it will be, and what goes with it. Members and sids are the lists
// of the case as it will be.
func (s *Store) differences(w *writes, ch *flows.Change, members, sids string) []claim {
	p, was, is := s.of(ch.Case.ID), ch.Was, &ch.Case
	if ch.From == 0 {
		was = &flows.Case{Status: flows.StatusClosed} // in no index
	}
	s.countDay(w, p, ch.At, ch.Turn, ch.From == 0)
	id := string(is.ID)
	switch at := place(is); at {
	case place(was):
	case 0:
		w.add("ZREM", p.timers, id)
	default:
		w.add("ZADD", p.timers, at, id)
	}
	moveMembers(w, p, id, memberList(was), members)
	moveSIDs(w, p, id, sidList(was), sids)
	s.moveMessages(w, p, ch)
	for i := range ch.Answers {
		w.add("HSET", p.formsKey(is.ID), ch.Answers[i].Field, s.records.answers.Append(nil, &ch.Answers[i]))
	}
	if ch.Turn != nil {
		s.moveSilent(w, p, ch.Turn)
	}
	var claims []claim
	if is.Ref != "" && is.Ref != was.Ref {
		claims = append(claims, claim{p.refs, codeRefTaken, string(is.Ref)})
	}
	if is.Receipt != "" && is.Receipt != was.Receipt {
		claims = append(claims, claim{p.receipts, codeReceiptTaken, is.Receipt})
	}
	return claims
}

// moveMembers and moveSIDs take lists as the line of a case has them.
func moveMembers(w *writes, p *partition, id, was, is string) {
	if was == is {
		return
	}
	var add, remove []any
	before, now := slices.Collect(items(was)), slices.Collect(items(is))
	for _, member := range now {
		if !slices.Contains(before, member) {
			add = append(add, 0, member+"|"+id)
		}
	}
	for _, member := range before {
		if !slices.Contains(now, member) {
			remove = append(remove, member+"|"+id)
		}
	}
	w.add("ZADD", p.members, add...)
	w.add("ZREM", p.members, remove...)
}

func moveSIDs(w *writes, p *partition, id, was, is string) {
	if was == is {
		return
	}
	var add, remove []any
	before, now := numbers(was), numbers(is)
	for sid, n := range now {
		if before[sid] != n {
			add = append(add, sid, id+"/"+n)
		}
	}
	for sid := range before {
		if _, kept := now[sid]; !kept {
			remove = append(remove, sid)
		}
	}
	w.add("HSET", p.sids, add...)
	w.add("HDEL", p.sids, remove...)
}

// numbers is a list of provider ids as a table.
func numbers(list string) map[string]string {
	of := map[string]string{}
	for item := range items(list) {
		sid, n, _ := cutValue(item)
		of[sid] = n
	}
	return of
}

// moveMessages takes what is settled off the outbox, with its claims that lie
// beside it, and puts what is sent on it.
func (s *Store) moveMessages(w *writes, p *partition, ch *flows.Change) {
	var due, bodies []any
	for _, id := range ch.Settle {
		due, bodies = append(due, string(id)), append(bodies, string(id), string(id)+"#")
	}
	w.add("ZREM", p.outbox, due...)
	w.add("HDEL", p.bodies, bodies...)
	due, bodies = nil, nil
	for i := range ch.Send {
		m := &ch.Send[i]
		due = append(due, score(m), string(m.ID))
		bodies = append(bodies, string(m.ID), s.records.messages.Append(nil, m))
	}
	w.add("ZADD", p.outbox, due...)
	w.add("HSET", p.bodies, bodies...)
}
