package escalation

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hotline/flows"
)

// Timers is where a worker finds what is due.
type Timers interface {
	// Due lists up to n timers of a partition that are due, the oldest first.
	Due(ctx context.Context, partition int, now time.Time, n int) ([]flows.DueTimer, error)
}

// Cases is what a worker and a service need of the store.
type Cases interface {
	Case(ctx context.Context, id flows.CaseID) (flows.Case, error)
	Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error)
}

// manyTimers is a store that can read all partitions in one round trip.
type manyTimers interface {
	DueAll(ctx context.Context, now time.Time, n int) ([]flows.DueTimer, time.Time, error)
}

// manyCases is a store that can read many cases in one round trip. The result
// has the order of ids; a case that does not exist is zero.
type manyCases interface {
	Cases(ctx context.Context, ids []flows.CaseID) ([]flows.Case, error)
}

// manyCommits is a store that can apply many changes in one round trip, each by
// itself. The errors have the order of the changes.
type manyCommits interface {
	CommitAll(ctx context.Context, changes []flows.Change) []error
}

// Worker fires due timers of its partitions. Any number may share a partition:
// only the commit that handles a timer removes it, and of two such commits one
// conflicts and is dropped. Set the fields before the first use.
type Worker struct {
	Timers     Timers
	Cases      Cases
	World      func() World
	Now        func() time.Time
	Partitions []int
	Batch      int // timers of a partition read at once; 0: 1000
	Parallel   int // commits under way at once; 0: 16
	// Warn is told of what went wrong; the worker goes on.
	Warn func(error)
	// Fired is told of every change that was committed, if set.
	Fired func(flows.Change)

	once  sync.Once
	nudge chan struct{}
}

// longest is how long a worker ever sleeps, whatever the next due time says.
const longest = 250 * time.Millisecond

// chunk is how many cases are loaded, or changes committed, in one round trip.
const chunk = 128

// Nudge wakes the worker: a commit in this process has set a timer.
func (w *Worker) Nudge() {
	w.once.Do(w.prepare)
	select {
	case w.nudge <- struct{}{}:
	default:
	}
}

func (w *Worker) prepare() { w.nudge = make(chan struct{}, 1) }

// Run ticks until ctx ends. It holds no logic of its own.
func (w *Worker) Run(ctx context.Context) {
	w.once.Do(w.prepare)
	sleep := time.NewTimer(0)
	defer sleep.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-sleep.C:
		case <-w.nudge:
		}
		n, next, err := w.tick(ctx, w.Now())
		if err != nil && ctx.Err() == nil && w.Warn != nil {
			w.Warn(err)
		}
		sleep.Reset(w.pause(n, next, err))
	}
}

// pause is how long to sleep after a tick: not at all when there may be more.
func (w *Worker) pause(n int, next time.Time, err error) time.Duration {
	switch {
	case n > 0 && err == nil:
		return 0
	case next.IsZero():
		return longest
	}
	return max(0, min(longest, next.Sub(w.Now())))
}

// Tick fires the timers that are due at now, and returns how many cases moved.
func (w *Worker) Tick(ctx context.Context, now time.Time) (int, error) {
	n, _, err := w.tick(ctx, now)
	return n, err
}

func (w *Worker) tick(ctx context.Context, now time.Time) (int, time.Time, error) {
	due, next, err := w.due(ctx, now)
	if err != nil {
		return 0, next, err
	}
	cases, err := w.load(ctx, due)
	if err != nil {
		return 0, next, err
	}
	urgentFirst(cases, due)
	n, err := w.fire(ctx, now, cases)
	return n, next, err
}

// due reads the due timers of all partitions, and when the next one is due if
// the store can tell.
func (w *Worker) due(ctx context.Context, now time.Time) ([]flows.DueTimer, time.Time, error) {
	batch := cmp.Or(w.Batch, 1000)
	if all, ok := w.Timers.(manyTimers); ok {
		due, next, err := all.DueAll(ctx, now, batch)
		return slices.DeleteFunc(due, func(d flows.DueTimer) bool {
			return !slices.Contains(w.Partitions, d.Case.Partition())
		}), next, err
	}
	var due []flows.DueTimer
	for _, p := range w.Partitions {
		some, err := w.Timers.Due(ctx, p, now, batch)
		if err != nil {
			return nil, time.Time{}, err
		}
		due = append(due, some...)
	}
	return due, time.Time{}, nil
}

// load reads the cases of due timers, each once.
func (w *Worker) load(ctx context.Context, due []flows.DueTimer) ([]flows.Case, error) {
	ids := make([]flows.CaseID, 0, len(due))
	for _, d := range due {
		ids = append(ids, d.Case)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	cases := make([]flows.Case, 0, len(ids))
	many, ok := w.Cases.(manyCases)
	for part := range slices.Chunk(ids, chunk) {
		if ok {
			some, err := many.Cases(ctx, part)
			if err != nil {
				return nil, err
			}
			cases = append(cases, some...)
			continue
		}
		for _, id := range part {
			c, err := w.Cases.Case(ctx, id)
			if err != nil && !errors.Is(err, flows.ErrNotFound) {
				return nil, err
			}
			cases = append(cases, c)
		}
	}
	return slices.DeleteFunc(cases, func(c flows.Case) bool { return c.ID == "" }), nil
}

// urgentFirst orders cases by how they press: urgent before normal, then by the
// oldest timer that is due.
func urgentFirst(cases []flows.Case, due []flows.DueTimer) {
	oldest := make(map[flows.CaseID]time.Time, len(cases))
	for _, d := range due {
		if t, ok := oldest[d.Case]; !ok || d.Due.Before(t) {
			oldest[d.Case] = d.Due
		}
	}
	rank := func(c *flows.Case) int {
		if c.Severity == flows.Urgent {
			return 0
		}
		return 1
	}
	slices.SortFunc(cases, func(a, b flows.Case) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), oldest[a.ID].Compare(oldest[b.ID]), cmp.Compare(a.ID, b.ID))
	})
}

// fire decides and commits, most pressing first, several at a time.
func (w *Worker) fire(ctx context.Context, now time.Time, cases []flows.Case) (int, error) {
	world := w.World()
	size := 1
	if _, ok := w.Cases.(manyCommits); ok {
		size = chunk
	}
	var moved atomic.Int64
	var mu sync.Mutex
	var first error
	var wg sync.WaitGroup
	slots := make(chan struct{}, cmp.Or(w.Parallel, 16))
	for part := range slices.Chunk(cases, size) {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			n, err := w.fireSome(ctx, now, part, world)
			moved.Add(int64(n))
			if err != nil {
				mu.Lock()
				first = cmp.Or(first, err)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return int(moved.Load()), first
}

func (w *Worker) fireSome(ctx context.Context, now time.Time, cases []flows.Case, world World) (int, error) {
	changes := make([]flows.Change, 0, len(cases))
	for i := range cases {
		if ch := FireAll(now, cases[i], world); ch.Case.ID != "" {
			changes = append(changes, ch)
		}
	}
	moved := 0
	var first error
	for i, err := range w.commit(ctx, changes) {
		switch {
		case err == nil:
			moved++
			if w.Fired != nil {
				w.Fired(changes[i])
			}
		case errors.Is(err, flows.ErrConflict):
			// Somebody was faster. If a timer is still due it will be found again.
		default:
			first = cmp.Or(first, err)
		}
	}
	return moved, first
}

func (w *Worker) commit(ctx context.Context, changes []flows.Change) []error {
	if many, ok := w.Cases.(manyCommits); ok {
		return many.CommitAll(ctx, changes)
	}
	errs := make([]error, len(changes))
	for i := range changes {
		_, errs[i] = w.Cases.Commit(ctx, changes[i])
	}
	return errs
}
