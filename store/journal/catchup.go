package journal

import (
	"context"
	"errors"
	"fmt"
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
	ids := make([]flows.CaseID, 0, j.missed.len())
	for id := range j.missed.cases {
		if id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// CatchUp writes every case that a failed write left out, as the store has it
// now, and returns how many. Call it every few seconds while Health is not nil:
// it is also the probe that finds the disk well again.
func (j *Journal) CatchUp(ctx context.Context, s Source) (int, error) {
	j.mu.Lock()
	waiting := j.missed
	j.missed = missed{}
	j.mu.Unlock()
	n := 0
	for id := range waiting.cases {
		err := j.catchUp(ctx, s, id)
		if err != nil {
			j.keepMissed(waiting)
			return n, fmt.Errorf("catch up journal: %w", err)
		}
		delete(waiting.cases, id)
		n++
	}
	return n, nil
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

func (j *Journal) keepMissed(m missed) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for id := range m.cases {
		j.missed.add(id)
	}
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
