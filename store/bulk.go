package store

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// bulk gathers what goes into one partition, for one command each.
type bulk struct {
	cases, refs, receipts, sids, bodies []string
	timers, members, outbox             []scored
	lines                               []line
	forms                               []form
	texts                               arena
	scratch                             []byte
	as                                  flows.Change // of the case that is being gathered
}

// scored is a member of a sorted set.
type scored struct {
	score  float64
	member string
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
				pipe.ZAdd(ctx, name(z.key), z.forClient()...)
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
		members []scored
	}
)

func (m members) forClient() []redis.Z {
	list := make([]redis.Z, len(m.members))
	for i, z := range m.members {
		list[i] = redis.Z{Score: z.score, Member: z.member}
	}
	return list
}

func (b *bulk) hashes(p *partition) [4]fields {
	return [4]fields{{p.refs, b.refs}, {p.receipts, b.receipts}, {p.sids, b.sids}, {p.bodies, b.bodies}}
}

func (b *bulk) sets(p *partition) [3]members {
	return [3]members{{p.timers, b.timers}, {p.members, b.members}, {p.outbox, b.outbox}}
}

// gather adds a case to what is written next. It copies what it keeps: the texts of
// a case may share the memory of the journal that it came from.
func (s *Store) gather(b *bulk, p *partition, r keptCase) error {
	if err := s.restoring(&b.as, r); err != nil {
		return err
	}
	events, err := s.eventsOf(b.scratch[:0], r)
	if err != nil {
		return err
	}
	if len(events) > 0 {
		b.lines = append(b.lines, line{b.texts.join(p.prefix, "line:", string(r.Case.ID)), b.texts.keep(events)})
	}
	c, key := &b.as.Case, b.texts.join(p.prefix, "case:", string(r.Case.ID))
	id := key[len(key)-len(r.Case.ID):]
	members, sids := memberList(c), sidList(c)
	value := s.wholeValue(events[:0], r, c, members, sids)
	b.cases = append(b.cases, key, b.texts.keep(value))
	b.scratch = value
	if c.Ref != "" {
		b.refs = append(b.refs, b.texts.join(string(c.Ref)), id)
	}
	if c.Receipt != "" {
		b.receipts = append(b.receipts, b.texts.join(c.Receipt), id)
	}
	if at := place(c); at != 0 {
		b.timers = append(b.timers, scored{float64(at), id})
	}
	for m := range items(members) {
		b.members = append(b.members, scored{0, b.texts.join(m, "|", id)})
	}
	for pair := range items(sids) {
		sid, number, _ := cutValue(pair)
		b.sids = append(b.sids, b.texts.join(sid), b.texts.join(id, "/", number))
	}
	s.gatherAnswers(b, p, r)
	for i := range r.Waiting {
		m := &r.Waiting[i]
		b.scratch = s.records.messages.Append(b.scratch[:0], m)
		message := b.texts.join(string(m.ID))
		b.outbox = append(b.outbox, scored{float64(score(m)), message})
		b.bodies = append(b.bodies, message, b.texts.keep(b.scratch))
	}
	return nil
}

func (s *Store) gatherAnswers(b *bulk, p *partition, r keptCase) {
	if len(r.Answers) == 0 {
		return
	}
	fields := make([]string, 0, 2*len(r.Answers))
	for i := range r.Answers {
		b.scratch = s.records.answers.Append(b.scratch[:0], &r.Answers[i])
		fields = append(fields, b.texts.join(r.Answers[i].Field), b.texts.keep(b.scratch))
	}
	b.forms = append(b.forms, form{p.formsKey(r.Case.ID), fields})
}

// wholeValue is the value of a case key, without commands.
func (s *Store) wholeValue(b []byte, r keptCase, c *flows.Case, members, sids string) []byte {
	b = append(strconv.AppendInt(b, c.Version, 10), commandSep)
	return s.caseOf(appendLists(b, members, sids), r, c)
}
