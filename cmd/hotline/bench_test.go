package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every benchmark runs, in small: what it prints is not looked at as a figure.
func TestBenchPrintsItsRows(t *testing.T) {
	binary := builtHotline(t)
	for _, tt := range []struct {
		name, args string
		rows       []string
	}{
		{"steps", "steps --rounds 1 --time 100ms", []string{"floor", "hotline", "ratio", "hotline, p99", "hotline: Redis round trips a step", "hotline at half load, p99"}},
		{"webhooks", "webhooks --rounds 1 --time 100ms --connections 4", []string{"floor", "hotline", "ratio", "hotline at half load, p99"}},
		{"timers", "timers --timers 200 --spread 100ms", []string{"late, p99", "early", "lost", "twice"}},
		{"burst", "burst --timers 200", []string{"fired, decided and committed"}},
		{"alerts", "alerts --reports 2 --responders 3", []string{"last key press to first alert, p99", "first alert of a case to its last, p99"}},
		{"growth", "growth --cases 20,300 --rounds 1 --time 100ms", []string{"20 cases: steps", "300 cases: loaded", "growth of the cost in Redis", "growth of the cost in all"}},
		{"memory", "memory --cases 40", []string{"open case, asked level 2, without text", "closed case, without text", "what the text adds, by its bytes"}},
		{"console", "console --cases 150 --rounds 1 --time 100ms --viewers 2 --live 5 --commits 1", []string{"first page, viewers at once, p99", "first page, compressed", "commit to open page, last viewer"}},
		{"start", "start --cases 50 --rounds 1 --binary " + binary, []string{"start with 50 cases, after a stop", "start with 50 cases, compacted, after a kill"}},
		{"restore", "restore --cases 50 --rounds 2 --binary " + binary, []string{"restore of 50 cases", "the same for 100,000 cases", "start of a server on it"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plot := filepath.Join(t.TempDir(), "plot.svg")
			args := append([]string{"bench"}, strings.Fields(tt.args+" --fsync everysec --json --plot "+plot)...)
			var out, errs bytes.Buffer
			if code := run(t.Context(), args, streams{strings.NewReader(""), &out, &errs, nil}); code != 0 {
				t.Fatalf("exit %d: %s", code, errs.String())
			}
			var got benchReport
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatalf("not one JSON object: %v\n%s", err, out.String())
			}
			if len(got.Parts) != 1 || tt.name != "start" && got.Parts[0].Setting != "appendfsync everysec" {
				t.Fatalf("parts %+v, want one for everysec", got.Parts)
			}
			for _, name := range tt.rows {
				if !hasRow(got.Parts[0], name) {
					t.Errorf("no row %q with a value in %s", name, out.String())
				}
			}
			wellFormed(t, plot)
		})
	}
}

func hasRow(p *benchPart, name string) bool {
	for _, r := range p.Rows {
		if r.Name == name {
			return len(r.Values) > 0
		}
	}
	return false
}

func wellFormed(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for d := xml.NewDecoder(f); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("the drawing is no XML: %v", err)
		}
	}
}

func TestBenchRowSaysWhetherItsTargetIsMet(t *testing.T) {
	for _, tt := range []struct {
		name        string
		least, most float64
		values      []float64
		want        string
	}{
		{"above what it must reach", 0.7, 0, []float64{0.6, 0.8, 0.9}, "≥ 0.70  met"},
		{"below what it must reach", 0.7, 0, []float64{0.5, 0.6, 0.9}, "≥ 0.70  MISSED"},
		{"below its limit", 0, 5, []float64{1, 2, 30}, "≤ 5.00  met"},
		{"above its limit", 0, 5, []float64{1, 6, 30}, "≤ 5.00  MISSED"},
		{"no target", 0, 0, []float64{1}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &benchPart{}
			for _, v := range tt.values {
				p.row("r", "").add(v)
			}
			p.aim("r", tt.least, tt.most)
			if got := p.row("r", "").target(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
