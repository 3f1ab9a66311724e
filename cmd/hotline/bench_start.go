package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/store/vault"
)

type benchStartCmd struct {
	benchFlags
	Rounds  int   `help:"Starts of each size." default:"5"`
	Cases   []int `help:"Cases in the journal." default:"10000,100000"`
	Changes int   `help:"Changes of each case, up to 13: a life from the first key to the end." default:"4"`
}

// The targets of a start, by the number of cases.
var startTargets = map[int]float64{10_000: 300, 100_000: 2000} //nolint:gochecknoglobals // a table

// Run measures how long a start takes that brings everything back from the
// journal.
func (c benchStartCmd) Run(ctx context.Context, s streams) error {
	c.Fsync = c.Fsync[:1] // there is no Redis
	return c.measure(ctx, s, benchReport{
		Name: "Start to ready, embedded",
		About: []string{
			fmt.Sprintf("no Redis: %v cases of %d changes each come back from the journal into the in-process server", c.Cases, c.Changes),
			"ms: from the call of serve, with settings, flows, texts and their checks still to be read, to the first 200 of /readyz",
		},
	}, c.one)
}

func (c benchStartCmd) one(ctx context.Context, p *benchPart) error {
	p.Setting = "journal on disk"
	for _, n := range c.Cases {
		if err := c.starts(ctx, p, n); err != nil {
			return fmt.Errorf("with %d cases: %w", n, err)
		}
	}
	return nil
}

func (c benchStartCmd) starts(ctx context.Context, p *benchPart, cases int) error {
	dir, remove, err := tempDir()
	if err != nil {
		return err
	}
	defer remove()
	cfg, err := configs.Load("", nil)
	if err != nil {
		return err
	}
	cfg.KeyFile, cfg.Journal.Dir = filepath.Join(dir, "key"), filepath.Join(dir, "journal")
	cfg.AfricasTalking.Token = configs.NewSecret("bench")
	if err := vault.NewKeyFile(cfg.KeyFile); err != nil {
		return err
	}
	if err := c.write(ctx, p, cfg, cases); err != nil {
		return err
	}
	row := fmt.Sprintf("start with %d cases", cases)
	for i := range c.Rounds {
		p.bar.show(row, i, c.Rounds)
		before, err := ownProcessor()
		if err != nil {
			return err
		}
		took, err := startOnce(ctx, cfg)
		if err != nil {
			return err
		}
		after, err := ownProcessor()
		if err != nil {
			return err
		}
		p.row(row, "ms").add(ms(took))
		p.row(row+", processor of both cores", "ms").add(ms(after - before))
	}
	p.aim(row, 0, startTargets[cases])
	return nil
}

// write leaves a journal behind as a hotline that had these cases would.
func (c benchStartCmd) write(ctx context.Context, p *benchPart, cfg configs.Config, cases int) error {
	d, err := loadData(configs.Files)
	if err != nil {
		return err
	}
	a, err := openApp(ctx, parts{cfg: cfg, log: zap.NewNop(), now: realTime, data: d, send: nowhere{}})
	if err != nil {
		return err
	}
	defer a.close()
	random := newRandom()
	wait := func(context.Context) error { return nil }
	for n := range cases {
		if n%1000 == 0 {
			p.bar.show("writing a journal", n, cases)
			if err := a.ledger.Flush(ctx); err != nil {
				return err
			}
		}
		ch, err := bornCase(random, realTime().Truncate(time.Millisecond), n%a.store.Partitions(), a.store.Partitions(), 0)
		if err != nil {
			return err
		}
		for step := 1; step <= c.Changes; step++ {
			ch.Case.Version = int64(step)
			wait = a.ledger.Keep(ch)
			ch = lived(ch.Case, step)
		}
	}
	return errors.Join(wait(ctx), a.ledger.Flush(ctx))
}

// startOnce runs a server until it is ready, and ends it.
func startOnce(ctx context.Context, cfg configs.Config) (time.Duration, error) {
	public, err := freePort(ctx)
	if err != nil {
		return 0, err
	}
	internal, err := freePort(ctx)
	if err != nil {
		return 0, err
	}
	cfg.Listen, cfg.InternalListen = public, internal
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	begun := realTime()
	go func() { ended <- serve(ctx, cfg, zap.NewNop()) }()
	took, err := ready(ctx, "http://"+internal+"/readyz", begun, ended)
	stop()
	if err != nil {
		return 0, err
	}
	return took, <-ended
}

// ready asks until the answer is yes.
func ready(ctx context.Context, url string, begun time.Time, ended <-chan error) (time.Duration, error) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return 0, fmt.Errorf("ask whether it is ready: %w", err)
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return realTime().Sub(begun), nil
			}
		}
		select {
		case err := <-ended:
			return 0, fmt.Errorf("it ended before it was ready: %w", err)
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-tick.C:
		}
	}
}

// freePort is an address on loopback that nobody listens on.
func freePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}
