package store_test

import (
	"crypto/rand"
	"slices"
	"sync"
	"testing"
	"time"

	"hotline/flows"
	"hotline/store"
)

// Several goroutines gather and whoever finds the server free writes for all. Not
// one case may stay behind, wherever it waited.
func TestManyGoroutinesFillAStore(t *testing.T) {
	const gatherers, each = 8, 1500
	s, err := store.OpenEmbedded(t.Context(), store.Options{Partitions: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	lists, want := make([][]flows.Whole, gatherers), map[flows.CaseID]flows.Case{}
	for n := range gatherers * each {
		w := lost(t, n%3, int64(1+n%5), at)
		lists[n%gatherers] = append(lists[n%gatherers], w)
		want[w.Case.ID] = w.Case
	}
	to, err := s.Refill(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, list := range lists[1:] {
		wg.Go(func() {
			for some := range slices.Chunk(list, 7) {
				if err := to.Add(t.Context(), some, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := to.Done(t.Context()); err != nil {
		t.Fatal(err)
	}
	few := lists[0][:200]
	if err := to.Add(t.Context(), lists[0][len(few):], nil); err != nil {
		t.Fatal(err)
	}
	done := to.Occupy() // so few that all of them can wait
	if err := to.Add(t.Context(), few, nil); err != nil {
		t.Fatal(err)
	}
	done()
	if err := to.Done(t.Context()); err != nil {
		t.Fatal(err)
	}
	open, err := s.Open(t.Context())
	if err != nil || len(open) != len(want) {
		t.Errorf("%d of %d cases are open, %v", len(open), len(want), err)
	}
	for _, c := range open {
		w := want[c.ID]
		events, err := s.Timeline(t.Context(), c.ID)
		if err != nil || c.Version != w.Version || c.Receipt != w.Receipt || len(events) != 1 || events[0].Reason != w.Kind {
			t.Fatal(c, events, w, err)
		}
	}
	for _, c := range open[:99] {
		waiting, err := s.Waiting(t.Context(), c.ID)
		if err != nil || len(waiting) != 1 || waiting[0].Text != want[c.ID].Kind {
			t.Fatal(waiting, err)
		}
	}
}

// lost is an open case with a timer and a message that waits.
func lost(t *testing.T, partition int, version int64, at time.Time) flows.Whole {
	t.Helper()
	id, err := flows.NewCaseID(rand.Reader, partition)
	if err != nil {
		t.Fatal(err)
	}
	word := rand.Text()
	return flows.Whole{
		Case: flows.Case{
			ID: id, Version: version, Status: flows.StatusOpen, Opened: at, Kind: word, Receipt: rand.Text(),
			Timers: flows.Timers{flows.TimerLadder: flows.Millis(at)}, Sequel: 1,
		},
		Timeline: []flows.Event{{At: at, Kind: flows.EventFiled, Reason: word}},
		Waiting:  []flows.Message{{ID: flows.MessageID(id) + "/1", Case: id, To: "m1", Due: at, Text: word}},
	}
}
