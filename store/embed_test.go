package store_test

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/flows"
	"hotline/store"
)

// In a bubble nothing may reach for a network or for the real clock, and nothing
// may be left running.
func TestEmbeddedInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := store.OpenEmbedded(t.Context(), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = e.Close() }()
		ch := newChange(t, e.Store)
		if _, err := e.Commit(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
		var changes []flows.Change
		for range 300 { // far more than a pipe without a buffer takes
			ch := newChange(t, e.Store)
			ch.Turn = nil
			changes = append(changes, ch)
		}
		if err := errors.Join(e.CommitAll(t.Context(), changes)...); err != nil {
			t.Fatal(err)
		}
		<-time.NewTimer(2 * time.Hour).C // the clock of the bubble; that of the server stands still
		s, _, repeated, err := e.Turn(t.Context(), ch.Turn.Session.ID, ch.Turn.ID)
		if err != nil || !repeated || s.Version != 1 {
			t.Errorf("before the server's clock moves: version %d, repeated %v, %v", s.Version, repeated, err)
		}
		e.Advance(2 * time.Hour)
		s, _, repeated, err = e.Turn(t.Context(), ch.Turn.Session.ID, ch.Turn.ID)
		if err != nil || repeated || s.Version != 0 {
			t.Errorf("after: version %d, repeated %v, %v", s.Version, repeated, err)
		}
	})
}

// Nothing but what Keep is told remembers the changes of an in-process server,
// so a hole in it could never be filled.
func TestEmbeddedKeepsVersionsInOrder(t *testing.T) {
	var mu sync.Mutex
	kept := map[flows.CaseID][]int64{}
	e, err := store.OpenEmbedded(t.Context(), store.Options{Keep: func(ch flows.Change) func() {
		runtime.Gosched() // where another decision would slip in
		mu.Lock()
		defer mu.Unlock()
		kept[ch.Case.ID] = append(kept[ch.Case.ID], ch.Case.Version)
		return func() {}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	first := newChange(t, e.Store)
	if _, err := e.Commit(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	const writers, each = 8, 40
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { moveOn(t, e.Store, first.Case.ID, each, w%2 == 0) })
	}
	wg.Wait()
	if got := kept[first.Case.ID]; len(got) != 1+writers*each || !slices.IsSorted(got) {
		t.Errorf("%d versions are kept, in order: %v; want %d in order", len(got), slices.IsSorted(got), 1+writers*each)
	}
}

// moveOn changes a case n times, one by one or in batches of one.
func moveOn(t *testing.T, s *store.Store, id flows.CaseID, n int, batch bool) {
	for n > 0 {
		c, err := s.Case(t.Context(), id)
		if err != nil {
			t.Error(err)
			return
		}
		ch := flows.BeginChange(c.Opened.Add(time.Minute), c)
		ch.Log(flows.Event{Kind: flows.EventRefined})
		if batch {
			err = s.CommitAll(t.Context(), []flows.Change{ch})[0]
		} else {
			_, err = s.Commit(t.Context(), ch)
		}
		switch {
		case err == nil:
			n--
		case !errors.Is(err, flows.ErrConflict):
			t.Error(err)
			return
		}
	}
}
