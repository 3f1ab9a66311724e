package journal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"hotline/flows"
)

// missed are the cases whose records are not on the disk.
type missed struct{ cases map[flows.CaseID]bool }

func (m *missed) add(id flows.CaseID) {
	if m.cases == nil {
		m.cases = map[flows.CaseID]bool{}
	}
	m.cases[id] = true
}

func (m *missed) none() bool { return len(m.cases) == 0 }
func (m *missed) len() int   { return len(m.cases) }

// Source is what holds the cases while the disk does not: the store.
type Source interface {
	Case(ctx context.Context, id flows.CaseID) (flows.Case, error)
	Timeline(ctx context.Context, id flows.CaseID) ([]flows.Event, error)
	// Waiting are the messages of a case that are still on the outbox.
	Waiting(ctx context.Context, id flows.CaseID) ([]flows.Message, error)
	// Answers are what was written into its forms.
	Answers(ctx context.Context, id flows.CaseID) ([]flows.Answer, error)
}

// look reads a case whole. The reads are not one, so it looks again until the
// case stood still meanwhile.
func look(ctx context.Context, s Source, id flows.CaseID) (flows.Whole, error) {
	for {
		var snap flows.Whole
		var err error
		if snap.Case, err = s.Case(ctx, id); err != nil {
			return snap, err
		}
		if snap.Timeline, err = s.Timeline(ctx, id); err != nil {
			return snap, err
		}
		if snap.Waiting, err = s.Waiting(ctx, id); err != nil {
			return snap, err
		}
		if snap.Answers, err = s.Answers(ctx, id); err != nil {
			return snap, err
		}
		after, err := s.Case(ctx, id)
		if err != nil || after.Version == snap.Case.Version {
			return snap, err
		}
	}
}

// Missed lists the cases that a failed write left out, so that somebody can see
// them waiting.
func (j *Journal) Missed() []flows.CaseID {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := missed{}
	for _, some := range []missed{j.missed, j.behind} {
		for id := range some.cases {
			all.add(id)
		}
	}
	delete(all.cases, "")
	return slices.Sorted(maps.Keys(all.cases))
}

// CatchUp writes every case that a failed write left out, as the store has it
// now, and returns how many. Call it every few seconds while Health is not nil:
// it is also the probe that finds the disk well again. One call at a time.
func (j *Journal) CatchUp(ctx context.Context, s Source) (int, error) {
	n := 0
	for _, id := range j.takeMissed() {
		if err := j.catchUp(ctx, s, id); err != nil {
			return n, fmt.Errorf("catch up journal: %w", err)
		}
		j.mu.Lock()
		delete(j.behind.cases, id)
		j.mu.Unlock()
		n++
	}
	return n, nil
}

// takeMissed are the cases to catch up. What a write misses from now on is kept
// apart from them: it is newer than what is about to be read.
func (j *Journal) takeMissed() []flows.CaseID {
	j.mu.Lock()
	defer j.mu.Unlock()
	for id := range j.missed.cases {
		j.behind.add(id)
	}
	j.missed = missed{}
	return slices.Collect(maps.Keys(j.behind.cases))
}

// catchUp writes one case. A record about no case is lost to the journal, and a
// note says so.
func (j *Journal) catchUp(ctx context.Context, s Source, id flows.CaseID) error {
	if id == "" {
		return j.Append(ctx, Record{At: j.opt.Now(), Kind: KindNote, Body: []byte("records about no case are missing here")})
	}
	snap, err := look(ctx, s, id)
	if errors.Is(err, flows.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := EncodeSnapshot(j.opt.Now(), snap)
	if err != nil {
		return err
	}
	return j.Append(ctx, r)
}

// CatchUpAll writes every case of which the store holds a version that the
// journal does not, as after a start on a store that went on without one. Held
// is what Versions found.
func (j *Journal) CatchUpAll(ctx context.Context, s Source, held map[flows.CaseID]Held, store map[flows.CaseID]int64) (int, error) {
	n := 0
	for id, version := range store {
		if held[id].Whole >= version {
			continue
		}
		if err := j.catchUp(ctx, s, id); err != nil {
			return n, fmt.Errorf("catch up journal: %w", err)
		}
		n++
	}
	return n, nil
}
