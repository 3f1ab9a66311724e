package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store/record"
)

// Dead is a message that was given up, and why.
type Dead struct {
	Message flows.Message `json:"message"`
	Reason  string        `json:"reason"`
}

// ClaimAll hands out messages that are due, up to n of each partition, and tells
// when the next message is due, zero if none waits. Nobody else gets them before
// the lease is over; whoever does then sees Repeat if the first said by Leave that
// it was about to send them, and no more. Urgent alerts come first, the others in the order in which
// they are due. Commit settles a message with its outcome, Retry puts it back, Bury
// gives it up. It takes one round trip, and another when something is due.
func (s *Store) ClaimAll(ctx context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error) {
	return s.claimAll(ctx, now, lease, n, n)
}

// ClaimUrgent is ClaimAll for urgent alerts alone.
func (s *Store) ClaimUrgent(ctx context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error) {
	return s.claimAll(ctx, now, lease, n, 0)
}

func (s *Store) claimAll(ctx context.Context, now time.Time, lease time.Duration, n, plain int) ([]flows.Message, time.Time, error) {
	const op = "claim messages"
	if lease < time.Millisecond || n < 1 {
		return nil, time.Time{}, malformed(op, "no lease or no number")
	}
	ripe, next, err := s.ripe(ctx, now, plain > 0)
	if err != nil {
		return nil, time.Time{}, wrap(op, err)
	}
	calls := make([]*call, len(ripe))
	for i, partition := range ripe {
		calls[i] = s.claimCall(partition, now, lease, n, plain)
	}
	var messages []flows.Message
	for _, a := range runAll(ctx, s.client, calls) {
		if a.err != nil {
			return messages, next, wrap(op, a.err)
		}
		if messages, err = s.claimed(op, messages, a.value, now.Add(lease)); err != nil {
			return messages, next, err
		}
	}
	return messages, next, nil
}

// ahead is how far before its due time an urgent alert stands in the outbox, in
// ms: before the year 1970, where nothing else stands. However many messages
// wait, the urgent alerts among them are found at once.
const ahead = 10_000_000_000_000

// score is where a message stands in the outbox.
func score(m *flows.Message) int64 {
	if m.Urgent && m.Purpose == flows.PurposeAlert {
		return flows.Millis(m.Due) - ahead
	}
	return flows.Millis(m.Due)
}

// claimScore is where a claim has put a message.
func claimScore(m *flows.Message) int64 {
	claimed := *m
	claimed.Due = m.Lease
	return score(&claimed)
}

// firstOf are the reads of the first urgent alert of an outbox and of the first
// message beside them.
func firstOf(ctx context.Context, pipe redis.Pipeliner, key string) (urgent, plain *redis.ZSliceCmd) {
	return pipe.ZRangeByScoreWithScores(ctx, key, &redis.ZRangeBy{Min: "-inf", Max: "(0", Count: 1}),
		pipe.ZRangeByScoreWithScores(ctx, key, &redis.ZRangeBy{Min: "0", Max: "+inf", Count: 1})
}

// upright turns the places of urgent alerts back into due times.
func upright(z []redis.Z) []redis.Z {
	for i := range z {
		if z[i].Score < 0 {
			z[i].Score += ahead
		}
	}
	return z
}

// ripe are the partitions that have something due, and when the next message of
// the others is.
func (s *Store) ripe(ctx context.Context, now time.Time, plain bool) (ripe []int, next time.Time, err error) {
	reads := make([][2]*redis.ZSliceCmd, len(s.partitions))
	_, err = s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := range s.partitions {
			reads[i][0], reads[i][1] = firstOf(ctx, pipe, name(s.partitions[i].outbox))
		}
		return nil
	})
	if err != nil {
		return nil, next, err
	}
	for i, read := range reads {
		due := false
		for k, cmd := range read {
			z := upright(cmd.Val())
			switch {
			case k == 1 && !plain:
			case len(z) > 0 && int64(z[0].Score) <= flows.Millis(now):
				due = true
			default:
				next = earliest(next, z)
			}
		}
		if due {
			ripe = append(ripe, i)
		}
	}
	return ripe, next, nil
}

func (s *Store) claimCall(partition int, now time.Time, lease time.Duration, n, plain int) *call {
	p := &s.partitions[partition]
	c := newCall(&s.scripts.claim, 2, 5)
	c.add(p.outbox, p.bodies, flows.Millis(now), flows.Millis(now.Add(lease)), n, int64(ahead), plain)
	return c
}

func (s *Store) claimed(op string, messages []flows.Message, v any, lease time.Time) ([]flows.Message, error) {
	pairs, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s: %w", op, errMalformed)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		var m flows.Message
		body, _ := pairs[i].(string)
		if err := s.records.messages.Decode(body, &m); err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		left, _ := pairs[i+1].(int64)
		m.Repeat, m.Lease = m.Repeat || left > 0, lease
		messages = append(messages, m)
	}
	return messages, nil
}

// Leave notes that a claimed message is about to be handed to a provider: if no
// outcome follows, it may have left. It returns flows.ErrNotFound when the claim
// is over, because its lease was and another process has the message, or because
// it was settled; then it must not be sent.
func (s *Store) Leave(ctx context.Context, m flows.Message) error {
	op := "note that message " + string(m.ID) + " leaves"
	p := s.of(m.ID.Case())
	if p == nil || m.Lease.IsZero() {
		return malformed(op, "no message id or no claim")
	}
	c := newCall(&s.scripts.leave, 2, 2)
	c.add(p.outbox, p.bodies, string(m.ID), claimScore(&m))
	return s.found(ctx, op, c)
}

// Retry puts a claimed message back after a temporary failure, with the Due and
// Attempts that it carries. It returns flows.ErrNotFound if the claim is over.
func (s *Store) Retry(ctx context.Context, m flows.Message) error {
	op := "retry message " + string(m.ID)
	p := s.of(m.ID.Case())
	if p == nil || m.Due.IsZero() || m.Lease.IsZero() {
		return malformed(op, "no message id, no due time or no claim")
	}
	claim := claimScore(&m)
	m.Lease = time.Time{}
	c := newCall(&s.scripts.retry, 2, 4)
	c.add(p.outbox, p.bodies, string(m.ID), score(&m), s.records.messages.Append(nil, &m), claim)
	return s.found(ctx, op, c)
}

// Bury moves a message to the dead list, which is never cut. It may be buried
// before or after a change settles it.
func (s *Store) Bury(ctx context.Context, m flows.Message, reason string) error {
	op := "bury message " + string(m.ID)
	p := s.of(m.ID.Case())
	if p == nil {
		return malformed(op, "no message id")
	}
	body, err := json.Marshal(Dead{m, reason})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	c := newCall(&s.scripts.bury, 3, 2)
	c.add(p.outbox, p.bodies, p.dead, string(m.ID), body)
	_, err = run(ctx, s.client, c)
	return wrap(op, err)
}

// Unbury puts a dead message back into the outbox with the Due and Attempts that
// it carries. It returns flows.ErrNotFound if it is not on the dead list.
func (s *Store) Unbury(ctx context.Context, m flows.Message) error {
	op := "unbury message " + string(m.ID)
	p := s.of(m.ID.Case())
	if p == nil || m.Due.IsZero() {
		return malformed(op, "no message id or no due time")
	}
	m.Lease = time.Time{}
	c := newCall(&s.scripts.unbury, 3, 3)
	c.add(p.outbox, p.bodies, p.dead, string(m.ID), score(&m), s.records.messages.Append(nil, &m))
	return s.found(ctx, op, c)
}

// found runs a script that answers 0 when the thing is gone.
func (s *Store) found(ctx context.Context, op string, c *call) error {
	v, err := run(ctx, s.client, c)
	if err != nil {
		return wrap(op, err)
	}
	switch v {
	case int64(1):
		return nil
	case int64(0):
		return fmt.Errorf("%s: %w", op, flows.ErrNotFound)
	}
	return fmt.Errorf("%s: %w", op, errMalformed)
}

// Dead reads the dead list, in the order in which the messages were due.
func (s *Store) Dead(ctx context.Context) ([]Dead, error) {
	const op = "read dead messages"
	reads, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.StringSliceCmd {
		return pipe.HVals(ctx, name(p.dead))
	})
	if err != nil {
		return nil, wrap(op, err)
	}
	var dead []Dead
	for _, read := range reads {
		for _, body := range read.Val() {
			var d Dead
			if json.Unmarshal([]byte(body), &d) != nil {
				return nil, fmt.Errorf("%s: %w", op, record.ErrRecord)
			}
			dead = append(dead, d)
		}
	}
	slices.SortFunc(dead, func(a, b Dead) int {
		return cmp.Or(a.Message.Due.Compare(b.Message.Due), cmp.Compare(a.Message.ID, b.Message.ID))
	})
	return dead, nil
}

// SentAs finds our message by the provider's id of it, while a word on it may
// still come. The provider's id leads to no partition, so all are asked at once.
func (s *Store) SentAs(ctx context.Context, provider, sid string) (flows.MessageID, error) {
	const op = "find a message by its provider's id"
	reads, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.SliceCmd {
		return pipe.HMGet(ctx, name(p.sids), sidField(provider, sid))
	})
	if err != nil {
		return "", wrap(op, err)
	}
	for _, read := range reads {
		if v := read.Val(); len(v) == 1 && v[0] != nil {
			id, _ := v[0].(string)
			return flows.MessageID(id), nil
		}
	}
	return "", fmt.Errorf("%s: %w", op, flows.ErrNotFound)
}
