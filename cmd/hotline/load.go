package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// loadResult is what a number of callers got through in a time.
type loadResult struct {
	Steps   int           `json:"steps"`
	Elapsed time.Duration `json:"elapsed_ns"`
	P50     time.Duration `json:"p50_ns"`
	P99     time.Duration `json:"p99_ns"`
}

// rate is steps a second.
func (r loadResult) rate() float64 { return float64(r.Steps) / r.Elapsed.Seconds() }

// load runs callers at once for a time. Each plays whole dialogues with step,
// which is given a number that no other dialogue has and the hop, from 0. It
// stops at the first error.
func load(ctx context.Context, callers, hops int, d time.Duration, now func() time.Time, step func(ctx context.Context, dialogue, hop int) error) (loadResult, error) {
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		took  []time.Duration
		first error
	)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begun := now()
	for w := range callers {
		wg.Go(func() {
			own := make([]time.Duration, 0, 1<<14)
			for n := 0; ctx.Err() == nil && now().Sub(begun) < d; n++ {
				for hop := range hops {
					t := now()
					if err := step(ctx, n*callers+w, hop); err != nil {
						mu.Lock()
						if first == nil {
							first = fmt.Errorf("hop %d of dialogue %d: %w", hop, n*callers+w, err)
						}
						mu.Unlock()
						cancel()
						return
					}
					own = append(own, now().Sub(t))
				}
			}
			mu.Lock()
			took = append(took, own...)
			mu.Unlock()
		})
	}
	wg.Wait()
	return summed(took, now().Sub(begun)), first
}

func summed(took []time.Duration, elapsed time.Duration) loadResult {
	r := loadResult{Steps: len(took), Elapsed: elapsed}
	slices.Sort(took)
	if len(took) > 0 {
		r.P50, r.P99 = took[len(took)/2], took[len(took)*99/100]
	}
	return r
}

// betweenHops is what a caller of arrivals takes to answer a screen.
const betweenHops = 50 * time.Millisecond

// arrivals lets dialogues begin at a rate of steps a second, whether or not the
// earlier ones are done, as people do. Each step takes from the moment at which it
// was to begin, so that one that had to wait counts its wait.
func arrivals(ctx context.Context, rate float64, hops int, d time.Duration, now func() time.Time, step func(ctx context.Context, dialogue, hop int) error) (loadResult, error) {
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		took  []time.Duration
		first error
	)
	dialogue := func(n int, due time.Time) {
		for hop := range hops {
			due = due.Add(betweenHops * time.Duration(min(hop, 1)))
			pause(ctx, due.Sub(now()))
			err := step(ctx, n, hop)
			mu.Lock()
			took = append(took, now().Sub(due))
			if err != nil && first == nil {
				first = err
			}
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}
	begun, gap := now(), time.Duration(float64(time.Second)*float64(hops)/max(rate, 1))
	for n := 0; time.Duration(n)*gap < d && ctx.Err() == nil; n++ {
		due := begun.Add(time.Duration(n) * gap)
		pause(ctx, due.Sub(now()))
		wg.Go(func() { dialogue(n, due) })
	}
	wg.Wait()
	return summed(took, now().Sub(begun)), first
}

// pause waits for d, or not at all if it is over.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
