// Package timing measures how late timers fire and how fast a burst of them is
// worked off, with the real decisions and commits of the ladder. The bench
// commands and the tests share it.
package timing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Store is what a measurement needs. The workers use more of it if it has more.
type Store interface {
	escalation.Timers
	escalation.Cases
	Partitions() int
	CommitAll(ctx context.Context, changes []flows.Change) []error
}

// Options say what to measure.
type Options struct {
	Store   Store
	Now     func() time.Time
	Random  io.Reader // for case ids
	World   escalation.World
	Place   flows.PlaceID // whose ladder the cases climb
	Cases   int
	Urgent  int           // one case in so many is urgent; 0: all
	Spread  time.Duration // over which the timers fall due; 0: all at once
	Lead    time.Duration // between the last filing and the first timer
	Workers int           // 0: 1
}

// Report is what was measured. Lateness is the time from the moment that a timer
// was due to the moment that its commit was confirmed.
type Report struct {
	Cases   int
	Filed   time.Duration // how long filing took
	Took    time.Duration // from the first due moment to the last commit
	Rate    float64       // timers per second over that time
	P50     time.Duration
	P99     time.Duration
	Max     time.Duration
	Early   int // fired before they were due
	Twice   int // fired more than once
	Lost    int // not fired
	Inverse int // urgent cases that came after a normal one that was due no earlier
}

// String is one line for people.
func (r Report) String() string {
	return fmt.Sprintf("%d timers in %s, %.0f/s; lateness p50 %s, p99 %s, max %s; %d early, %d twice, %d lost",
		r.Cases, r.Took.Round(time.Millisecond), r.Rate, r.P50.Round(10*time.Microsecond),
		r.P99.Round(10*time.Microsecond), r.Max.Round(10*time.Microsecond), r.Early, r.Twice, r.Lost)
}

// Run files cases whose ladder timers are due later, lets workers fire them, and
// measures.
func Run(ctx context.Context, o Options) (Report, error) {
	begin := o.Now()
	cases, err := draw(o)
	if err != nil {
		return Report{}, err
	}
	start, err := file(ctx, o, cases)
	if err != nil {
		return Report{}, err
	}
	filed := o.Now().Sub(begin)
	m := &meter{due: make(map[flows.CaseID]time.Time, len(cases)), now: o.Now, done: make(chan struct{})}
	for i := range cases {
		m.due[cases[i].ID] = start.Add(offset(o, i))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var workers sync.WaitGroup
	for range max(o.Workers, 1) {
		w := &escalation.Worker{
			Timers: o.Store, Cases: o.Store, World: func() escalation.World { return o.World },
			Now: o.Now, Partitions: all(o.Store.Partitions()), Fired: m.fired, Warn: m.warn,
		}
		workers.Go(func() { w.Run(ctx) })
	}
	select {
	case <-m.done:
	case <-ctx.Done():
	}
	cancel()
	workers.Wait()
	r := m.report(start)
	r.Filed = filed
	return r, m.err
}

func all(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// draw makes cases in all partitions. They have asked level 1 by all its steps.
func draw(o Options) ([]flows.Case, error) {
	cases := make([]flows.Case, o.Cases)
	for i := range cases {
		partitions := o.Store.Partitions()
		id, err := flows.NewCaseID(o.Random, i%partitions)
		if err != nil {
			return nil, err
		}
		ref, err := flows.NewRef(o.Random, 8, i%partitions, partitions)
		if err != nil {
			return nil, err
		}
		c := flows.Case{
			ID: id, Ref: ref, Status: flows.StatusOpen, Severity: flows.Normal,
			Place: o.Place, Channel: flows.USSD, Provider: "bench", Language: "vi", Level: flows.LevelDuty,
		}
		if o.Urgent == 0 || i%o.Urgent == 0 {
			c.Severity = flows.Urgent
		}
		c.Step = len(o.World.Policy.For(&c).Levels[c.Level].Steps)
		cases[i] = c
	}
	return cases, nil
}

// File files cases whose ladder timers are due from a moment on, and returns
// their ids. It is for tests that run workers of their own.
func File(ctx context.Context, o Options, start time.Time) ([]flows.CaseID, error) {
	cases, err := draw(o)
	if err != nil {
		return nil, err
	}
	ids := make([]flows.CaseID, len(cases))
	changes := make([]flows.Change, len(cases))
	for i := range cases {
		ids[i], changes[i] = cases[i].ID, arm(o, cases[i], start.Add(offset(o, i)))
	}
	return ids, commit(ctx, o, changes)
}

// file commits the cases and returns the moment at which the first timer is due.
// How long filing takes is not known before, so timers are set far ahead first
// and then all moved: what is measured begins with everything in place.
func file(ctx context.Context, o Options, cases []flows.Case) (time.Time, error) {
	begin := o.Now()
	far := begin.Add(24 * time.Hour)
	changes := make([]flows.Change, 0, len(cases))
	for i := range cases {
		changes = append(changes, arm(o, cases[i], far))
	}
	if err := commit(ctx, o, changes); err != nil {
		return time.Time{}, err
	}
	start := o.Now().Add(o.Lead + 2*o.Now().Sub(begin))
	for i := range cases {
		cases[i].Version = 1
		changes[i] = arm(o, cases[i], start.Add(offset(o, i)))
	}
	if err := commit(ctx, o, changes); err != nil {
		return time.Time{}, err
	}
	if now := o.Now(); now.After(start) {
		return time.Time{}, fmt.Errorf("filing took %s longer than expected; use a longer lead", now.Sub(start))
	}
	return start, nil
}

func offset(o Options, i int) time.Duration {
	return (o.Spread * time.Duration(i) / time.Duration(max(o.Cases, 1))).Truncate(time.Millisecond)
}

// arm sets the ladder timer of a case whose level began so long ago that its wait
// is over at that moment.
func arm(o Options, c flows.Case, due time.Time) flows.Change {
	due = due.Truncate(time.Millisecond)
	ch := flows.BeginChange(o.Now(), c)
	ch.Case.Since = due.Add(-o.World.Policy.For(&c).Levels[c.Level].Wait)
	ch.Case.Opened, ch.Case.Routed = ch.Case.Since, ch.Case.Since
	ch.CommandID = fmt.Sprintf("bench/%d", c.Version)
	ch.Arm(flows.TimerLadder, due)
	return ch
}

func commit(ctx context.Context, o Options, changes []flows.Change) error {
	const some = 256
	parts := slices.Collect(slices.Chunk(changes, some))
	errs := make([]error, len(parts))
	var group sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i, part := range parts {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			errs[i] = errors.Join(o.Store.CommitAll(ctx, part)...)
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// meter notes when each timer was handled.
type meter struct {
	now  func() time.Time
	due  map[flows.CaseID]time.Time
	done chan struct{}

	mu    sync.Mutex
	late  []time.Duration
	seen  map[flows.CaseID]bool
	twice int
	early int
	last  time.Time
	// normal is the latest due moment of a normal case that was handled.
	normal  time.Time
	inverse int
	err     error
}

func (m *meter) warn(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err == nil {
		m.err = err
	}
}

func (m *meter) fired(ch flows.Change) {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	due, ours := m.due[ch.Case.ID]
	if !ours {
		return
	}
	due = due.Truncate(time.Millisecond)
	if m.seen == nil {
		m.seen = make(map[flows.CaseID]bool, len(m.due))
	}
	if m.seen[ch.Case.ID] {
		m.twice++
		return
	}
	m.seen[ch.Case.ID] = true
	if ch.At.Before(due) {
		m.early++
	}
	if ch.Case.Severity != flows.Urgent {
		m.normal = later(m.normal, due)
	} else if !m.normal.IsZero() && !m.normal.Before(due) {
		m.inverse++
	}
	m.late = append(m.late, now.Sub(due))
	m.last = now
	if len(m.late) == len(m.due) {
		close(m.done)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (m *meter) report(start time.Time) Report {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := Report{Cases: len(m.due), Early: m.early, Twice: m.twice, Lost: len(m.due) - len(m.late), Inverse: m.inverse}
	if len(m.late) == 0 {
		return r
	}
	slices.Sort(m.late)
	r.Took = m.last.Sub(start)
	r.Rate = float64(len(m.late)) / r.Took.Seconds()
	r.P50, r.P99, r.Max = m.late[len(m.late)/2], m.late[len(m.late)*99/100], m.late[len(m.late)-1]
	return r
}
