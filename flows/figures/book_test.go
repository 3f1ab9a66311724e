package figures_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/figures"
)

// shelf is a store of cases.
type shelf struct {
	cases     map[flows.CaseID]flows.Case
	timelines map[flows.CaseID][]flows.Event
	reads     int
	err       error
}

func (s *shelf) Versions(context.Context) (map[flows.CaseID]int64, error) {
	v := map[flows.CaseID]int64{}
	for id, c := range s.cases {
		v[id] = c.Version
	}
	return v, s.err
}

func (s *shelf) Cases(_ context.Context, ids []flows.CaseID) ([]flows.Case, error) {
	list := make([]flows.Case, len(ids))
	for i, id := range ids {
		list[i] = s.cases[id]
		s.reads++
	}
	return list, s.err
}

func (s *shelf) Timelines(_ context.Context, ids []flows.CaseID) ([][]flows.Event, error) {
	list := make([][]flows.Event, len(ids))
	for i, id := range ids {
		list[i] = s.timelines[id]
	}
	return list, s.err
}

func TestBookReadsOnlyWhatChanged(t *testing.T) {
	s := &shelf{cases: map[flows.CaseID]flows.Case{}, timelines: map[flows.CaseID][]flows.Event{}}
	for _, id := range []flows.CaseID{"a", "b", "c"} {
		s.cases[id] = flows.Case{ID: id, Version: 1, Opened: start, Status: flows.StatusOpen}
	}
	b := &figures.Book{Source: s}
	fill := func() {
		t.Helper()
		s.reads = 0
		if err := b.Fill(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if fill(); s.reads != 3 {
		t.Errorf("the first reading read %d cases, want 3", s.reads)
	}
	if have, of := b.Progress(); have != 3 || of != 3 {
		t.Errorf("progress = %d of %d", have, of)
	}
	s.cases["b"] = flows.Case{ID: "b", Version: 2, Opened: start, Status: flows.StatusTaken}
	s.timelines["b"] = []flows.Event{event(time.Minute, flows.EventTaken)}
	delete(s.cases, "c")
	if fill(); s.reads != 1 {
		t.Errorf("the second reading read %d cases, want the one that changed", s.reads)
	}
	facts, err := b.Facts(t.Context(), start, after(time.Hour))
	answered := 0
	for _, f := range facts {
		if _, ok := f.First(figures.StepAnswer); ok {
			answered++
		}
	}
	if err != nil || len(facts) != 2 || answered != 1 {
		t.Errorf("%d facts, %d answered, %v; want 2, 1", len(facts), answered, err)
	}
	if facts, _ := b.Facts(t.Context(), after(1), after(time.Hour)); len(facts) != 0 {
		t.Errorf("%d facts from after the opening", len(facts))
	}
	s.err = flows.ErrUnavailable
	if err := b.Renew(t.Context(), []flows.CaseID{"a"}); !errors.Is(err, flows.ErrUnavailable) {
		t.Errorf("Renew of a store that is away = %v", err)
	}
	if facts, _ := b.Facts(t.Context(), start, after(time.Hour)); len(facts) != 2 {
		t.Error("what was known is gone with the store")
	}
}
