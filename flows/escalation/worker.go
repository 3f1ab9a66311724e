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
	// Due lists up to n cases of a partition with a timer that is due, each once and
	// the oldest first.
	Due(ctx context.Context, partition int, now time.Time, n int) ([]flows.DueCase, error)
}

// Cases is what a worker and a service need of the store.
type Cases interface {
	Case(ctx context.Context, id flows.CaseID) (flows.Case, error)
	Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error)
}

// manyTimers is a store that can read all partitions in one round trip.
type manyTimers interface {
	DueAll(ctx context.Context, now time.Time, n int) ([]flows.DueCase, time.Time, error)
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
	Batch      int // cases of a partition read at once; 0: 2000
	Parallel   int // commits under way at once; 0: 16
	// Warn is told of what went wrong; the worker goes on.
	Warn func(error)
	// Fired is told of every change that was committed, if set.
	Fired func(flows.Change)

	once   sync.Once
	nudge  chan struct{}
	served atomic.Int64 // when the timers were last read, in Unix milliseconds
	wake   atomic.Int64 // when they will be read next
}

// Committed is to be told of every change that this process commits. It wakes the
// worker when a timer of the case is due before the worker would look again;
// most are minutes away, and waking for them would only load the store.
func (w *Worker) Committed(ch flows.Change) {
	wake := w.wake.Load()
	for _, ms := range ch.Case.Timers {
		if ms < wake {
			w.Nudge()
			return
		}
	}
}

// Served is when the worker last read the timers of a partition; zero if the
// partition is not its own or it never did.
func (w *Worker) Served(partition int) time.Time {
	if !slices.Contains(w.Partitions, partition) {
		return time.Time{}
	}
	return flows.Moment(w.served.Load())
}

// longest is how long a worker ever sleeps, whatever the next due time says.
const longest = 250 * time.Millisecond

// chunk is how many cases are loaded, or changes committed, in one round trip.
const chunk = 128

// Nudge wakes the worker at once.
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
		pause := w.pause(n, next, err)
		w.wake.Store(flows.Millis(w.Now().Add(pause)))
		sleep.Reset(pause)
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

// tick fires urgent cases as soon as they are read, and all others after the last
// urgent one: a backlog must not hide what is urgent in it.
func (w *Worker) tick(ctx context.Context, now time.Time) (int, time.Time, error) {
	due, next, err := w.due(ctx, now)
	if err == nil {
		w.served.Store(flows.Millis(now))
	}
	if err != nil || len(due) == 0 {
		return 0, next, err
	}
	p := &pass{Worker: w, now: now, world: w.World()}
	err = sideBySide(w.parallel(), slices.Collect(slices.Chunk(oldestFirst(due), w.size())), func(ids []flows.CaseID) error {
		return p.urgent(ctx, ids)
	})
	// Even if some could not be read or written, the others must not wait.
	err2 := sideBySide(w.parallel(), slices.Collect(slices.Chunk(p.kept, w.size())), func(cases []flows.Case) error {
		return p.fire(ctx, cases)
	})
	err3 := sideBySide(w.parallel(), slices.Collect(slices.Chunk(p.left, w.size())), func(ids []flows.CaseID) error {
		return p.all(ctx, ids)
	})
	return int(p.moved.Load()), next, first([]error{err, err2, err3})
}

func (w *Worker) parallel() int { return cmp.Or(w.Parallel, 16) }

// size is how many cases are read or committed together.
func (w *Worker) size() int {
	if _, ok := w.Cases.(manyCommits); ok {
		return chunk
	}
	return 1
}

// sideBySide does the parts, some at a time, begun in their order.
func sideBySide[T any](some int, parts []T, do func(T) error) error {
	var group sync.WaitGroup
	errs := make([]error, len(parts))
	slots := make(chan struct{}, some)
	for i, part := range parts {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			errs[i] = do(part)
		})
	}
	group.Wait()
	return first(errs)
}

// first keeps one error: a store that is away gives the same to every part.
func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// oldestFirst lists what is due in all partitions by its moment.
func oldestFirst(due []flows.DueCase) []flows.CaseID {
	slices.SortStableFunc(due, func(a, b flows.DueCase) int { return a.Due.Compare(b.Due) })
	ids := make([]flows.CaseID, len(due))
	for i := range due {
		ids[i] = due[i].Case
	}
	return ids
}

// split keeps the order within each half.
func split(cases []flows.Case) (urgent, others []flows.Case) {
	for _, c := range cases {
		if c.Severity == flows.Urgent {
			urgent = append(urgent, c)
		} else {
			others = append(others, c)
		}
	}
	return urgent, others
}

// due reads the due timers of all partitions, and when the next one is due if
// the store can tell.
func (w *Worker) due(ctx context.Context, now time.Time) ([]flows.DueCase, time.Time, error) {
	batch := cmp.Or(w.Batch, 2000)
	if all, ok := w.Timers.(manyTimers); ok {
		due, next, err := all.DueAll(ctx, now, batch)
		return slices.DeleteFunc(due, func(d flows.DueCase) bool {
			return !slices.Contains(w.Partitions, d.Case.Partition())
		}), next, err
	}
	var due []flows.DueCase
	for _, p := range w.Partitions {
		some, err := w.Timers.Due(ctx, p, now, batch)
		if err != nil {
			return nil, time.Time{}, err
		}
		due = append(due, some...)
	}
	return due, time.Time{}, nil
}

// load reads cases. One that is gone is left out.
func (w *Worker) load(ctx context.Context, ids []flows.CaseID) ([]flows.Case, error) {
	if many, ok := w.Cases.(manyCases); ok {
		cases, err := many.Cases(ctx, ids)
		return slices.DeleteFunc(cases, func(c flows.Case) bool { return c.ID == "" }), err
	}
	var cases []flows.Case
	for _, id := range ids {
		c, err := w.Cases.Case(ctx, id)
		switch {
		case err == nil:
			cases = append(cases, c)
		case !errors.Is(err, flows.ErrNotFound):
			return nil, err
		}
	}
	return cases, nil
}

// fire decides and commits, and returns how many cases moved.
func (w *Worker) fire(ctx context.Context, now time.Time, cases []flows.Case, world World) (int, error) {
	changes := make([]flows.Change, 0, len(cases))
	for i := range cases {
		if ch := FireAll(now, cases[i], world); ch.Case.ID != "" {
			changes = append(changes, ch)
		}
	}
	moved := 0
	var errs []error
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
			errs = append(errs, err)
		}
	}
	return moved, first(errs)
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
