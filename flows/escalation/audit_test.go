package escalation_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/escalation"
)

func (m *memory) Open(context.Context) ([]flows.Case, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var open []flows.Case
	for _, c := range m.cases {
		if c.IsOpen() {
			open = append(open, c.Clone())
		}
	}
	return open, nil
}

func TestAnAuditFindsWhatNothingWillLookAt(t *testing.T) {
	w, now := worldOf(t, directory()), noon(t)
	m := newMemory()
	routed := func(n int) flows.Case {
		c := escalation.Route(now, filed(now, n, flows.Urgent, maiChau), w).Case
		m.cases[c.ID] = c
		return c
	}
	bare, lost, reasoned := routed(1), routed(2), routed(3)
	routed(4)
	bare.Timers = nil
	delete(lost.Timers, flows.TimerLadder)
	reasoned.Timers, reasoned.NoTimer = nil, "legal_hold"
	for _, c := range []flows.Case{bare, lost, reasoned} {
		m.cases[c.ID] = c
	}
	worker := newWorker(m, w, func() time.Time { return now })
	worker.Partitions = []int{0, 1, 2}
	later := now.Add(7 * time.Minute)
	a := &escalation.Auditor{Board: m, Served: worker.Served, Partitions: 4}
	if _, err := worker.Tick(context.Background(), now); err != nil {
		t.Fatal(err)
	}
	found, err := a.Check(context.Background(), later)
	if err != nil {
		t.Fatal(err)
	}
	got := map[escalation.Reason]int{}
	for _, f := range found.Findings {
		got[f.Reason]++
	}
	want := map[escalation.Reason]int{
		escalation.ReasonNoTimer: 1, escalation.ReasonNoLadder: 1, escalation.ReasonOverdue: 1, escalation.ReasonUnserved: 4,
	}
	if d := cmp.Diff(want, got); d != "" || found.Open != 4 || found.Oldest != 2*time.Minute {
		t.Errorf("%d open, oldest %s, findings (-want +got):\n%s", found.Open, found.Oldest, d)
	}
	for _, c := range []flows.Case{bare, lost} {
		ch := escalation.Repair(later, c, w)
		if ch.Case.Timers[flows.TimerLadder] != flows.Millis(later) || len(ch.Events) != 1 {
			t.Errorf("case %s is not repaired: %v", c.ID, ch.Case.Timers)
		}
		if again := escalation.Repair(later, ch.Case, w); again.Case.ID != "" {
			t.Error("repaired twice")
		}
	}
}

func TestExplain(t *testing.T) {
	w := worldOf(t, directory())
	var got strings.Builder
	c := flows.Case{Severity: flows.Urgent, Place: maiChau}
	if err := escalation.Explain(&got, noon(t), c, w, 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/explain_urgent.golden"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	// The version is a digest of the policy file and changes with every comment in it.
	shown := strings.Replace(got.String(), w.Policy.Version, "VERSION", 1)
	if d := cmp.Diff(strings.Replace(string(want), w.Policy.Version, "VERSION", 1), shown); d != "" {
		t.Errorf("explanation (-want +got):\n%s", d)
	}
	if strings.Contains(got.String(), "+84") {
		t.Error("a number is shown")
	}
}
