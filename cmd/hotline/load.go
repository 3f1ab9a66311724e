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

// arrivals sends steps at a rate, whether or not the earlier ones are done, as
// people do. Each takes from the moment at which it was to begin, so that one
// that had to wait counts its wait.
func arrivals(ctx context.Context, rate float64, d time.Duration, now func() time.Time, step func(ctx context.Context, n int) error) (loadResult, error) {
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		took  []time.Duration
		first error
	)
	begun, gap := now(), time.Duration(float64(time.Second)/rate)
	tick := time.NewTicker(max(gap, time.Millisecond))
	defer tick.Stop()
	for n := 0; time.Duration(n)*gap < d && ctx.Err() == nil; {
		for ; time.Duration(n)*gap <= min(now().Sub(begun), d-1); n++ {
			own, due := n, begun.Add(time.Duration(n)*gap)
			wg.Go(func() {
				err := step(ctx, own)
				mu.Lock()
				defer mu.Unlock()
				if took = append(took, now().Sub(due)); err != nil && first == nil {
					first = err
				}
			})
		}
		<-tick.C
	}
	wg.Wait()
	return summed(took, now().Sub(begun)), first
}
