package model_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/store/journal"
	"hotline/store/record"
)

// actor is a person with a phone, or a process that works for ever.
type actor struct {
	name  string
	run   program
	seed  uint64
	works bool // begins again when it is done
}

// scenario is a small case: who takes part, and how often what may go wrong.
type scenario struct {
	name    string
	filed   bool // the report is a case already
	against bool // it is about somebody who holds office
	actors  []actor
	moments []time.Duration // after start; the clock moves from one to the next
	faults  faults
	same    bool // all draw the same references
	journal bool // processes keep journals
	replica bool // there is a replica, and it may take over
	sole    bool // one process keeps it all, and dies with it
}

// faults are how many of each may still happen.
type faults struct {
	Kills    int // an actor's process dies
	Resends  int // go-redis asks twice because the first answer was lost
	Losses   int // the answer is lost, and nobody asks again
	Refusals int // the provider cannot take a message now
	Doubts   int // the provider takes it and its answer is lost
	Wipes    int // Redis loses everything, and the journals bring it back
	Restores int // an operator restores journals into a Redis that is well
	Failover int // the replica takes over
}

// state is all that is known anywhere. It is a value: steps make new ones.
type state struct {
	image   *image
	replica *image // nil: there is none
	clock   int
	procs   []proc
	disks   []disk
	told    []string // to people, in order
	taken   map[flows.MessageID]arrivals
	doubts  int // kills and lost answers so far: each may have doubled a message
	wiped   bool
	left    faults
}

// proc is how far an actor has come.
type proc struct {
	begun   time.Time
	life    uint64 // how often it began anew after a fault: chance is another then
	answers []answer
	key     string // of begun and answers
	pending *answer
	record  *journal.Record // to be written before pending is given
	synced  bool            // the answer waits until record is on the disk
	flushes bool            // the record is taken in; the answer waits for the disk
	waits   bool            // for a replica, before pending is given
	done    bool
}

// disk is the journal of a process.
type disk struct{ synced, waiting []journal.Record }

// arrivals are how often the provider took a message, and how often it did not
// say that it may be a repeat.
type arrivals struct {
	N        int
	Unmarked int
}

func (s *state) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%x %d %v %v %v %d", s.image.key, s.clock, s.told, s.left, s.wiped, s.doubts)
	if s.replica != nil {
		fmt.Fprintf(&b, " %x", s.replica.key)
	}
	for _, p := range s.procs {
		fmt.Fprintf(&b, " [%x %d %v %v %v %v]", p.key, p.life, p.pending != nil, p.flushes, p.waits, p.done)
	}
	for _, d := range s.disks {
		b.WriteString(" |" + names(d.synced) + "/" + names(d.waiting))
	}
	for _, id := range slices.Sorted(maps.Keys(s.taken)) {
		fmt.Fprintf(&b, " %s%v", id, s.taken[id])
	}
	return digest(b.String())
}

// names tells lists of records apart.
func names(records []journal.Record) string {
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "%s%d:%x,", r.Kind, r.Version, digest(string(r.Body))[:4])
	}
	return b.String()
}

// copied is a state that can be changed without touching s.
func (s *state) copied() *state {
	n := *s
	n.procs, n.disks = slices.Clone(s.procs), slices.Clone(s.disks)
	n.told, n.taken = slices.Clone(s.told), maps.Clone(s.taken)
	return &n
}

// world makes the steps of a scenario.
type world struct {
	t      testing.TB
	server *server
	scenario
	broken mutation
	leak   error             // what the journals tell
	plans  map[string]plan   // actor and key → what it does next
	effect map[string]effect // image, actor, key → what comes of it
	known  map[string]*facts // by image
	sent   map[string]map[flows.MessageID]int
	folded map[string][]flows.Whole // by journals
	back   map[string]*image        // journals and image → restored
}

// plan is the next step of an actor, or what it ended with.
type plan struct {
	next *op
	said string
	err  error
}

// effect is what a step did to Redis.
type effect struct {
	image *image
	value any
	err   error
	kept  *flows.Change
	leak  error
}

func newWorld(t testing.TB, s scenario, m mutation) *world {
	t.Helper()
	return &world{t: t, server: newServer(t, m.script), scenario: s, broken: m, plans: map[string]plan{}, effect: map[string]effect{}, known: map[string]*facts{}, sent: map[string]map[flows.MessageID]int{}, folded: map[string][]flows.Whole{}, back: map[string]*image{}}
}

// begin is the first state.
func (w *world) begin() *state {
	s := &state{procs: make([]proc, len(w.actors)), disks: make([]disk, len(w.actors)), taken: map[flows.MessageID]arrivals{}, left: w.faults}
	w.server.mini.FlushAll()
	if w.filed {
		ch := filed()
		if w.against {
			ch = filedAgainst()
		}
		w.server.attempt = "filed"
		if _, err := w.server.store.Commit(context.Background(), ch); err != nil {
			w.t.Fatal(err)
		}
		if w.journal {
			s.disks[0].synced = []journal.Record{w.encode(w.server.kept)}
		}
		s.told = []string{"filed at the beginning"}
	}
	s.image = w.server.take()
	if w.replica {
		s.replica = s.image
	}
	return s
}

func (w *world) now(s *state) time.Time { return start.Add(w.moments[s.clock]) }

// plan finds out what an actor does next.
func (w *world) plan(s *state, i int) plan {
	p := &s.procs[i]
	begun := p.begun
	if len(p.answers) == 0 {
		begun = w.now(s)
	}
	key := fmt.Sprintf("%d %d %d %s", i, p.life, begun.UnixMilli(), p.key)
	if known, ok := w.plans[key]; ok {
		return known
	}
	port := &port{begun: begun, answers: p.answers, broken: w.broken, random: &dice{seed: w.actors[i].seed + 100*p.life, shared: w.same}}
	said, err := w.actors[i].run(context.Background(), port)
	w.plans[key] = plan{port.next, said, err}
	return w.plans[key]
}

// does applies a step to Redis, twice if the client sends it again.
func (w *world) does(s *state, i int, o *op, twice bool) effect {
	p := &s.procs[i]
	begun := p.begun
	if len(p.answers) == 0 {
		begun = w.now(s)
	}
	key := fmt.Sprintf("%x %d %d %d %s %v", s.image.key, i, p.life, begun.UnixMilli(), p.key, twice)
	if known, ok := w.effect[key]; ok {
		return known
	}
	w.server.put(s.image)
	w.server.attempt = fmt.Sprintf("%d-%d-%d-%x", i, p.life, len(p.answers), digest(p.key)[:3])
	w.server.kept = nil
	if twice {
		_, _ = o.do(context.Background(), w.server)
		if w.broken.renamed {
			w.server.attempt += "-again"
		}
	}
	w.server.kept = nil
	e := effect{image: s.image}
	e.value, e.err = o.do(context.Background(), w.server)
	e.kept = w.server.kept
	if o.writes {
		e.image = w.server.take()
		e.leak = w.server.fed()
	}
	w.effect[key] = e
	return e
}

func (w *world) encode(ch *flows.Change) journal.Record {
	r, err := journal.Encode(*ch, ch.Case.Version)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// fold is what the journals of a state hold, put together by the real fold.
func (w *world) fold(s *state) (string, []flows.Whole) {
	var key strings.Builder
	for _, d := range s.disks {
		key.WriteString(names(d.synced) + "|")
	}
	if known, ok := w.folded[key.String()]; ok {
		return key.String(), known
	}
	fold := journal.NewFold()
	for _, d := range s.disks {
		for _, r := range d.synced {
			if tells(string(r.Body)) {
				w.leak = errors.New("the journal holds a reporter's number or words")
			}
			if err := fold.Add(r); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	var all []flows.Whole
	err := fold.Each(context.Background(), 1, func(some []flows.Whole, kept []record.Kept) error {
		for i, one := range some {
			var err error
			if one.Timeline, err = journal.Timeline(kept[i]); err != nil {
				return err
			}
			all = append(all, one)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.folded[key.String()] = all
	return key.String(), all
}

// restore brings a Redis back from journals, with the real script.
func (w *world) restore(s *state, onto *image) *image {
	key, all := w.fold(s)
	key += onto.key
	if known := w.back[key]; known != nil {
		return known
	}
	w.server.put(onto)
	for _, one := range all {
		one.Waiting = slices.Clone(one.Waiting)
		for i := range one.Waiting {
			one.Waiting[i].Repeat = one.Waiting[i].Repeat && !w.broken.unmarked
		}
		if err := w.server.store.RestoreCase(context.Background(), one); err != nil {
			w.t.Fatal(err)
		}
	}
	w.back[key] = w.server.take()
	return w.back[key]
}

// whole reads a case with all that belongs to it.
func (w *world) whole(img *image, id flows.CaseID) (flows.Whole, error) {
	w.server.put(img)
	ctx := context.Background()
	c, err := w.server.store.Case(ctx, id)
	if err != nil {
		return flows.Whole{}, err
	}
	line, err := w.server.store.Timeline(ctx, id)
	if err != nil {
		return flows.Whole{}, err
	}
	waiting, err := w.server.store.Waiting(ctx, id)
	return flows.Whole{Case: c, Timeline: line, Waiting: waiting}, err
}

// cases are the ids of the cases in an image.
func cases(img *image) []flows.CaseID {
	var ids []flows.CaseID
	for _, k := range slices.Sorted(maps.Keys(img.data)) {
		if id, ok := strings.CutPrefix(k, "hl:{p00}:case:"); ok {
			ids = append(ids, flows.CaseID(id))
		}
	}
	return ids
}
