package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// Due lists up to n timers of a partition that are due at now, the oldest first.
// Reading takes nothing: a timer goes when the change that handles it says so.
func (s *Store) Due(ctx context.Context, partition int, now time.Time, n int) ([]flows.DueTimer, error) {
	const op = "list due timers"
	if partition < 0 || partition >= len(s.partitions) {
		return nil, malformed(op, "no such partition")
	}
	members, err := s.client.ZRangeByScoreWithScores(ctx, name(s.partitions[partition].timers), dueAt(now, n)).Result()
	if err != nil {
		return nil, wrap(op, err)
	}
	return appendDue(nil, members)
}

// DueAll lists up to n due timers of every partition, in one round trip, and
// the moment of the next one that is not due yet, zero if there is none.
func (s *Store) DueAll(ctx context.Context, now time.Time, n int) ([]flows.DueTimer, time.Time, error) {
	const op = "list due timers"
	type pair struct{ due, next *redis.ZSliceCmd }
	pairs := make([]pair, len(s.partitions))
	after := &redis.ZRangeBy{Min: "(" + strconv.FormatInt(flows.Millis(now), 10), Max: "+inf", Count: 1}
	_, err := s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := range s.partitions {
			key := name(s.partitions[i].timers)
			pairs[i] = pair{pipe.ZRangeByScoreWithScores(ctx, key, dueAt(now, n)), pipe.ZRangeByScoreWithScores(ctx, key, after)}
		}
		return nil
	})
	if err != nil {
		return nil, time.Time{}, wrap(op, err)
	}
	var due []flows.DueTimer
	var next time.Time
	for _, p := range pairs {
		if due, err = appendDue(due, p.due.Val()); err != nil {
			return nil, time.Time{}, err
		}
		next = earliest(next, p.next.Val())
	}
	return due, next, nil
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
	first, err := s.client.ZRangeWithScores(ctx, name(s.partitions[partition].outbox), 0, 0).Result()
	if err != nil {
		return time.Time{}, wrap(op, err)
	}
	return earliest(time.Time{}, first), nil
}

func dueAt(now time.Time, n int) *redis.ZRangeBy {
	return &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(flows.Millis(now), 10), Count: int64(n)}
}

func appendDue(due []flows.DueTimer, members []redis.Z) ([]flows.DueTimer, error) {
	for _, z := range members {
		member, _ := z.Member.(string)
		id, timer, ok := strings.Cut(member, "|")
		if !ok {
			return nil, fmt.Errorf("list due timers: %w", errRecord)
		}
		due = append(due, flows.DueTimer{Case: flows.CaseID(id), Name: flows.TimerName(timer), Due: at(z.Score)})
	}
	return due, nil
}

func earliest(so time.Time, first []redis.Z) time.Time {
	if len(first) == 0 {
		return so
	}
	if t := at(first[0].Score); so.IsZero() || t.Before(so) {
		return t
	}
	return so
}
