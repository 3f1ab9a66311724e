package store

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// Due lists up to n cases of a partition with a timer that is due at now, the oldest
// first. Reading takes nothing: a timer goes when the change that handles it says so.
func (s *Store) Due(ctx context.Context, partition int, now time.Time, n int) ([]flows.DueCase, error) {
	const op = "list due timers"
	if partition < 0 || partition >= len(s.partitions) {
		return nil, malformed(op, "no such partition")
	}
	members, err := s.client.ZRangeByScoreWithScores(ctx, name(s.partitions[partition].timers), dueAt(now, n)).Result()
	if err != nil {
		return nil, wrap(op, err)
	}
	return appendDue(nil, members), nil
}

// DuePurges lists up to n cases of each partition whose purge is due at now.
func (s *Store) DuePurges(ctx context.Context, now time.Time, n int) ([]flows.DueCase, error) {
	const op = "list due purges"
	until := strconv.FormatInt(flows.Millis(now)+purgeBehind, 10)
	reads, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.ZSliceCmd {
		return pipe.ZRangeByScoreWithScores(ctx, name(p.timers), &redis.ZRangeBy{
			Min: strconv.FormatInt(purgeBehind, 10), Max: until, Count: int64(n),
		})
	})
	if err != nil {
		return nil, wrap(op, err)
	}
	var due []flows.DueCase
	for _, read := range reads {
		due = appendDue(due, read.Val())
	}
	return due, nil
}

// Purging lists the closed cases whose purge lies between two moments. What is kept
// for how long is known, so this finds the cases that were closed at a time.
func (s *Store) Purging(ctx context.Context, from, to time.Time) ([]flows.CaseID, error) {
	const op = "list closed cases"
	reads, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.ZSliceCmd {
		return pipe.ZRangeByScoreWithScores(ctx, name(p.timers), &redis.ZRangeBy{
			Min: strconv.FormatInt(flows.Millis(from)+purgeBehind, 10), Max: strconv.FormatInt(flows.Millis(to)+purgeBehind, 10),
		})
	})
	if err != nil {
		return nil, wrap(op, err)
	}
	var ids []flows.CaseID
	for _, read := range reads {
		for _, due := range appendDue(nil, read.Val()) {
			ids = append(ids, due.Case)
		}
	}
	return ids, nil
}

// DueAll lists up to n cases of every partition with a due timer, and the moment of the next
// one that is not due yet, zero if there is none. It takes one round trip, and
// another when something is due.
func (s *Store) DueAll(ctx context.Context, now time.Time, n int) ([]flows.DueCase, time.Time, error) {
	const op = "list due timers"
	firsts, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.ZSliceCmd {
		return pipe.ZRangeWithScores(ctx, name(p.timers), 0, 0)
	})
	if err != nil {
		return nil, time.Time{}, wrap(op, err)
	}
	ripe, next := split(firsts, now)
	if len(ripe) == 0 {
		return nil, next, nil
	}
	reads := make([]struct{ due, next *redis.ZSliceCmd }, len(ripe))
	_, err = s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, at := range ripe {
			key := name(s.partitions[at].timers)
			reads[i].due = pipe.ZRangeByScoreWithScores(ctx, key, dueAt(now, n))
			reads[i].next = pipe.ZRangeByScoreWithScores(ctx, key, after(now))
		}
		return nil
	})
	if err != nil {
		return nil, time.Time{}, wrap(op, err)
	}
	var due []flows.DueCase
	for _, r := range reads {
		due = appendDue(due, r.due.Val())
		next = earliest(next, r.next.Val())
	}
	return due, next, nil
}

// split tells the partitions whose first entry is due from the rest, and finds
// the first of the rest.
func split(firsts []*redis.ZSliceCmd, now time.Time) (ripe []int, next time.Time) {
	for i, first := range firsts {
		z := first.Val()
		if len(z) > 0 && int64(z[0].Score) <= flows.Millis(now) {
			ripe = append(ripe, i)
		} else {
			next = earliest(next, z)
		}
	}
	return ripe, next
}

func after(now time.Time) *redis.ZRangeBy {
	return &redis.ZRangeBy{Min: "(" + strconv.FormatInt(flows.Millis(now), 10), Max: "+inf", Count: 1}
}

// NextDue is when the next timer of a partition is due; zero if it has none.
func (s *Store) NextDue(ctx context.Context, partition int) (time.Time, error) {
	const op = "read the next timer"
	if partition < 0 || partition >= len(s.partitions) {
		return time.Time{}, malformed(op, "no such partition")
	}
	first, err := s.client.ZRangeWithScores(ctx, name(s.partitions[partition].timers), 0, 0).Result()
	if err != nil {
		return time.Time{}, wrap(op, err)
	}
	return earliest(time.Time{}, first), nil
}

// NextMessage is when the next message of a partition is due; zero if there is
// none.
func (s *Store) NextMessage(ctx context.Context, partition int) (time.Time, error) {
	const op = "read the next message"
	if partition < 0 || partition >= len(s.partitions) {
		return time.Time{}, malformed(op, "no such partition")
	}
	var urgent, plain *redis.ZSliceCmd
	_, err := s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		urgent, plain = firstOf(ctx, pipe, name(s.partitions[partition].outbox))
		return nil
	})
	if err != nil {
		return time.Time{}, wrap(op, err)
	}
	return earliest(earliest(time.Time{}, upright(urgent.Val())), plain.Val()), nil
}

func dueAt(now time.Time, n int) *redis.ZRangeBy {
	return &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(flows.Millis(now), 10), Count: int64(n)}
}

func appendDue(due []flows.DueCase, members []redis.Z) []flows.DueCase {
	for _, z := range members {
		member, _ := z.Member.(string)
		if z.Score >= purgeBehind {
			z.Score -= purgeBehind
		}
		due = append(due, flows.DueCase{Case: flows.CaseID(member), Due: at(z.Score)})
	}
	return due
}

// earliest is the earlier of so and the first of a set. Cases that wait for nothing
// do not count, nor purges: they have a worker of their own.
func earliest(so time.Time, first []redis.Z) time.Time {
	if len(first) == 0 || first[0].Score >= untimed {
		return so
	}
	if t := at(first[0].Score); so.IsZero() || t.Before(so) {
		return t
	}
	return so
}
