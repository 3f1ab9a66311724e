package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store/record"
)

// refillChunk is how many cases of a partition are written at once, and
// directChunk the same of the in-process server, where nothing travels.
const (
	refillChunk = 500
	directChunk = 64
)

// fullBulks is how many bulks may wait for the in-process server.
const fullBulks = 32

// Refill brings many cases back. An empty store, as the in-process one is at every
// start, is filled with plain commands, which takes a tenth of the time of its
// script. It must not serve meanwhile.
type Refill struct {
	s     *Store
	empty bool
	parts []refillPart
	// The in-process server does one thing at a time: full waits for it, and who
	// writes into it has inside.
	full   chan fullBulk
	inside sync.Mutex
}

// refillPart are the bulks of one partition into which nobody gathers just now.
type refillPart struct {
	mu    sync.Mutex
	bulks []*bulk
}

// fullBulk is what goes into a partition.
type fullBulk struct {
	*bulk
	partition int
}

// Refill begins to bring cases back.
func (s *Store) Refill(ctx context.Context) (*Refill, error) {
	empty, err := s.empty(ctx)
	if err != nil {
		return nil, wrap("restore cases", err)
	}
	return &Refill{s: s, empty: empty, parts: make([]refillPart, len(s.partitions)), full: make(chan fullBulk, fullBulks)}, nil
}

// Add takes cases in, each as a journal holds it: without its timeline, which is
// in kept. Several goroutines may.
func (r *Refill) Add(ctx context.Context, cases []flows.Whole, kept []record.Kept) error {
	for i := range cases {
		c := keptCase{&cases[i], nil}
		if kept != nil {
			c.kept = &kept[i]
		}
		if r.s.of(c.Case.ID) == nil || !r.empty {
			if err := r.s.restoreCase(ctx, c); err != nil {
				return err
			}
			continue
		}
		if err := r.add(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// add gathers into a bulk that nobody else has meanwhile.
func (r *Refill) add(ctx context.Context, c keptCase) error {
	n, chunk := c.Case.ID.Partition(), refillChunk
	if r.s.server != nil {
		chunk = directChunk
	}
	b := r.parts[n].take()
	if err := r.s.gather(b, &r.s.partitions[n], c); err != nil {
		return fmt.Errorf("restore case %s: %w", c.Case.ID, err)
	}
	if len(b.cases) < 2*chunk {
		r.parts[n].give(b)
		return nil
	}
	return r.flush(ctx, fullBulk{b, n})
}

func (p *refillPart) take() *bulk {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.bulks) - 1
	if last < 0 {
		return &bulk{}
	}
	b := p.bulks[last]
	p.bulks = p.bulks[:last]
	return b
}

func (p *refillPart) give(b *bulk) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bulks = append(p.bulks, b)
}

// Done writes what is left.
func (r *Refill) Done(ctx context.Context) error {
	for n := range r.parts {
		for _, b := range r.parts[n].bulks {
			if len(b.cases) == 0 {
				continue
			}
			if err := r.write(ctx, fullBulk{b, n}); err != nil {
				return err
			}
		}
		r.parts[n].bulks = nil
	}
	return r.drain(ctx)
}

// flush has a bulk written. If somebody writes into the server of this process
// already, it waits for them, and its gatherer goes on.
func (r *Refill) flush(ctx context.Context, b fullBulk) error {
	if r.s.server == nil {
		return r.writeOut(ctx, b)
	}
	select {
	case r.full <- b:
		if !r.inside.TryLock() {
			return nil
		}
		defer r.inside.Unlock()
	default: // too much waits
		r.inside.Lock()
		defer r.inside.Unlock()
		if err := r.writeOut(ctx, b); err != nil {
			return err
		}
	}
	return r.drain(ctx)
}

// drain writes what waits for the server of this process.
func (r *Refill) drain(ctx context.Context) error {
	for {
		select {
		case b := <-r.full:
			if err := r.writeOut(ctx, b); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// write writes a bulk into its partition, without a connection between if the
// server is in this process, and empties it for others.
func (r *Refill) write(ctx context.Context, b fullBulk) (err error) {
	p := &r.s.partitions[b.partition]
	if r.s.server != nil {
		err = b.put(r.s.server.DB(0), p)
	} else {
		err = b.send(ctx, r.s.client, p)
	}
	b.reset()
	return wrap("restore cases", err)
}

// writeOut writes a bulk and lays it back.
func (r *Refill) writeOut(ctx context.Context, b fullBulk) error {
	err := r.write(ctx, b)
	r.parts[b.partition].give(b.bulk)
	return err
}

// empty reports whether no partition holds a case.
func (s *Store) empty(ctx context.Context) (bool, error) {
	counts, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.IntCmd {
		return pipe.Exists(ctx, name(p.refs), name(p.timers), name(p.tally))
	})
	for _, c := range counts {
		if c.Val() > 0 {
			return false, err
		}
	}
	return true, err
}

// bulk gathers what goes into one partition, for one command each.
type bulk struct {
	cases, refs, receipts, sids, bodies []string
	timers, members, outbox             []redis.Z
	lines                               []line
	forms                               []form
}

// line is the timeline of a case, form what was written into its forms.
type (
	line struct{ key, events string }
	form struct {
		key    string
		fields []string
	}
)

// reset forgets what was written and keeps the room.
func (b *bulk) reset() {
	b.cases, b.refs, b.receipts, b.sids, b.bodies = b.cases[:0], b.refs[:0], b.receipts[:0], b.sids[:0], b.bodies[:0]
	b.timers, b.members, b.outbox = b.timers[:0], b.members[:0], b.outbox[:0]
	b.lines, b.forms = b.lines[:0], b.forms[:0]
}

// send writes all of it or nothing: a transaction, which Redis also syncs to its
// disk once, where it would sync a pipeline for every few kilobytes that it reads.
func (b *bulk) send(ctx context.Context, client redis.UniversalClient, p *partition) error {
	_, err := client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, l := range b.lines {
			pipe.Del(ctx, l.key)
			pipe.RPush(ctx, l.key, l.events)
		}
		for _, f := range b.forms {
			pipe.HSet(ctx, f.key, f.fields)
		}
		for _, h := range b.hashes(p) {
			if len(h.fields) > 0 {
				pipe.HSet(ctx, name(h.key), h.fields)
			}
		}
		for _, z := range b.sets(p) {
			if len(z.members) > 0 {
				pipe.ZAdd(ctx, name(z.key), z.members...)
			}
		}
		pipe.MSet(ctx, b.cases)
		return nil
	})
	return err
}

// fields are what goes into one hash, members what goes into one sorted set.
type (
	fields struct {
		key    any
		fields []string
	}
	members struct {
		key     any
		members []redis.Z
	}
)

func (b *bulk) hashes(p *partition) [4]fields {
	return [4]fields{{p.refs, b.refs}, {p.receipts, b.receipts}, {p.sids, b.sids}, {p.bodies, b.bodies}}
}

func (b *bulk) sets(p *partition) [3]members {
	return [3]members{{p.timers, b.timers}, {p.members, b.members}, {p.outbox, b.outbox}}
}

// gather adds a case to what is written next. It copies what it keeps: the texts of
// a case may share the memory of the journal that it came from.
func (s *Store) gather(b *bulk, p *partition, r keptCase) error {
	as, err := s.restoring(r)
	if err != nil {
		return err
	}
	events, err := s.eventsOf(r)
	if err != nil {
		return err
	}
	c, key := &as.Case, p.caseKey(r.Case.ID)
	id := key[len(key)-len(r.Case.ID):]
	members, sids := memberList(c), sidList(c)
	b.cases = append(b.cases, key, s.wholeValue(r, c, members, sids))
	if c.Ref != "" {
		b.refs = append(b.refs, strings.Clone(string(c.Ref)), id)
	}
	if c.Receipt != "" {
		b.receipts = append(b.receipts, strings.Clone(c.Receipt), id)
	}
	if at := place(c); at != 0 {
		b.timers = append(b.timers, redis.Z{Score: float64(at), Member: id})
	}
	for m := range items(members) {
		b.members = append(b.members, redis.Z{Member: m + "|" + id})
	}
	for pair := range items(sids) {
		sid, number, _ := cutValue(pair)
		b.sids = append(b.sids, sid, id+"/"+number)
	}
	if len(events) > 0 {
		b.lines = append(b.lines, line{p.timelineKey(c.ID), string(events)})
	}
	if len(r.Answers) > 0 {
		fields := make([]string, 0, 2*len(r.Answers))
		for i := range r.Answers {
			fields = append(fields, strings.Clone(r.Answers[i].Field), string(s.records.answers.Append(nil, &r.Answers[i])))
		}
		b.forms = append(b.forms, form{p.formsKey(c.ID), fields})
	}
	for i := range r.Waiting {
		m := &r.Waiting[i]
		message := strings.Clone(string(m.ID))
		b.outbox = append(b.outbox, redis.Z{Score: float64(score(m)), Member: message})
		b.bodies = append(b.bodies, message, string(s.records.messages.Append(nil, m)))
	}
	return nil
}

// wholeValue is the value of a case key, without commands.
func (s *Store) wholeValue(r keptCase, c *flows.Case, members, sids string) string {
	b := append(strconv.AppendInt(make([]byte, 0, 1024), c.Version, 10), commandSep)
	return string(s.caseOf(appendLists(b, members, sids), r, c))
}
