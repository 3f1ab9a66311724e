package main

import (
	"context"
	"crypto/rand"
	"fmt"
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
	benchFlags
	Timers  int `help:"Cases with a timer each." default:"100000"`
	Rounds  int `help:"Rounds, each on a Redis of its own." default:"1"`
	Workers int `help:"Workers of this process." default:"1"`
}

// Run prints lateness.
func (c benchTimersCmd) Run(ctx context.Context, s streams) error {
	return c.run(ctx, s, "Lateness of timers", c.Spread, func(p *benchPart) { p.aim("late, p99", 0, 10) })
}

// Run prints timers a second.
func (c benchBurstCmd) Run(ctx context.Context, s streams) error {
	return c.run(ctx, s, "A burst of timers", 0, func(p *benchPart) { p.aim("fired, decided and committed", 15_000, 0) })
}

func (b timersBench) run(ctx context.Context, s streams, name string, spread time.Duration, aim func(*benchPart)) error {
	return b.measure(ctx, s, benchReport{
		Name: name,
		About: []string{
			fmt.Sprintf("%d cases with a timer each, due over %v, one in ten urgent; %d workers; the shipped policy; filing them takes a while", b.Timers, spread, b.Workers),
			"late: from the moment a timer was due to the moment its commit was confirmed",
		},
	}, func(ctx context.Context, p *benchPart) error {
		for i := range b.Rounds {
			p.bar.show(name+", "+p.Setting, i, b.Rounds)
			r, err := b.round(ctx, p.fsync, spread)
			if err != nil {
				return err
			}
			p.row("fired, decided and committed", "/s").add(r.Rate)
			p.row("late, p50", "ms").add(ms(r.P50))
			p.row("late, p99", "ms").add(ms(r.P99))
			p.row("late, at most", "ms").add(ms(r.Max))
			p.row("early", "").add(float64(r.Early))
			p.row("lost", "").add(float64(r.Lost))
			p.row("twice", "").add(float64(r.Twice))
		}
		aim(p)
		return nil
	})
}

// round measures once, with the shipped policy, on an empty Redis.
func (b timersBench) round(ctx context.Context, fsync string, spread time.Duration) (timing.Report, error) {
	dir, remove, err := tempDir()
	if err != nil {
		return timing.Report{}, err
	}
	defer remove()
	server, err := newRedisServer(ctx, dir, "--appendfsync", fsync)
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
