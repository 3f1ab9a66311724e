package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"
)

// chaosCmd breaks things around the real program on real servers of its own, and
// tells what it cost.
type chaosCmd struct {
	Experiments []string `arg:"" optional:"" help:"Which; none: all. See --list."`
	List        bool     `help:"List the experiments."`
	Kills       int      `help:"How often the program is killed in each experiment that kills it." default:"20"`
	Reports     int      `help:"Reports in each experiment; 0: as many as it needs." default:"0"`
	Callers     int      `help:"Callers at once." default:"8"`
	Seed        uint64   `help:"Chance of an earlier run; 0: a new one."`
	Old         string   `help:"An earlier hotline, for the experiment with two versions; none: a copy of this one whose scripts have other names." type:"existingfile"`
	JSON        bool     `help:"Print one JSON object for each experiment." name:"json"`

	binary string // of the hotline; empty: this program
}

// damage is what an experiment cost, as seen from outside.
type damage struct {
	Name string `json:"name"`
	Seed uint64 `json:"seed"`
	// Acknowledged are the reports whose receipt a caller has read; Lost are those
	// of which the receipt or the board knows nothing, and Doubled the cases that
	// nobody filed.
	Acknowledged int `json:"acknowledged"`
	Lost         int `json:"lost"`
	Doubled      int `json:"doubled"`
	// Unalerted are cases of which no provider was told anything; Repeats messages
	// that a provider got more than once, and Allowed how many may.
	Unalerted int `json:"unalerted"`
	Repeats   int `json:"repeats"`
	Allowed   int `json:"repeats_allowed"`
	// Unmarked are repeats of which the page of the case does not say that they may be.
	Unmarked int `json:"repeats_unmarked"`
	// Findings are those of the self-audit: cases without a timer and the like.
	Findings int `json:"findings"`
	// Outage is the longest time in which no caller got on, in seconds.
	Outage float64  `json:"outage_s"`
	Took   float64  `json:"took_s"`
	Notes  []string `json:"notes,omitempty"`
	// Broken are promises of this experiment alone that were not kept.
	Broken []string `json:"broken,omitempty"`
}

func (d *damage) ok() bool {
	return d.Lost == 0 && d.Doubled == 0 && d.Unalerted == 0 && d.Findings == 0 && d.Repeats <= d.Allowed && d.Unmarked == 0 && len(d.Broken) == 0
}

func (d *damage) note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

func (d *damage) broken(format string, args ...any) {
	d.Broken = append(d.Broken, fmt.Sprintf(format, args...))
}

// Run runs experiments one after the other, and answers no if one cost anything.
func (c chaosCmd) Run(ctx context.Context, s streams) error {
	all := experiments()
	if c.List {
		for _, e := range all {
			fmt.Fprintf(s.out, "%-14s %s\n", e.name, e.what)
		}
		return nil
	}
	for _, name := range c.Experiments {
		if !slices.ContainsFunc(all, func(e experiment) bool { return e.name == name }) {
			return fmt.Errorf("there is no experiment %q: see hotline chaos --list", name)
		}
	}
	var err error
	if c.binary == "" {
		if c.binary, err = os.Executable(); err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
	}
	bad, done := 0, 0
	if !c.JSON {
		fmt.Fprintf(s.out, "%-14s %8s %6s %8s %10s %8s %10s %8s\n", "", "reports", "lost", "doubled", "unalerted", "repeats", "outage", "seed")
	}
	for _, e := range all {
		if len(c.Experiments) > 0 && !slices.Contains(c.Experiments, e.name) {
			continue
		}
		d, err := c.try(ctx, s.err, e)
		if err != nil {
			return fmt.Errorf("experiment %s, seed %d: %w", e.name, d.Seed, err)
		}
		if done++; !d.ok() {
			bad++
		}
		if err := c.tell(s.out, d); err != nil {
			return err
		}
	}
	if !c.JSON {
		fmt.Fprintf(s.out, "%d experiments, %d of them cost what they may not\n", done, bad)
	}
	if bad > 0 {
		return errDiffers
	}
	return nil
}

// tell prints what an experiment cost.
func (c chaosCmd) tell(w io.Writer, d damage) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(d)
	}
	word := "ok"
	if !d.ok() {
		word = "NOT KEPT: " + strings.Join(d.Broken, "; ")
	}
	_, err := fmt.Fprintf(w, "%-14s %8d %6d %8d %10d %5d/%-2d %9.1fs %20d  %s\n", d.Name, d.Acknowledged, d.Lost, d.Doubled, d.Unalerted,
		d.Repeats, d.Allowed, d.Outage, d.Seed, word)
	for _, n := range d.Notes {
		fmt.Fprintf(w, "%14s %s\n", "", n)
	}
	return err
}

// try runs one experiment in a folder of its own.
func (c chaosCmd) try(ctx context.Context, progress io.Writer, e experiment) (d damage, err error) {
	d = damage{Name: e.name, Seed: c.Seed}
	if d.Seed == 0 {
		d.Seed = rand.Uint64N(1 << 32) //nolint:gosec // printed, to be given again
	}
	began := realTime()
	r, err := newArena(ctx, c.binary, e.setup)
	if err != nil {
		return d, err
	}
	defer r.close()
	say := func(what string) {
		fmt.Fprintf(progress, "%s: %s after %v\n", e.name, what, realTime().Sub(began).Round(100*time.Millisecond))
	}
	x := &trial{
		arena: r, say: say, cmd: c, damage: &d, reports: e.reports, rng: rand.New(rand.NewPCG(d.Seed, 1)), //nolint:gosec // repeatable
	}
	if c.Reports > 0 {
		x.reports = c.Reports
	}
	if err := r.startAll(ctx); err != nil {
		return d, err
	}
	say(fmt.Sprintf("ready, seed %d,", d.Seed))
	if err := e.run(ctx, x); err != nil {
		return d, err
	}
	say("filed")
	err = x.check(ctx)
	d.Took = realTime().Sub(began).Seconds()
	return d, err
}

// trial is one experiment under way.
type trial struct {
	*arena
	say     func(what string)
	cmd     chaosCmd
	damage  *damage
	reports int
	rng     *rand.Rand
	shown   receiptsShown
	kills   []time.Time // of the program, in order
	marked  bool        // what comes again was claimed by a process that is gone
}

// under files reports from several callers while trouble is made, and until it
// has ended.
func (x *trial) under(ctx context.Context, trouble func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute+time.Duration(x.cmd.Kills)*5*time.Second)
	defer cancel()
	var hurt error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		hurt = trouble(ctx)
	}()
	err := x.file(ctx, x.reports, x.cmd.Callers, &x.shown, func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
	<-ended
	x.damage.Outage = max(x.damage.Outage, x.shown.outage().Seconds())
	return errors.Join(err, hurt)
}

// wait is a moment of the experiment.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait in an experiment: %w", ctx.Err())
	}
}

// between is a random moment.
func (x *trial) between(ctx context.Context, low, high time.Duration) error {
	return wait(ctx, low+time.Duration(x.rng.Int64N(int64(high-low))))
}
