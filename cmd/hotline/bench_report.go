package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// benchReport is what a benchmark prints, and benchPart what it found with one
// setting of Redis.
type benchReport struct {
	Name    string       `json:"name"`
	About   []string     `json:"about"` // what was done, and what the floor does
	Machine benchMachine `json:"machine"`
	Parts   []*benchPart `json:"parts"`
}

type benchPart struct {
	Setting string      `json:"setting"`
	Rows    []*benchRow `json:"rows"`

	fsync   string
	bar     *bar
	profile string
}

// benchRow is one figure, with the value of each round.
type benchRow struct {
	Name   string    `json:"name"`
	Unit   string    `json:"unit,omitempty"`
	Values []float64 `json:"values"`
	Median float64   `json:"median"`
	Low    float64   `json:"low"`
	High   float64   `json:"high"`
	// AtMost and AtLeast are the target, 0 for none; Met says whether the median
	// reaches it.
	AtMost  float64 `json:"at_most,omitempty"`
	AtLeast float64 `json:"at_least,omitempty"`
	Met     *bool   `json:"met,omitempty"`
}

// row is the row of a name, made when it is asked for first.
func (p *benchPart) row(name, unit string) *benchRow {
	for _, r := range p.Rows {
		if r.Name == name {
			return r
		}
	}
	r := &benchRow{Name: name, Unit: unit}
	p.Rows = append(p.Rows, r)
	return r
}

// atHalfLoad notes the waits of steps that came at half the rate that was reached.
func (p *benchPart) atHalfLoad(r loadResult) {
	p.row("hotline at half load, p50", "ms").add(ms(r.P50))
	p.row("hotline at half load, p99", "ms").add(ms(r.P99))
}

// aim sets the target of a row, if it is there: at least so much, or at most.
func (p *benchPart) aim(name string, least, most float64) {
	for _, r := range p.Rows {
		if r.Name == name {
			r.AtLeast, r.AtMost = least, most
			r.sum()
		}
	}
}

func (r *benchRow) add(v float64) {
	r.Values = append(r.Values, v)
	r.sum()
}

func (r *benchRow) sum() {
	sorted := slices.Sorted(slices.Values(r.Values))
	r.Median, r.Low, r.High = sorted[len(sorted)/2], sorted[0], sorted[len(sorted)-1]
	if r.AtMost != 0 || r.AtLeast != 0 {
		met := r.Median >= r.AtLeast && (r.AtMost == 0 || r.Median <= r.AtMost)
		r.Met = &met
	}
}

// target is the aim and whether it was reached, in words.
func (r *benchRow) target() string {
	if r.Met == nil {
		return ""
	}
	word, limit := "≤ ", r.AtMost
	if r.AtLeast != 0 {
		word, limit = "≥ ", r.AtLeast
	}
	verdict := "  met"
	if !*r.Met {
		verdict = "  MISSED"
	}
	return word + figure(limit) + verdict
}

func (r benchReport) writeJSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// write prints the report for people: medians with their range.
func (r benchReport) write(w io.Writer) {
	fmt.Fprintf(w, "%s\n", r.Name)
	for _, line := range append(r.About, r.Machine.String()) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	for _, p := range r.Parts {
		fmt.Fprintf(w, "\n  %-46s %10s %-6s %-20s %s\n", p.Setting, "median", "", "range", "target")
		for _, row := range p.Rows {
			spread := ""
			if len(row.Values) > 1 {
				spread = figure(row.Low) + " to " + figure(row.High)
			}
			line := fmt.Sprintf("  %-46s %10s %-6s %-20s %s", row.Name, figure(row.Median), row.Unit, spread, row.target())
			fmt.Fprintln(w, strings.TrimRight(line, " "))
		}
	}
	fmt.Fprintln(w)
}

// figure prints a number with as many digits as one can read.
func figure(v float64) string {
	switch a := max(v, -v); {
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// benchMachine says where and when figures were taken: without it they mean
// nothing.
type benchMachine struct {
	Date  string `json:"date"`
	Cores int    `json:"cores"`
	Load  string `json:"load"` // of the last 1, 5 and 15 minutes, before
	Go    string `json:"go"`
	Redis string `json:"redis"`
}

func machine(ctx context.Context) benchMachine {
	m := benchMachine{Date: realTime().Format("2006-01-02 15:04"), Cores: runtime.NumCPU(), Go: runtime.Version(), Load: "unknown", Redis: "unknown"}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		if f := strings.Fields(string(b)); len(f) >= 3 {
			m.Load = strings.Join(f[:3], " ")
		}
	}
	if b, err := exec.CommandContext(ctx, "redis-server", "--version").Output(); err == nil {
		for f := range strings.FieldsSeq(string(b)) {
			if v, ok := strings.CutPrefix(f, "v="); ok {
				m.Redis = v
			}
		}
	}
	return m
}

// String is one line.
func (m benchMachine) String() string {
	return fmt.Sprintf("%s, %d cores, load before %s, %s, Redis %s", m.Date, m.Cores, m.Load, m.Go, m.Redis)
}
