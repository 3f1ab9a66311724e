package store

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// refillChunk is how many cases of a partition are written at once.
const refillChunk = 500

// RestoreAll is RestoreCase for many cases. An empty store, as the in-process one
// is at every start, is filled with plain commands, which takes a tenth of the
// time. It must not serve meanwhile.
func (s *Store) RestoreAll(ctx context.Context, cases []flows.Whole) error {
	empty, err := s.empty(ctx)
	if err != nil {
		return wrap("restore cases", err)
	}
	parts := make([][]*flows.Whole, len(s.partitions))
	for i := range cases {
		r := &cases[i]
		if s.of(r.Case.ID) == nil || !empty {
			if err := s.RestoreCase(ctx, *r); err != nil {
				return err
			}
			continue
		}
		parts[r.Case.ID.Partition()] = append(parts[r.Case.ID.Partition()], r)
	}
	for n, part := range parts {
		for len(part) > 0 {
			chunk := part[:min(len(part), refillChunk)]
			if err := s.refill(ctx, &s.partitions[n], chunk); err != nil {
				return err
			}
			part = part[len(chunk):]
		}
	}
	return nil
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
}

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
		for _, r := range chunk {
			if len(r.Timeline) > 0 {
				line := p.timelineKey(r.Case.ID)
				pipe.Del(ctx, line)
				pipe.RPush(ctx, line, s.records.encodeEvents(r.Case.ID, r.Timeline))
			}
			if len(r.Answers) > 0 {
				fields := make([]any, 0, 2*len(r.Answers))
				for i := range r.Answers {
					fields = append(fields, r.Answers[i].Field, s.records.answers.append(nil, &r.Answers[i]))
				}
				pipe.HSet(ctx, p.formsKey(r.Case.ID), fields...)
			}
		}
		b.write(ctx, pipe, p)
		return nil
	})
	if err != nil {
		return wrap(op, err)
	}
	return wrap(op, s.client.MSet(ctx, b.cases...).Err())
}

func (b *bulk) write(ctx context.Context, pipe redis.Pipeliner, p *partition) {
	for _, h := range []struct {
		key    any
		fields []any
	}{{p.refs, b.refs}, {p.receipts, b.receipts}, {p.sids, b.sids}, {p.bodies, b.bodies}} {
		if len(h.fields) > 0 {
			pipe.HSet(ctx, name(h.key), h.fields...)
		}
	}
	for _, z := range []struct {
		key     any
		members []redis.Z
	}{{p.open, b.open}, {p.timers, b.timers}, {p.members, b.members}, {p.outbox, b.outbox}} {
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
	head := fmt.Sprintf("%d\x1e%s\x1e%s\x1e%s\x1e\n", c.Version, timers, members, sids)
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
	for i := range r.Waiting {
		m := &r.Waiting[i]
		b.outbox = append(b.outbox, redis.Z{Score: float64(score(m)), Member: string(m.ID)})
		b.bodies = append(b.bodies, string(m.ID), s.records.messages.append(nil, m))
	}
	return nil
}
