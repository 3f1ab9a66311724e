package main

import (
	"context"
	"fmt"
)

type benchStartCmd struct {
	benchFlags
	benchProgram
	Rounds  int   `help:"Starts of each size and kind." default:"5"`
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
			"ms: from the begin of a new process to the first 200 of its /readyz; the one before was stopped, or killed as by a power cut",
			"compacted: after `hotline journal compact`, as a server leaves all but the last file every night",
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
	j, remove, err := c.journaled(ctx, p, cases, c.Changes)
	if err != nil {
		return err
	}
	defer remove()
	row := fmt.Sprintf("start with %d cases", cases)
	if err := c.rounds(ctx, p, j, row, startTargets[cases]); err != nil {
		return err
	}
	compact, err := j.begin("journal", "compact")
	if err == nil {
		err = compact.end()
	}
	if err != nil {
		return err
	}
	return c.rounds(ctx, p, j, row+", compacted", startTargets[cases])
}

// rounds lets starts after a stop and after a kill take turns.
func (c benchStartCmd) rounds(ctx context.Context, p *benchPart, j benchJournal, row string, target float64) error {
	for i := range c.Rounds {
		p.bar.show(row, i, c.Rounds)
		for _, kind := range []struct {
			after string
			end   func(*benchProcess) error // how it ends that was started
		}{{", after a stop", (*benchProcess).kill}, {", after a kill", (*benchProcess).stop}} {
			s, took, err := j.serve(ctx)
			if err != nil {
				return err
			}
			if err := kind.end(s); err != nil {
				return err
			}
			p.row(row+kind.after, "ms").add(ms(took))
			p.aim(row+kind.after, 0, target)
			if s.killed { // then what it used is what the start used
				p.row(row+", processor of both cores", "ms").add(ms(s.processor()))
				p.row(row+", memory at most", "MB").add(s.memory())
			}
		}
	}
	return nil
}
