package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"
	"time"
)

type benchCmds struct {
	Steps    benchStepsCmd    `cmd:"" help:"USSD steps per second over HTTP, beside a bare Echo handler with two Redis round trips."`
	Timers   benchTimersCmd   `cmd:"" help:"How late timers fire when they fall due evenly."`
	Burst    benchBurstCmd    `cmd:"" help:"How fast timers that are all due at once are worked off."`
	Alerts   benchAlertsCmd   `cmd:"" help:"How soon the first and the last responder of a case are alerted."`
	Webhooks benchWebhooksCmd `cmd:"" help:"Signed texts that become cases, beside a bare Echo handler that checks the same signature."`
}

// pair is one round: the floor and the subject measured in turn.
type pair struct {
	Floor   loadResult `json:"floor"`
	Subject loadResult `json:"subject"`
}

// ratio is subject by floor, in steps a second.
func (p pair) ratio() float64 { return p.Subject.rate() / p.Floor.rate() }

// comparison is what a benchmark prints: rounds of floor and subject, and what
// was counted beside them.
type comparison struct {
	Name    string             `json:"name"`
	Setting string             `json:"setting"`
	Rounds  []pair             `json:"rounds"`
	Counts  map[string]float64 `json:"counts,omitempty"`
	Targets []string           `json:"targets,omitempty"`
}

// print writes the comparison for people: medians with their range.
func (c comparison) print(w io.Writer) {
	fmt.Fprintf(w, "%s\n%s\n\n", c.Name, c.Setting)
	fmt.Fprintf(w, "  %-10s %12s %22s %10s %10s\n", "", "steps/s", "range", "p50", "p99")
	row := func(name string, pick func(pair) loadResult) {
		var rates, p50, p99 []float64
		for _, r := range c.Rounds {
			l := pick(r)
			rates, p50, p99 = append(rates, l.rate()), append(p50, float64(l.P50)), append(p99, float64(l.P99))
		}
		fmt.Fprintf(w, "  %-10s %12.0f %22s %10s %10s\n", name, median(rates),
			fmt.Sprintf("%.0f to %.0f", slices.Min(rates), slices.Max(rates)), round(median(p50)), round(median(p99)))
	}
	row("floor", func(p pair) loadResult { return p.Floor })
	row("hotline", func(p pair) loadResult { return p.Subject })
	var ratios []float64
	for _, r := range c.Rounds {
		ratios = append(ratios, r.ratio())
	}
	fmt.Fprintf(w, "\n  ratio, round by round: median %.2f, %.2f to %.2f\n", median(ratios), slices.Min(ratios), slices.Max(ratios))
	for _, k := range sortedKeys(c.Counts) {
		fmt.Fprintf(w, "  %s: %.2f\n", k, c.Counts[k])
	}
	for _, t := range c.Targets {
		fmt.Fprintf(w, "  target: %s\n", t)
	}
}

// printJSON writes the comparison for programs.
func (c comparison) printJSON(w io.Writer) error { return json.NewEncoder(w).Encode(c) }

// compare runs floor and subject in turn.
func compare(ctx context.Context, rounds int, progress io.Writer, floor, subject func(context.Context) (loadResult, error)) ([]pair, error) {
	var out []pair
	for i := range rounds {
		fmt.Fprintf(progress, "round %d of %d\n", i+1, rounds)
		var p pair
		var err error
		if p.Floor, err = floor(ctx); err != nil {
			return nil, fmt.Errorf("floor: %w", err)
		}
		if p.Subject, err = subject(ctx); err != nil {
			return nil, fmt.Errorf("hotline: %w", err)
		}
		out = append(out, p)
	}
	return out, nil
}

// profile writes where the processor's time goes until it is stopped. The floor
// is in it too, under its own handler.
func profile(file string) (stop func(), err error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, fmt.Errorf("write a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("start a profile: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	if len(v) == 0 {
		return 0
	}
	return v[len(v)/2]
}

func round(ns float64) time.Duration { return time.Duration(ns).Round(10 * time.Microsecond) }

func sortedKeys(m map[string]float64) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
