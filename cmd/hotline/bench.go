package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"time"
)

type benchCmds struct {
	Steps    benchStepsCmd    `cmd:"" help:"USSD steps per second over HTTP, beside a bare Echo handler with two Redis round trips."`
	Webhooks benchWebhooksCmd `cmd:"" help:"Signed texts that become cases, beside a bare Echo handler that checks the same signature."`
	Timers   benchTimersCmd   `cmd:"" help:"How late timers fire when they fall due evenly."`
	Burst    benchBurstCmd    `cmd:"" help:"How fast timers that are all due at once are worked off."`
	Alerts   benchAlertsCmd   `cmd:"" help:"How soon the first and the last responder of a case are alerted."`
	Growth   benchGrowthCmd   `cmd:"" help:"What a step costs with few and with a million stored cases."`
	Memory   benchMemoryCmd   `cmd:"" help:"How much memory a case takes in Redis."`
	Start    benchStartCmd    `cmd:"" help:"How long a start without a Redis takes, from the journal."`
	Restore  benchRestoreCmd  `cmd:"" help:"How long it takes to bring a Redis back that lost its data, from the journal."`
	Console  benchConsoleCmd  `cmd:"" help:"The board with ten thousand open cases, and open pages."`
}

// benchFlags are what every benchmark understands.
type benchFlags struct {
	Fsync   []string `help:"What Redis does with its log, measured one after the other." default:"always,everysec" enum:"always,everysec"`
	JSON    bool     `help:"Print one JSON object." name:"json"`
	Plot    string   `help:"Draw the figures into this SVG file." type:"path"`
	Profile string   `help:"Write profiles of processor and memory, and the command statistics of Redis, into this folder." type:"path"`
}

// benchRounds are for those that run for a time, several times.
type benchRounds struct {
	Rounds int           `help:"Rounds; floor and hotline take turns in each." default:"5"`
	Time   time.Duration `help:"Length of one measurement." default:"3s"`
}

// measure runs a benchmark once for each setting of Redis, and prints and draws
// what it found.
func (f benchFlags) measure(ctx context.Context, s streams, r benchReport, one func(context.Context, *benchPart) error) error {
	r.Machine = machine(ctx)
	progress := newBar(s.err, f.JSON)
	stop, err := f.profile()
	if err != nil {
		return err
	}
	for _, fsync := range f.Fsync {
		part := &benchPart{Setting: "appendfsync " + fsync, fsync: fsync, bar: progress, profile: f.Profile}
		if err := one(ctx, part); err != nil {
			stop()
			return err
		}
		r.Parts = append(r.Parts, part)
	}
	progress.clear()
	stop()
	if f.Plot != "" {
		if err := os.WriteFile(f.Plot, r.svg(), 0o644); err != nil { //nolint:gosec // figures are no secret
			return fmt.Errorf("draw the figures: %w", err)
		}
	}
	if f.JSON {
		return r.writeJSON(s.out)
	}
	r.write(s.out)
	return nil
}

// profile writes where the processor's time and the memory go until it is
// stopped. Floor and callers are in it too, under their own names.
func (f benchFlags) profile() (stop func(), err error) {
	if f.Profile == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(f.Profile, 0o755); err != nil { //nolint:gosec // nor are profiles
		return nil, fmt.Errorf("write profiles: %w", err)
	}
	cpu, err := os.Create(filepath.Join(f.Profile, "cpu.pprof"))
	if err != nil {
		return nil, fmt.Errorf("write profiles: %w", err)
	}
	memory, err := os.Create(filepath.Join(f.Profile, "allocs.pprof"))
	if err != nil {
		return nil, fmt.Errorf("write profiles: %w", err)
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, fmt.Errorf("write profiles: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		runtime.GC() // the profile is of the last collection
		_ = pprof.Lookup("allocs").WriteTo(memory, 0)
		_, _ = cpu.Close(), memory.Close()
	}, nil
}

// contest lets floor and hotline take turns and notes their rates, their waits
// and the ratio of each round.
func (r benchRounds) contest(ctx context.Context, p *benchPart, rig *benchRig, of string, floor, hotline func(context.Context) (loadResult, error)) error {
	for i := range r.Rounds {
		p.bar.show(fmt.Sprintf("%s, %s", of, p.Setting), i, r.Rounds)
		bare, spentBare, err := rig.spending(ctx, floor)
		if err != nil {
			return fmt.Errorf("floor: %w", err)
		}
		full, spent, err := rig.spending(ctx, hotline)
		if err != nil {
			return fmt.Errorf("hotline: %w", err)
		}
		p.row("floor", "/s").add(bare.rate())
		p.row("hotline", "/s").add(full.rate())
		p.row("ratio", "").add(full.rate() / bare.rate())
		p.row("floor, p99", "ms").add(ms(bare.P99))
		p.row("hotline, p99", "ms").add(ms(full.P99))
		spentBare.note(p, "floor", bare.Steps)
		spent.note(p, "hotline", full.Steps)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// tempDir makes a directory that remove deletes.
func tempDir() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "hotline-bench-")
	if err != nil {
		return "", nil, fmt.Errorf("make a directory for Redis: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// bar shows how far a benchmark has come: as a bar on a terminal, as nothing
// elsewhere.
type bar struct{ w io.Writer }

func newBar(w io.Writer, quiet bool) *bar {
	f, ok := w.(*os.File)
	if !ok || quiet {
		return &bar{io.Discard}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &bar{io.Discard}
	}
	return &bar{w}
}

// show draws done of all, and what is being done.
func (b *bar) show(what string, done, all int) {
	const width = 30
	n := width * done / max(all, 1)
	fmt.Fprintf(b.w, "\r\x1b[K[%s%s] %d of %d  %s", full(n, '#'), full(width-n, '.'), done, all, what)
}

// clear takes the bar away.
func (b *bar) clear() { fmt.Fprint(b.w, "\r\x1b[K") }

func full(n int, with byte) []byte {
	b := make([]byte, max(n, 0))
	for i := range b {
		b[i] = with
	}
	return b
}
