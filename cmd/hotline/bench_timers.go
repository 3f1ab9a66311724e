package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/configs"
	"hotline/flows/escalation/timing"
	"hotline/store"
)

// benchTimersCmd measures how late timers fire when they fall due evenly.
type benchTimersCmd struct {
	timersBench
	Spread time.Duration `help:"Time over which they fall due." default:"60s"`
}

// benchBurstCmd measures how fast timers that are all due at once are worked off.
type benchBurstCmd struct {
	timersBench
}

type timersBench struct {
	Timers  int    `help:"Cases with a timer each." default:"100000"`
	Rounds  int    `help:"Rounds, each on a Redis of its own." default:"1"`
	Workers int    `help:"Workers of this process." default:"1"`
	Fsync   string `help:"always or everysec." default:"always" enum:"always,everysec"`
	JSON    bool   `help:"Print one JSON object a round." name:"json"`
}

// Run prints lateness.
func (c benchTimersCmd) Run(ctx context.Context, s streams) error {
	return c.run(ctx, s, c.Spread, "target: p99 10 ms or less, none early")
}

// Run prints timers a second.
func (c benchBurstCmd) Run(ctx context.Context, s streams) error {
	return c.run(ctx, s, 0, "target: 15,000 a second or more, urgent first")
}

func (b timersBench) run(ctx context.Context, s streams, spread time.Duration, target string) error {
	fmt.Fprintf(s.err, "%d timers over %v, Redis with appendfsync %s; filing them takes a while\n", b.Timers, spread, b.Fsync)
	for range b.Rounds {
		r, err := b.round(ctx, spread)
		if err != nil {
			return err
		}
		if b.JSON {
			if err := json.NewEncoder(s.out).Encode(r); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintln(s.out, r)
	}
	if !b.JSON {
		fmt.Fprintln(s.out, target)
	}
	return nil
}

// round measures once, with the shipped policy, on an empty Redis.
func (b timersBench) round(ctx context.Context, spread time.Duration) (timing.Report, error) {
	dir, err := os.MkdirTemp("", "hotline-bench-")
	if err != nil {
		return timing.Report{}, fmt.Errorf("make a directory for Redis: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err := newRedisServer(ctx, dir, "--appendfsync", b.Fsync)
	if err != nil {
		return timing.Report{}, err
	}
	if err := server.start(ctx); err != nil {
		return timing.Report{}, err
	}
	defer server.kill()
	st, err := store.Open(ctx, store.Options{Client: redis.NewClient(&redis.Options{Addr: server.addr})})
	if err != nil {
		return timing.Report{}, err
	}
	defer st.Close()
	d, err := loadData(configs.Files)
	if err != nil {
		return timing.Report{}, err
	}
	world, err := timing.World(d.policy, d.calendar, d.texts)
	if err != nil {
		return timing.Report{}, err
	}
	return timing.Run(ctx, timing.Options{
		Store: st, Now: realTime, Random: rand.Reader, World: world, Place: timing.Commune,
		Cases: b.Timers, Urgent: 10, Spread: spread, Lead: 2 * time.Second, Workers: b.Workers,
	})
}
