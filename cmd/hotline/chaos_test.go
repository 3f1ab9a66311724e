package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// builtHotline builds the real program.
func builtHotline(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "hotline")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// TestChaosCostsNothing runs the short experiments; `make faults` runs all.
func TestChaosCostsNothing(t *testing.T) {
	var out bytes.Buffer
	c := chaosCmd{Experiments: []string{"duplicates", "two-versions"}, Reports: 8, Callers: 4, JSON: true, binary: builtHotline(t)}
	if err := c.Run(t.Context(), streams{out: &out, err: io.Discard}); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	dec, seen := json.NewDecoder(&out), 0
	for dec.More() {
		var d damage
		if err := dec.Decode(&d); err != nil {
			t.Fatal(err)
		}
		if seen++; d.Acknowledged < 8 || d.Seed == 0 {
			t.Errorf("%+v", d)
		}
		t.Logf("%+v", d)
	}
	if seen != len(c.Experiments) {
		t.Errorf("%d experiments tell what they cost, want %d", seen, len(c.Experiments))
	}
}

// TestTheCheckerNotices: a receipt that nobody knows is a lost report, and a case
// that nobody filed a doubled one.
func TestTheCheckerNotices(t *testing.T) {
	r, err := newArena(t.Context(), builtHotline(t), arenaOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	if err := r.startAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := &trial{arena: r, say: func(string) {}, cmd: chaosCmd{Callers: 2}, damage: &damage{}, reports: 2, rng: rand.New(rand.NewPCG(1, 1))} //nolint:gosec // a test
	if err := r.file(t.Context(), 2, 2, &x.shown, func() bool { return true }); err != nil {
		t.Fatal(err)
	}
	if err := x.check(t.Context()); err != nil || !x.damage.ok() {
		t.Fatalf("nothing was done to it: %+v, %v", x.damage, err)
	}
	x.shown.of["12345674"] = receiptShown{pin: "000000"}
	*x.damage = damage{}
	if err := x.check(t.Context()); err != nil || x.damage.Lost != 1 || x.damage.ok() {
		t.Errorf("with a receipt that nobody knows: %+v, %v", x.damage, err)
	}
	delete(x.shown.of, "12345674")
	for number := range x.shown.of {
		delete(x.shown.of, number)
		break
	}
	*x.damage = damage{}
	if err := x.check(t.Context()); err != nil || x.damage.Doubled != 1 || x.damage.ok() {
		t.Errorf("with a case that nobody filed: %+v, %v", x.damage, err)
	}
	for id, at := range r.providers[0].at {
		x.kills = []time.Time{at[0].Add(time.Millisecond)}
		r.providers[0].at[id] = append(at, at[0].Add(time.Second))
		break
	}
	*x.damage, x.marked = damage{}, true
	x.repeats(t.Context())
	if x.damage.Repeats != 1 || x.damage.Unmarked != 1 || x.damage.ok() {
		t.Errorf("with a message that came twice, and no page says so: %+v", x.damage)
	}
}

// TestChaosListsItsExperiments: each has a name of its own and says what it does.
func TestChaosListsItsExperiments(t *testing.T) {
	var out bytes.Buffer
	if code := run(t.Context(), []string{"chaos", "--list"}, streams{out: &out, err: io.Discard}); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if n := strings.Count(out.String(), "\n"); n != len(experiments()) {
		t.Errorf("%d lines", n)
	}
	var errs bytes.Buffer
	if code := run(t.Context(), []string{"chaos", "earthquake"}, streams{out: io.Discard, err: &errs}); code != 1 || !strings.Contains(errs.String(), "--list") {
		t.Errorf("an unknown experiment: %d, %s", code, errs.String())
	}
}
