package console_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hotline/flows"
)

// crowd fills the board with n cases.
func (w *town) crowd(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range n {
		k := flows.Case{
			ID: flows.CaseID(fmt.Sprintf("%02d%06d", i%64, i)), Ref: flows.Ref(fmt.Sprintf("X%dC", i)), Version: 1, Status: flows.StatusOpen,
			Severity: flows.Normal, Channel: flows.SMS, Opened: start.Add(-time.Duration(i) * time.Minute), Level: 1, Place: "mai-chau",
			Timers: flows.Timers{flows.TimerLadder: flows.Millis(start.Add(time.Duration(i) * time.Second)), flows.TimerDecision: flows.Millis(start.Add(12 * time.Hour))},
			Alerts: []flows.Alert{{ID: "x/1", Member: "m1", Level: 1, At: start, Delivery: flows.Delivered}},
		}
		if i%3 == 0 {
			k.Status, k.Holder = flows.StatusTaken, "m2"
		}
		if i%5 == 0 {
			k.Severity = flows.Urgent
		}
		w.cases = append(w.cases, k)
	}
}

func BenchmarkBoardOf10000Cases(b *testing.B) {
	w := newTown(b, false)
	w.crowd(10_000)
	ask := func() {
		r := httptest.NewRecorder()
		w.echo.ServeHTTP(r, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/board", nil))
		if r.Code != http.StatusOK {
			b.Fatalf("got status %d", r.Code)
		}
	}
	b.Run("nothing has changed", func(b *testing.B) {
		for b.Loop() {
			ask()
		}
	})
	b.Run("a case has changed", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			k := w.cases[i%len(w.cases)].Clone()
			k.Version += int64(i + 1)
			w.live.Committed(flows.Change{Case: k, From: k.Version - 1})
			ask()
		}
	})
	b.Run("all is read again", func(b *testing.B) {
		for b.Loop() {
			w.live.Changed()
			ask()
		}
	})
}

func TestManyViewersSeeAChange(t *testing.T) { inform(t, 100) }

// BenchmarkChangeTo500Viewers measures how long a commit takes to reach the last
// of 500 live boards on 10,000 cases.
func BenchmarkChangeTo500Viewers(b *testing.B) {
	for b.Loop() {
		inform(b, 500)
	}
}

// inform opens live boards and waits until all of them show a new case.
func inform(t testing.TB, viewers int) {
	t.Helper()
	w := newTown(t, false)
	w.crowd(10_000)
	s := httptest.NewServer(w.echo)
	defer s.Close()
	defer s.CloseClientConnections()
	ready, seen := make(chan error, viewers), make(chan error, viewers)
	client := &http.Client{Transport: &http.Transport{}}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for range viewers {
		go watch(ctx, client, s.URL, ready, seen)
	}
	gather(t, ready, viewers)
	began := time.Now() //nolint:forbidigo // how long it really takes is what is measured
	w.file("N4NN", func(k *flows.Case) {
		k.Severity, k.Timers = flows.Urgent, flows.Timers{flows.TimerLadder: flows.Millis(start)}
	})
	gather(t, seen, viewers)
	took := time.Since(began)
	t.Logf("%d viewers of 10,000 cases saw a new case within %v", viewers, took.Round(time.Millisecond))
	if b, ok := t.(*testing.B); ok {
		b.ReportMetric(float64(took.Milliseconds()), "ms/last-viewer")
	}
}

// watch reads one live board until the new case is on it.
func watch(ctx context.Context, client *http.Client, base string, ready, seen chan<- error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/board/live", nil)
	if err != nil {
		ready <- err
		return
	}
	r, err := client.Do(q)
	if err != nil {
		ready <- err
		return
	}
	defer r.Body.Close()
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	first := true
	for lines.Scan() {
		if first && strings.Contains(lines.Text(), `class="state"`) {
			first = false
			ready <- nil
		}
		if strings.Contains(lines.Text(), "case-N4NN") {
			seen <- nil
			return
		}
	}
	seen <- lines.Err()
}

func gather(t testing.TB, from <-chan error, n int) {
	t.Helper()
	limit := time.NewTimer(60 * time.Second)
	defer limit.Stop()
	for range n {
		select {
		case err := <-from:
			if err != nil {
				t.Fatal(err)
			}
		case <-limit.C:
			t.Fatal("some viewers saw nothing")
		}
	}
}
