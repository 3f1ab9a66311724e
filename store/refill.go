package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// refillChunk is how many cases of a partition are written at once.
const refillChunk = 500

// Refill brings many cases back. An empty store, as the in-process one is at every
// start, is filled with plain commands, which takes a tenth of the time of its
// script. It must not serve meanwhile.
type Refill struct {
	s     *Store
	empty bool
	mu    sync.Mutex
	parts [][]*flows.Whole // what waits to be written, by partition
}

// Refill begins to bring cases back.
func (s *Store) Refill(ctx context.Context) (*Refill, error) {
	empty, err := s.empty(ctx)
	if err != nil {
		return nil, wrap("restore cases", err)
	}
	return &Refill{s: s, empty: empty, parts: make([][]*flows.Whole, len(s.partitions))}, nil
}

// Add takes cases in, which it keeps. Several goroutines may.
func (r *Refill) Add(ctx context.Context, cases []flows.Whole) error {
	if r.empty && r.s.server != nil {
		return r.direct(cases)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range cases {
		c := &cases[i]
		if r.s.of(c.Case.ID) == nil || !r.empty {
			if err := r.s.RestoreCase(ctx, *c); err != nil {
				return err
			}
			continue
		}
		n := c.Case.ID.Partition()
		if r.parts[n] = append(r.parts[n], c); len(r.parts[n]) >= refillChunk {
			if err := r.s.refill(ctx, &r.s.partitions[n], r.parts[n]); err != nil {
				return err
			}
			r.parts[n] = nil
		}
	}
	return nil
}

// Done writes what is left.
func (r *Refill) Done(ctx context.Context) error {
	for n, part := range r.parts {
		if len(part) == 0 {
			continue
		}
		if err := r.s.refill(ctx, &r.s.partitions[n], part); err != nil {
			return err
		}
		r.parts[n] = nil
	}
	return nil
}

// direct writes into the server in this process, without a connection between.
func (r *Refill) direct(cases []flows.Whole) error {
	for i := range cases {
		c := &cases[i]
		p := r.s.of(c.Case.ID)
		if p == nil {
			return fmt.Errorf("restore case %s: its id has no partition below %d", c.Case.ID, len(r.s.partitions))
		}
		var b bulk
		if err := r.s.gather(&b, p, c); err != nil {
			return fmt.Errorf("restore case %s: %w", c.Case.ID, err)
		}
		if err := b.put(r.s.server, p); err != nil {
			return fmt.Errorf("restore case %s: %w", c.Case.ID, err)
		}
	}
	return nil
}

// put writes the bulk of one case into the server in this process.
func (b *bulk) put(to *miniredis.Miniredis, p *partition) error {
	db := to.DB(0)
	for _, l := range b.lines {
		if _, err := db.Push(l.key, string(l.events)); err != nil {
			return err
		}
	}
	for _, f := range b.forms {
		db.HSet(f.key, texts(f.fields)...)
	}
	for _, h := range b.hashes(p) {
		if len(h.fields) > 0 {
			db.HSet(name(h.key), texts(h.fields)...)
		}
	}
	for _, z := range b.sets(p) {
		for _, m := range z.members {
			if _, err := db.ZAdd(name(z.key), m.Score, texts([]any{m.Member})[0]); err != nil {
				return err
			}
		}
	}
	pair := texts(b.cases)
	return db.Set(pair[0], pair[1])
}

// texts are the values of a command as the server keeps them.
func texts(values []any) []string {
	out := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case string:
			out[i] = v
		case []byte:
			out[i] = string(v)
		}
	}
	return out
}

// empty reports whether no partition holds a case.
func (s *Store) empty(ctx context.Context) (bool, error) {
	counts, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.IntCmd {
		return pipe.Exists(ctx, name(p.refs), name(p.open), name(p.timers), name(p.tally))
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
	cases, refs, receipts, sids, bodies []any
	open, timers, members, outbox       []redis.Z
	lines                               []line
	forms                               []form
}

// line is the timeline of a case, form what was written into its forms.
type (
	line struct {
		key    string
		events []byte
	}
	form struct {
		key    string
		fields []any
	}
)

// refill writes the cases themselves last: if the program dies in between, the
// next start finds none of them and restores them whole.
func (s *Store) refill(ctx context.Context, p *partition, chunk []*flows.Whole) error {
	const op = "restore cases"
	var b bulk
	for _, r := range chunk {
		if err := s.gather(&b, p, r); err != nil {
			return fmt.Errorf("restore case %s: %w", r.Case.ID, err)
		}
	}
	_, err := s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, l := range b.lines {
			pipe.Del(ctx, l.key)
			pipe.RPush(ctx, l.key, l.events)
		}
		for _, f := range b.forms {
			pipe.HSet(ctx, f.key, f.fields...)
		}
		b.write(ctx, pipe, p)
		return nil
	})
	if err != nil {
		return wrap(op, err)
	}
	return wrap(op, s.client.MSet(ctx, b.cases...).Err())
}

// fields are what goes into one hash, members what goes into one sorted set.
type (
	fields struct {
		key    any
		fields []any
	}
	members struct {
		key     any
		members []redis.Z
	}
)

func (b *bulk) hashes(p *partition) []fields {
	return []fields{{p.refs, b.refs}, {p.receipts, b.receipts}, {p.sids, b.sids}, {p.bodies, b.bodies}}
}

func (b *bulk) sets(p *partition) []members {
	return []members{{p.open, b.open}, {p.timers, b.timers}, {p.members, b.members}, {p.outbox, b.outbox}}
}

func (b *bulk) write(ctx context.Context, pipe redis.Pipeliner, p *partition) {
	for _, h := range b.hashes(p) {
		if len(h.fields) > 0 {
			pipe.HSet(ctx, name(h.key), h.fields...)
		}
	}
	for _, z := range b.sets(p) {
		if len(z.members) > 0 {
			pipe.ZAdd(ctx, name(z.key), z.members...)
		}
	}
}

func (s *Store) gather(b *bulk, p *partition, r *flows.Whole) error {
	as := flows.Change{Case: r.Case, Send: r.Waiting, At: r.Case.Opened, From: r.Case.Version - 1, Answers: r.Answers}
	if err := s.check(&as); err != nil {
		return err
	}
	s.settle(&as)
	c, id := &as.Case, string(r.Case.ID)
	timers, members, sids := timerList(c.Timers), memberList(c), sidList(c)
	head := fmt.Sprintf("%d\x1e%s\x1e%s\x1e%s\x1e%s\x1e\n", c.Version, lineStanding(c), timers, members, sids)
	b.cases = append(b.cases, p.caseKey(c.ID), append([]byte(head), s.records.encodeCase(c)...))
	if c.Ref != "" {
		b.refs = append(b.refs, string(c.Ref), id)
	}
	if c.Receipt != "" {
		b.receipts = append(b.receipts, c.Receipt, id)
	}
	if c.IsOpen() {
		b.open = append(b.open, redis.Z{Score: float64(flows.Millis(c.Opened)), Member: id})
	}
	for timer, due := range c.Timers {
		b.timers = append(b.timers, redis.Z{Score: float64(dueScore(timer, due)), Member: id + "|" + string(timer)})
	}
	for _, m := range items(members) {
		b.members = append(b.members, redis.Z{Member: m + "|" + id})
	}
	for _, pair := range items(sids) {
		sid, number, _ := cutValue(pair)
		b.sids = append(b.sids, sid, id+"/"+number)
	}
	if len(r.Timeline) > 0 {
		b.lines = append(b.lines, line{p.timelineKey(c.ID), s.records.encodeEvents(c.ID, r.Timeline)})
	}
	if len(r.Answers) > 0 {
		fields := make([]any, 0, 2*len(r.Answers))
		for i := range r.Answers {
			fields = append(fields, r.Answers[i].Field, s.records.answers.Append(nil, &r.Answers[i]))
		}
		b.forms = append(b.forms, form{p.formsKey(c.ID), fields})
	}
	for i := range r.Waiting {
		m := &r.Waiting[i]
		b.outbox = append(b.outbox, redis.Z{Score: float64(score(m)), Member: string(m.ID)})
		b.bodies = append(b.bodies, string(m.ID), s.records.messages.Append(nil, m))
	}
	return nil
}
