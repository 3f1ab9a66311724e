package handlers_test

import (
	"runtime"
	"sync"
	"testing"

	"hotline/handlers"
)

// Every piece is done once, also when all hands are busy, and no more hands than
// the few that may idle are kept.
func TestCrewDoesEverythingAndGoesHome(t *testing.T) {
	before := runtime.NumGoroutine()
	c := handlers.NewCrew()
	var done sync.Map
	var wg sync.WaitGroup
	hold := make(chan struct{})
	const pieces = 5 * handlers.MostIdle
	wg.Add(2 * pieces)
	for i := range pieces {
		c.Do(func() { // all at once
			<-hold
			done.Store(i, true)
			wg.Done()
		})
	}
	close(hold)
	for i := range pieces {
		c.Do(func() {
			done.Store(pieces+i, true)
			wg.Done()
		})
	}
	wg.Wait()
	for i := range 2 * pieces {
		if _, ok := done.Load(i); !ok {
			t.Errorf("piece %d was not done", i)
		}
	}
	for t.Context().Err() == nil && runtime.NumGoroutine() > before+handlers.MostIdle {
		runtime.Gosched()
	}
}
