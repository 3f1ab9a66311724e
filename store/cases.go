package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// Case reads one case. It returns flows.ErrNotFound if there is none.
func (s *Store) Case(ctx context.Context, id flows.CaseID) (flows.Case, error) {
	op := "read case " + string(id)
	p := s.of(id)
	if p == nil {
		return flows.Case{}, fmt.Errorf("%s: %w", op, flows.ErrNotFound)
	}
	value, err := s.client.Get(ctx, p.caseKey(id)).Result()
	if err != nil {
		return flows.Case{}, wrap(op, err)
	}
	c, err := s.records.decodeCase(value)
	if err != nil {
		return flows.Case{}, fmt.Errorf("%s: %w", op, err)
	}
	return c, nil
}

// CaseByRef finds a case by the reference that people dictate.
func (s *Store) CaseByRef(ctx context.Context, ref flows.Ref) (flows.Case, error) {
	p := &s.partitions[flows.Partition(string(ref), len(s.partitions))]
	id, err := s.client.HGet(ctx, name(p.refs), string(ref)).Result()
	if err != nil {
		return flows.Case{}, wrap("find a case by its reference", err)
	}
	return s.Case(ctx, flows.CaseID(id))
}

// CaseByReceipt finds a case by its receipt: the number leads to the partition,
// its keyed hash to the case.
func (s *Store) CaseByReceipt(ctx context.Context, number, hash string) (flows.Case, error) {
	p := &s.partitions[flows.Partition(number, len(s.partitions))]
	id, err := s.client.HGet(ctx, name(p.receipts), hash).Result()
	if err != nil {
		return flows.Case{}, wrap("find a case by its receipt", err)
	}
	return s.Case(ctx, flows.CaseID(id))
}

// Cases reads many cases in one round trip. The result has the order of ids; a
// case that does not exist is zero.
func (s *Store) Cases(ctx context.Context, ids []flows.CaseID) ([]flows.Case, error) {
	const op = "read cases"
	cases := make([]flows.Case, len(ids))
	at := make(map[int][]int, len(s.partitions)) // partition → places in ids
	for i, id := range ids {
		if s.of(id) != nil {
			at[id.Partition()] = append(at[id.Partition()], i)
		}
	}
	reads := make(map[int]*redis.SliceCmd, len(at))
	_, err := s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for n, places := range at {
			keys := make([]string, len(places))
			for k, i := range places {
				keys[k] = s.partitions[n].caseKey(ids[i])
			}
			reads[n] = pipe.MGet(ctx, keys...)
		}
		return nil
	})
	if err != nil {
		return nil, wrap(op, err)
	}
	for n, read := range reads {
		for k, v := range read.Val() {
			value, ok := v.(string)
			if !ok {
				continue
			}
			c, err := s.records.decodeCase(value)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", op, ids[at[n][k]], err)
			}
			cases[at[n][k]] = c
		}
	}
	return cases, nil
}

// Open reads every open case, the oldest first.
func (s *Store) Open(ctx context.Context) ([]flows.Case, error) {
	reads, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.StringSliceCmd {
		return pipe.ZRangeByScore(ctx, name(p.timers), &redis.ZRangeBy{Min: "-inf", Max: "(" + strconv.Itoa(purgeBehind)})
	})
	if err != nil {
		return nil, wrap("list open cases", err)
	}
	var ids []flows.CaseID
	for _, read := range reads {
		for _, id := range read.Val() {
			ids = append(ids, flows.CaseID(id))
		}
	}
	cases, err := s.Cases(ctx, ids)
	if err != nil {
		return nil, err
	}
	// A case may have been closed between the two reads.
	cases = slices.DeleteFunc(cases, func(c flows.Case) bool { return c.ID == "" || !c.IsOpen() })
	slices.SortStableFunc(cases, byOpened)
	return cases, nil
}

func byOpened(a, b flows.Case) int {
	if d := a.Opened.Compare(b.Opened); d != 0 {
		return d
	}
	return strings.Compare(string(a.ID), string(b.ID))
}

// Concerning lists the open cases that a member may answer with a bare "1": see
// flows.Case.Concerns. The oldest comes first.
func (s *Store) Concerning(ctx context.Context, member flows.MemberID) ([]flows.Case, error) {
	cases, err := s.Asked(ctx, member)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(cases, func(c flows.Case) bool { return !slices.Contains(c.Concerns(), member) }), nil
}

// Asked lists the open cases that a member was ever asked to take or holds, the
// oldest first. Somebody else may hold them by now.
func (s *Store) Asked(ctx context.Context, member flows.MemberID) ([]flows.Case, error) {
	const op = "list the cases of a member"
	if member == "" || !plain(string(member)) {
		return nil, nil
	}
	prefix := string(member) + "|"
	reads, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.StringSliceCmd {
		// "}" is the byte after "|": everything that begins with the prefix.
		return pipe.ZRangeByLex(ctx, name(p.members), &redis.ZRangeBy{Min: "[" + prefix, Max: "(" + string(member) + "}"})
	})
	if err != nil {
		return nil, wrap(op, err)
	}
	var ids []flows.CaseID
	for _, read := range reads {
		for _, m := range read.Val() {
			ids = append(ids, flows.CaseID(strings.TrimPrefix(m, prefix)))
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	cases, err := s.Cases(ctx, ids)
	if err != nil {
		return nil, err
	}
	cases = slices.DeleteFunc(cases, func(c flows.Case) bool { return c.ID == "" || !c.IsOpen() })
	slices.SortStableFunc(cases, byOpened)
	return cases, nil
}

// Timeline reads all that happened to a case, in order.
func (s *Store) Timeline(ctx context.Context, id flows.CaseID) ([]flows.Event, error) {
	op := "read the timeline of case " + string(id)
	p := s.of(id)
	if p == nil {
		return nil, fmt.Errorf("%s: %w", op, flows.ErrNotFound)
	}
	records, err := s.client.LRange(ctx, p.timelineKey(id), 0, -1).Result()
	if err != nil {
		return nil, wrap(op, err)
	}
	events, err := s.decodeTimeline(id, records)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return events, nil
}

func (s *Store) decodeTimeline(id flows.CaseID, records []string) ([]flows.Event, error) {
	events := make([]flows.Event, 0, 2*len(records))
	var err error
	for _, r := range records {
		if events, err = s.records.decodeEvents(events, id, r); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// Timelines reads the timelines of many cases in one round trip, in the order of
// ids. That of a case which does not exist is empty.
func (s *Store) Timelines(ctx context.Context, ids []flows.CaseID) ([][]flows.Event, error) {
	const op = "read timelines"
	reads := make([]*redis.StringSliceCmd, len(ids))
	_, err := s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, id := range ids {
			if p := s.of(id); p != nil {
				reads[i] = pipe.LRange(ctx, p.timelineKey(id), 0, -1)
			}
		}
		return nil
	})
	if err != nil {
		return nil, wrap(op, err)
	}
	timelines := make([][]flows.Event, len(ids))
	for i, read := range reads {
		if read == nil {
			continue
		}
		if timelines[i], err = s.decodeTimeline(ids[i], read.Val()); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", op, ids[i], err)
		}
	}
	return timelines, nil
}

// each asks every partition the same in one round trip.
func each[C redis.Cmder](ctx context.Context, s *Store, ask func(redis.Pipeliner, *partition) C) ([]C, error) {
	answers := make([]C, len(s.partitions))
	_, err := s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := range s.partitions {
			answers[i] = ask(pipe, &s.partitions[i])
		}
		return nil
	})
	return answers, err
}

// at is a score of a sorted set as a moment.
func at(score float64) time.Time { return flows.Moment(int64(score)) }
