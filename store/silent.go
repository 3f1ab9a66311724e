package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// Tally is how many conversations of a day began, filed a case, or ended before
// they said anything.
type Tally struct{ Begun, Filed, Silent int }

// SweepSilent counts up to n contacts of a partition that have said nothing by
// now, and tells the live pages. It returns how many there were.
func (s *Store) SweepSilent(ctx context.Context, partition int, now time.Time, n int) (int, error) {
	const op = "count silent contacts"
	if partition < 0 || partition >= len(s.partitions) {
		return 0, malformed(op, "no such partition")
	}
	p := &s.partitions[partition]
	record := s.records.encodeEvents("", []flows.Event{{At: now, Kind: flows.EventSilent}})
	c := newCall(&s.scripts.sweepSilent, 3, 5)
	c.add(p.silent, p.feed, p.tally, flows.Millis(now), n, s.day(now), record, s.feedLength)
	v, err := run(ctx, s.client, c)
	if err != nil {
		return 0, wrap(op, err)
	}
	count, ok := v.(int64)
	if !ok || count < 0 {
		return 0, fmt.Errorf("%s: %w", op, errMalformed)
	}
	return int(count), nil
}

// Tally adds up the day that holds the moment.
func (s *Store) Tally(ctx context.Context, day time.Time) (Tally, error) {
	d := s.day(day)
	reads, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.SliceCmd {
		return pipe.HMGet(ctx, name(p.tally), d+tallyBegun, d+tallyFiled, d+tallySilent, d+tallyAtOnce)
	})
	if err != nil {
		return Tally{}, wrap("read the tally", err)
	}
	var sum [4]int
	for _, read := range reads {
		for i, v := range read.Val() {
			if text, ok := v.(string); ok {
				n, _ := strconv.Atoi(text)
				sum[i] += n
			}
		}
	}
	return Tally{Begun: sum[0] + sum[3], Filed: sum[1] + sum[3], Silent: sum[2]}, nil
}
