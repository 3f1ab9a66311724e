package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/store"
	"hotline/store/journal"
)

// ledger is the journal of a running hotline, and the loops that look after it.
type ledger struct {
	*journal.Journal
	cfg configs.Journal
	key []byte
	now func() time.Time
	log *zap.Logger
	// sole says that nothing else keeps what is committed. Then a change that
	// is not on the disk counts as not made.
	sole  bool
	turns *turnKeeper // nil: the store keeps conversations by itself
	// witnesses keep checkpoints; failing is told of each whether it got its last.
	witnesses []witness
	failing   func(witness string, failing bool)

	warn   func(error)
	mu     sync.Mutex
	absent map[change]bool // changes that the disk did not take in time
}

// change names one committed change.
type change struct {
	id      flows.CaseID
	version int64
}

// diskPatience is how long a person waits for the disk. It is less than that of
// the dialogue for all of a step.
const diskPatience = 1200 * time.Millisecond

// compactAfter is when old segments are folded for the first time after a start.
const compactAfter = 10 * time.Minute

// openLedger takes the journal up where it ended; nil when none is set.
func openLedger(cfg configs.Journal, key []byte, now func() time.Time, log *zap.Logger) (*ledger, error) {
	if cfg.Dir == "" {
		log.Warn("no journal is kept: what Redis loses is lost; set journal.dir")
		return nil, nil
	}
	keepers, err := witnesses(cfg)
	if err != nil {
		return nil, err
	}
	j, found, err := journal.Open(journal.Options{Dir: cfg.Dir, Key: key, Now: now})
	if err != nil {
		return nil, err
	}
	if found.Torn > 0 {
		log.Info("the journal ends in a write that a crash cut off; nobody was told of it", zap.Int("bytes", found.Torn))
	}
	if found.Damaged {
		log.Error("the journal was changed or damaged; see: hotline journal verify", zap.String("dir", cfg.Dir))
	}
	l := &ledger{Journal: j, cfg: cfg, key: key, now: now, log: log, witnesses: keepers, absent: map[change]bool{}}
	l.warn = warner(log, now, "journal")
	return l, nil
}

// keep takes every committed change in. What it returns waits until somebody may
// be told of it.
func (l *ledger) keep(ch flows.Change) func() {
	if ch.Turn != nil && l.turns != nil {
		l.turns.keep(context.Background(), ch.At, *ch.Turn, ch.Case.Version)
	}
	wait := l.Keep(ch)
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), diskPatience)
		defer cancel()
		if err := wait(ctx); err != nil {
			l.missed(change{ch.Case.ID, ch.Case.Version}, err)
		}
	}
}

func (l *ledger) missed(c change, err error) {
	l.warn(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sole {
		l.absent[c] = true
	}
}

// took reports whether the disk has a change, as far as keep knows. It is asked
// once.
func (l *ledger) took(id flows.CaseID, version int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := change{id, version}
	absent := l.absent[c]
	delete(l.absent, c)
	return !absent
}

// audit writes down what the hotline itself did that must be answered for. A
// person's deed waits for its record, see deeds; these have happened.
func (l *ledger) audit(ctx context.Context, d flows.Deed) {
	if l == nil {
		return
	}
	if d.At.IsZero() {
		d.At = l.now()
	}
	if err := l.Audit(ctx, d); err != nil {
		l.warn(err)
	}
}

// ready is the readiness check.
func (l *ledger) ready(context.Context) error { return l.Health() }

// follow brings the journal after a store that went on without it, and refuses a
// store that has lost what the journal holds: going on would hide the loss.
func (l *ledger) follow(ctx context.Context, s *store.Store) error {
	held, reports, err := journal.Versions(ctx, []string{l.cfg.Dir}, l.key)
	if err != nil {
		return err
	}
	l.report(reports)
	have, err := s.Versions(ctx)
	if err != nil {
		return err
	}
	lost := 0
	for id, h := range held {
		if have[id] < h.Last {
			lost++
		}
	}
	if lost > 0 {
		return fmt.Errorf("redis lacks changes of %d cases that the journal holds: bring them back with `hotline journal restore`, then start again", lost)
	}
	n, err := l.CatchUpAll(ctx, s, held, have)
	if n > 0 {
		l.log.Info("the journal was brought after the store", zap.Int("cases", n))
	}
	return err
}

// run looks after the journal until ctx ends: what the disk did not take, the
// checkpoints, and once a day the old segments.
func (l *ledger) run(ctx context.Context, s journal.Source) {
	var wg sync.WaitGroup
	wg.Go(func() { every(ctx, 2*time.Second, func() { l.mend(ctx, s); l.collect(ctx) }) })
	wg.Go(func() { l.testify(ctx) })
	wg.Go(func() {
		// Once soon after the start too: a process that is started every night
		// would else never do it, and take longer to start every time.
		soon := time.NewTimer(compactAfter)
		defer soon.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-soon.C:
			}
			done, err := l.Compact(ctx)
			if err != nil {
				l.warn(err)
			}
			if len(done.Damaged) > 0 {
				l.log.Error("damaged files of the journal were moved aside, into its folder damaged", zap.Int("files", len(done.Damaged)))
			}
			soon.Reset(24 * time.Hour)
		}
	})
	wg.Wait()
}

// shownFaults is how many damages of a journal are logged; verify prints all.
const shownFaults = 20

// report logs the damages that were passed over. The number of a segment is a field
// of its own: the name of its file looks like a phone number to the log.
func (l *ledger) report(reports []journal.Report) {
	for _, r := range reports {
		for _, f := range r.Faults[:min(len(r.Faults), shownFaults)] {
			digits, _, _ := strings.Cut(f.File, ".")
			segment, _ := strconv.Atoi(digits)
			l.log.Error("the journal is damaged; see: hotline journal verify", zap.Int("segment", segment), zap.Stringer("fault", f), zap.Int("of", len(r.Faults)))
		}
	}
}

func (l *ledger) mend(ctx context.Context, s journal.Source) {
	if l.Health() != nil {
		n, err := l.CatchUp(ctx, s)
		if err != nil {
			l.warn(err)
			return
		}
		l.log.Info("the journal has caught up", zap.Int("cases", n))
	}
	l.forgive(ctx)
}

// forgive takes back the marks of changes that were late and are on the disk now.
// Those that nobody asked for would stay for ever.
func (l *ledger) forgive(ctx context.Context) {
	l.mu.Lock()
	late := slices.Collect(maps.Keys(l.absent))
	l.mu.Unlock()
	if len(late) == 0 || l.Flush(ctx) != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range late {
		delete(l.absent, c)
	}
}

// desk is what a dialogue and the people who answer need of the store.
type desk struct {
	*store.Store
	ledger *ledger
}

var errAbsent = fmt.Errorf("the disk of the journal did not take it: %w", flows.ErrUnavailable)

// Turn does not repeat a reply before the disk has what it promises.
func (d desk) Turn(ctx context.Context, id flows.SessionID, turn string) (flows.Session, flows.Reply, bool, error) {
	s, reply, repeated, err := d.Store.Turn(ctx, id, turn)
	if err == nil && repeated {
		if e := d.ledger.Flush(ctx); e != nil {
			return s, reply, false, errors.Join(errAbsent, e)
		}
	}
	return s, reply, repeated, err
}

// Commit counts a change that the disk did not take as not made.
func (d desk) Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error) {
	out, err := d.Store.Commit(ctx, ch)
	switch {
	case err != nil:
		return out, err
	case out.Repeated:
		if e := d.ledger.Flush(ctx); e != nil {
			return out, errors.Join(errAbsent, e)
		}
	case !d.ledger.took(ch.Case.ID, out.Version):
		return flows.Outcome{}, errAbsent
	}
	return out, nil
}

// SaveTurn also keeps where the conversation stands.
func (d desk) SaveTurn(ctx context.Context, now time.Time, t flows.Turn) (flows.Outcome, error) {
	out, err := d.Store.SaveTurn(ctx, now, t)
	if err == nil && !out.Repeated && d.ledger.turns != nil {
		d.ledger.turns.keep(ctx, now, t, 0)
	}
	return out, err
}

// afterDisk lets a message leave when the disk has what it follows from. Without
// it a kill could take a case back to before the message, and what is decided
// anew would leave a second time, not marked as a repeat. A disk that does not
// answer holds nothing up: an alert that comes twice is better than none.
type afterDisk struct {
	dispatch.Sender
	ledger *ledger
}

// Send waits, and sends.
func (a afterDisk) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	patient, cancel := context.WithTimeout(ctx, diskPatience)
	err := a.ledger.Flush(patient)
	cancel()
	if err != nil {
		a.ledger.warn(fmt.Errorf("a message leaves before the disk has its case: %w", err))
	}
	return a.Sender.Send(ctx, m, to)
}
