package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store"
)

type benchMemoryCmd struct {
	benchFlags
	Cases  int `help:"Cases of each kind." default:"2000"`
	Sealed int `help:"Bytes of sealed text in a case that has some." default:"400"`
}

// Run weighs cases in Redis.
func (c benchMemoryCmd) Run(ctx context.Context, s streams) error {
	c.Fsync = c.Fsync[:1] // memory does not depend on it
	return c.measure(ctx, s, benchReport{
		Name: "Memory of a case in Redis",
		About: []string{
			fmt.Sprintf("%d cases of each kind, every change of their lives committed: three alerts, two levels, taken, three stages, closed", c.Cases),
			"bytes: growth of used_memory_dataset by case, with everything that a case leaves in indexes",
		},
	}, c.one)
}

func (c benchMemoryCmd) one(ctx context.Context, p *benchPart) error {
	var plain float64
	for i, kind := range []struct {
		name          string
		sealed, until int
	}{
		{"open case, asked level 2, without text", 0, lifeAsked},
		{"closed case, without text", 0, lifeClosed},
		{fmt.Sprintf("closed case, %d bytes of sealed text", c.Sealed), c.Sealed, lifeClosed},
	} {
		p.bar.show("memory", i, 3)
		bytes, err := c.weigh(ctx, p.fsync, kind.sealed, kind.until)
		if err != nil {
			return err
		}
		p.row(kind.name, "B").add(bytes)
		if kind.until == lifeClosed && kind.sealed == 0 {
			plain = bytes
		}
		if kind.sealed > 0 {
			p.row("what the text adds, by its bytes", "").add((bytes - plain) / float64(max(kind.sealed, 1)))
		}
	}
	p.aim("closed case, without text", 0, 2048)
	return nil
}

// weigh is how many bytes a case takes that has lived up to a step.
func (c benchMemoryCmd) weigh(ctx context.Context, fsync string, sealed, until int) (float64, error) {
	dir, remove, err := tempDir()
	if err != nil {
		return 0, err
	}
	defer remove()
	server, err := newRedisServer(ctx, dir, "--appendfsync", fsync)
	if err != nil {
		return 0, err
	}
	if err := server.start(ctx); err != nil {
		return 0, err
	}
	defer server.kill()
	client := redis.NewClient(&redis.Options{Addr: server.addr})
	// A short feed: it has a fixed length, however many cases there are.
	s, err := store.Open(ctx, store.Options{Client: client, FeedLength: 1})
	if err != nil {
		return 0, err
	}
	defer s.Close()
	if err := c.live(ctx, s, c.Cases/2, sealed, until); err != nil { // indexes and the feed exist from here on
		return 0, err
	}
	before, err := dataset(ctx, client)
	if err != nil {
		return 0, err
	}
	if err := c.live(ctx, s, c.Cases, sealed, until); err != nil {
		return 0, err
	}
	after, err := dataset(ctx, client)
	return (after - before) / float64(max(c.Cases, 1)), err
}

// live lets n cases live up to a step.
func (c benchMemoryCmd) live(ctx context.Context, s *store.Store, n, sealed, until int) error {
	random := newRandom()
	changes := make([]flows.Change, n)
	for i := range changes {
		var err error
		if changes[i], err = bornCase(random, realTime().Truncate(1e6), i%s.Partitions(), s.Partitions(), sealed); err != nil {
			return err
		}
	}
	for step := 1; ; step++ {
		if err := errors.Join(s.CommitAll(ctx, changes)...); err != nil {
			return err
		}
		if step > until {
			return nil
		}
		for i := range changes {
			changes[i].Case.Version = int64(step)
			changes[i] = lived(changes[i].Case, step)
		}
	}
}

// dataset is what Redis uses for data, in bytes.
func dataset(ctx context.Context, client *redis.Client) (float64, error) {
	info, err := client.Info(ctx, "memory").Result()
	if err != nil {
		return 0, fmt.Errorf("read the memory of Redis: %w", err)
	}
	_, rest, _ := strings.Cut(info, "used_memory_dataset:")
	digits, _, _ := strings.Cut(rest, "\r\n")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, fmt.Errorf("read the memory of Redis: %w", err)
	}
	return n, nil
}
