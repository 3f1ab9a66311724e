package main

import (
	"bytes"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// TestACaseKeepsItsPolicyAcrossAStart: another file of waits is for new cases
// only, and what was changed in the directory is there after a start without a
// Redis.
func TestACaseKeepsItsPolicyAcrossAStart(t *testing.T) {
	dir := t.TempDir()
	a := soleApp(t, dir)
	if err := a.keepPolicies(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := a.data.policy
	old := a.dir.view.Load().directory
	changed := old
	changed.Version = old.Version + "+1"
	changed.Overrides = changed.Overrides[:1]
	if err := a.papers.ReplaceDirectory(t.Context(), old.Version, changed); err != nil {
		t.Fatal(err)
	}
	a.close()

	a = soleApp(t, dir)
	defer a.close()
	a.data.policyFile = bytes.Replace(a.data.policyFile, []byte("1: {wait: 15m,"), []byte("1: {wait: 59m,"), 1)
	var err error
	if a.data.policy, err = escalation.ParsePolicy("escalation.yaml", a.data.policyFile); err != nil {
		t.Fatal(err)
	}
	if err := a.keepPolicies(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, _ := a.dir.inUse(); got != changed.Version || len(a.dir.view.Load().directory.Overrides) != 1 {
		t.Errorf("the directory after a start is %s, want %s", got, changed.Version)
	}
	w := a.data.world(a.dir.view.Load().roster)
	at := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		pinned *escalation.Policy
		want   time.Duration
	}{{first, 15 * time.Minute}, {a.data.policy, 59 * time.Minute}} {
		c := flows.Case{
			ID: "00x", Ref: "K7F4", Status: flows.StatusOpen, Severity: flows.Urgent, Place: "05200@2025-07-01", Opened: at,
			Policy: test.pinned.Version, Level: flows.LevelDuty, Since: at, Step: 2,
			Timers: flows.Timers{flows.TimerLadder: flows.Millis(at.Add(6 * time.Minute))},
		}
		d := escalation.Due(at.Add(6*time.Minute), c, w)
		if got := d.Next.Sub(at); got != test.want {
			t.Errorf("under policy %s the level's time is over after %v, want %v", test.pinned.Version, got, test.want)
		}
	}
}
