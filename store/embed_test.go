package store_test

import (
	"errors"
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
