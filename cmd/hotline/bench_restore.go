package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/store"
)

type benchRestoreCmd struct {
	benchFlags
	benchProgram
	Rounds  int `help:"Restores." default:"3"`
	Cases   int `help:"Cases in the journal." default:"100000"`
	Changes int `help:"Changes of each case, up to 13: a life from the first key to the end." default:"4"`
}

// Run measures what it takes until a hotline is back whose Redis lost its data.
func (c benchRestoreCmd) Run(ctx context.Context, s streams) error {
	return c.measure(ctx, s, benchReport{
		Name: "Restore of a Redis from the journal",
		About: []string{
			fmt.Sprintf("redis-server is killed, its data directory deleted, and it starts empty; `hotline journal restore` brings %d cases of %d changes each back", c.Cases, c.Changes),
			"then a server starts on it, which compares journal and Redis: to the first 200 of its /readyz",
		},
	}, c.one)
}

func (c benchRestoreCmd) one(ctx context.Context, p *benchPart) error {
	j, remove, err := c.journaled(ctx, p, c.Cases, c.Changes)
	if err != nil {
		return err
	}
	defer remove()
	dir, removeData, err := tempDir()
	if err != nil {
		return err
	}
	defer removeData()
	server, err := newRedisServer(ctx, dir, "--appendfsync", p.fsync)
	if err != nil {
		return err
	}
	defer server.kill()
	j.environ = append(j.environ, "HOTLINE_REDIS_ADDRESSES="+server.addr, "HOTLINE_REDIS_WEAK=warn")
	for i := range c.Rounds {
		p.bar.show("restore, "+p.Setting, i, c.Rounds)
		if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
			return fmt.Errorf("delete the data directory: %w", err)
		}
		if err := server.start(ctx); err != nil {
			return err
		}
		if err := c.restore(ctx, p, j, server); err != nil {
			return err
		}
		server.kill()
	}
	return nil
}

// restore brings all cases back and starts a server on them.
func (c benchRestoreCmd) restore(ctx context.Context, p *benchPart, j benchJournal, server *redisServer) error {
	begun := realTime()
	s, err := j.begin("journal", "restore")
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return err
	}
	took := realTime().Sub(begun)
	client := redis.NewClient(&redis.Options{Addr: server.addr, ReadTimeout: time.Minute})
	spent, err := (&benchRig{client: client}).spentSoFar(ctx)
	if err != nil {
		_ = client.Close()
		return err
	}
	if err := c.complete(ctx, client); err != nil {
		return err
	}
	p.row(fmt.Sprintf("restore of %d cases", c.Cases), "s").add(took.Seconds())
	p.row("the same for 100,000 cases", "s").add(took.Seconds() / float64(c.Cases) * 100_000)
	p.row("restore, processor of the command", "s").add(s.processor().Seconds())
	p.row("restore, processor of Redis", "s").add(spent.redis.Seconds())
	p.row("restore, memory of the command at most", "MB").add(s.memory())
	up, took, err := j.serve(ctx)
	if err != nil {
		return err
	}
	p.row("start of a server on it", "s").add(took.Seconds())
	return up.kill()
}

// complete sees that Redis holds as many cases as the journal, and closes its
// client.
func (c benchRestoreCmd) complete(ctx context.Context, client *redis.Client) error {
	s, err := store.Open(ctx, store.Options{Client: client})
	if err != nil {
		_ = client.Close()
		return fmt.Errorf("open the store: %w", err)
	}
	defer s.Close()
	versions, err := s.Versions(ctx)
	if err != nil {
		return err
	}
	for id, v := range versions {
		if v != int64(c.Changes) {
			return fmt.Errorf("case %s came back in version %d of %d", id, v, c.Changes)
		}
	}
	if len(versions) != c.Cases {
		return fmt.Errorf("%d of %d cases came back", len(versions), c.Cases)
	}
	return nil
}
