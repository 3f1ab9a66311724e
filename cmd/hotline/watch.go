package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/handlers/console"
	"hotline/store"
)

// How often the figures are read, and how far two clocks may be apart before it is
// logged, and before somebody is texted: a clock is wrong, and if it is that of
// Redis, everybody is asked too early or too late.
const (
	watchEvery = 15 * time.Second
	skewLimit  = 2 * time.Second
	skewAlarm  = time.Minute
)

// watch reads from time to time what only Redis knows, for monitoring and for
// the readiness page, so that neither of them has to wait for it.
type watch struct {
	app        *app
	own        func() time.Time // the clock of this machine
	serverTime func(context.Context) (time.Time, error)
	began      time.Time
	seen       atomic.Pointer[sight]
	guard      *guard
}

// sight is what one reading found. It is shown on the readiness page: it holds
// no address, and nothing of any case.
type sight struct {
	At           time.Time      `json:"at"`
	Directory    string         `json:"directory"`
	WaitReplicas int            `json:"wait_replicas"`
	Durability   []serverKeeps  `json:"durability"`
	ClockSkew    string         `json:"clock_skew,omitempty"`
	Findings     map[string]int `json:"findings"`
	// Overdue is how late the oldest timer is, Dead how many messages were given up.
	Overdue string `json:"timer_overdue"`
	Dead    int    `json:"dead_messages"`
	// Unwell names what is wrong, for which supervisors are texted; Heartbeat is
	// when a watcher outside was last told that nothing is.
	Unwell    []string   `json:"unwell,omitempty"`
	Heartbeat *heartbeat `json:"heartbeat,omitempty"`
	// Providers are what each did in the last hour, as this process saw it.
	Providers []flows.Traffic `json:"providers,omitempty"`

	open    int               // open cases
	worst   []console.Finding // what the audit found, by reason
	served  int               // partitions that were looked at in time
	overdue time.Duration     // how late the oldest timer is
	skew    time.Duration     // how far the clock of Redis is ahead of ours
	waiting time.Duration     // how late the oldest message is
	resting int               // providers that get no messages
}

// serverKeeps is how one server keeps what it is told.
type serverKeeps struct {
	Version    string   `json:"version"`
	Role       string   `json:"role"`
	AppendOnly string   `json:"appendonly,omitempty"`
	Fsync      string   `json:"appendfsync,omitempty"`
	Eviction   string   `json:"maxmemory_policy,omitempty"`
	Replicas   int      `json:"replicas"`
	Faults     []string `json:"faults"`
}

func newWatch(a *app, serverTime func(context.Context) (time.Time, error)) *watch {
	return &watch{app: a, own: a.now, serverTime: serverTime, began: a.now()}
}

// served is when a partition was last looked at; a worker that has not begun yet
// gets the same grace as one that has stopped.
func (w *watch) served(partition int) time.Time {
	if t := w.app.ladder.Served(partition); t.After(w.began) {
		return t
	}
	return w.began
}

// run reads at once, and then until ctx ends.
func (w *watch) run(ctx context.Context) {
	warn := w.app.warn("figures")
	read := func() {
		if err := w.tick(ctx, w.app.now()); err != nil && ctx.Err() == nil {
			warn(err)
		}
	}
	read()
	every(ctx, watchEvery, read)
}

// details is what the readiness page shows; nil before the first reading.
func (w *watch) details(context.Context) any {
	if s := w.seen.Load(); s != nil {
		return s
	}
	return nil
}

// last is when everything could be read.
func (w *watch) last() time.Time {
	if s := w.seen.Load(); s != nil {
		return s.At
	}
	return time.Time{}
}

// tick reads everything once. What was read before stays when it cannot.
func (w *watch) tick(ctx context.Context, now time.Time) error {
	version, _ := w.app.dir.inUse()
	s := &sight{At: now, Directory: version, WaitReplicas: w.app.cfg.Redis.WaitReplicas, Findings: map[string]int{}, Providers: w.app.traffic(now)}
	err := errors.Join(
		w.cases(ctx, now, s), w.queues(ctx, now, s), w.keeping(ctx, s), w.clocks(ctx, s),
	)
	s.resting = w.app.figures.resting()
	s.Unwell = w.unwell(ctx, s, err)
	told := w.guard.look(ctx, now, s.Unwell)
	s.Heartbeat = w.guard.shown()
	if err == nil {
		w.seen.Store(s)
	}
	return errors.Join(err, told)
}

// board lends the auditor cases that were read already.
type board []flows.Case

// Open are those cases.
func (b board) Open(context.Context) ([]flows.Case, error) { return b, nil }

// cases counts the open ones and audits that each is looked at again.
func (w *watch) cases(ctx context.Context, now time.Time, s *sight) error {
	a := w.app
	open, err := a.store.Open(ctx)
	if err != nil {
		return err
	}
	for _, severity := range []flows.Severity{flows.Urgent, flows.Normal} {
		for _, status := range []flows.CaseStatus{flows.StatusIntake, flows.StatusOpen, flows.StatusTaken} {
			n := 0
			for i := range open {
				if open[i].Severity == severity && open[i].Status == status {
					n++
				}
			}
			a.figures.open.WithLabelValues(string(severity), string(status)).Set(float64(n))
		}
	}
	auditor := escalation.Auditor{Board: board(open), Served: w.served, Partitions: a.store.Partitions()}
	audit, err := auditor.Check(ctx, now)
	if err != nil {
		return err
	}
	s.open, s.served = audit.Open, a.store.Partitions()
	for _, f := range audit.Findings {
		s.Findings[string(f.Reason)]++
		s.worst = worse(s.worst, f)
		if f.Reason == escalation.ReasonUnserved {
			s.served--
		}
	}
	for _, r := range findings() {
		a.figures.audit.WithLabelValues(string(r)).Set(float64(s.Findings[string(r)]))
	}
	return nil
}

// queues reads how late the oldest timer and message are, the dead list and the
// contacts of the day.
func (w *watch) queues(ctx context.Context, now time.Time, s *sight) error {
	a := w.app
	timers, _, err := a.store.DueAll(ctx, now, 1)
	if err != nil {
		return err
	}
	overdue := time.Duration(0)
	for _, t := range timers {
		overdue = max(overdue, now.Sub(t.Due))
	}
	a.figures.overdue.Set(overdue.Seconds())
	s.overdue = overdue
	s.Overdue = overdue.Round(time.Millisecond).String()
	waiting := time.Duration(0)
	for _, p := range a.partitions() {
		due, err := a.store.NextMessage(ctx, p)
		if err != nil {
			return err
		}
		if !due.IsZero() {
			waiting = max(waiting, now.Sub(due))
		}
	}
	a.figures.waiting.Set(waiting.Seconds())
	s.waiting = waiting
	dead, err := a.store.Dead(ctx)
	if err != nil {
		return err
	}
	a.figures.dead.Set(float64(len(dead)))
	s.Dead = len(dead)
	tally, err := a.store.Tally(ctx, now)
	if err != nil {
		return err
	}
	for outcome, n := range map[string]int{"begun": tally.Begun, "filed": tally.Filed, "silent": tally.Silent} {
		a.figures.contacts.WithLabelValues(outcome).Set(float64(n))
	}
	return nil
}

// keeping asks how the servers keep data: a setting may have changed since the
// start, and a failover may have led to another server.
func (w *watch) keeping(ctx context.Context, s *sight) error {
	all, err := w.app.store.Durability(ctx)
	if err != nil {
		return fmt.Errorf("ask Redis how it keeps data: %w", err)
	}
	var names []string
	for _, d := range all {
		k := serverShown(d)
		if l := w.app.ledger; l != nil && l.sole { // its journal keeps what it does not
			k.Faults = slices.DeleteFunc(k.Faults, func(name string) bool { return name == store.FaultEmbedded })
		}
		names = append(names, k.Faults...)
		s.Durability = append(s.Durability, k)
	}
	for _, name := range durabilityFaults() {
		w.app.figures.durability.WithLabelValues(name).Set(flag(slices.Contains(names, name)))
	}
	return nil
}

func serverShown(d store.Durability) serverKeeps {
	k := serverKeeps{
		Version: d.Version, Role: d.Role, AppendOnly: d.AppendOnly, Fsync: d.Fsync,
		Eviction: d.Eviction, Replicas: d.Replicas, Faults: []string{},
	}
	for _, f := range d.Faults {
		k.Faults = append(k.Faults, f.Name)
	}
	return k
}

// keeps is what the console shows of it; nil before the first reading.
func (w *watch) keeps() *console.Keeping {
	s := w.seen.Load()
	if s == nil {
		return nil
	}
	k := &console.Keeping{WaitReplicas: s.WaitReplicas, ClockSkew: s.ClockSkew}
	for _, d := range s.Durability {
		k.Servers = append(k.Servers, console.Server{
			Version: d.Version, Role: d.Role, AppendOnly: d.AppendOnly, Fsync: d.Fsync, Eviction: d.Eviction,
			Replicas: d.Replicas, Faults: d.Faults,
		})
	}
	return k
}

// clocks compares our clock with that of Redis. The answer was made somewhere
// between the question and its arrival: the middle is the best guess.
func (w *watch) clocks(ctx context.Context, s *sight) error {
	if w.serverTime == nil {
		return nil
	}
	asked := w.own()
	theirs, err := w.serverTime(ctx)
	if err != nil {
		return fmt.Errorf("ask Redis for the time: %w", err)
	}
	skew := skewOf(asked, w.own(), theirs)
	s.skew = skew
	s.ClockSkew = skew.Round(time.Millisecond).String()
	w.app.figures.skew.Set(skew.Seconds())
	if skew.Abs() > skewLimit {
		w.app.log.Warn("the clocks of this machine and of Redis differ", zap.Duration("skew", skew))
	}
	return nil
}

// skewOf is how far their clock is ahead of ours.
func skewOf(asked, answered, theirs time.Time) time.Duration {
	return theirs.Sub(asked.Add(answered.Sub(asked) / 2))
}
