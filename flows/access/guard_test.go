package access_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/figures"
)

// shelf is a store with one case, and a journal.
type shelf struct {
	c         flows.Case
	committed int
	deeds     []flows.Deed
	full      error // of the journal
}

func (s *shelf) Case(context.Context, flows.CaseID) (flows.Case, error)   { return s.c, nil }
func (s *shelf) CaseByRef(context.Context, flows.Ref) (flows.Case, error) { return s.c, nil }
func (s *shelf) Timeline(context.Context, flows.CaseID) ([]flows.Event, error) {
	return []flows.Event{{}}, nil
}

func (s *shelf) Commit(context.Context, flows.Change) (flows.Outcome, error) {
	s.committed++
	return flows.Outcome{}, nil
}

func (s *shelf) Facts(context.Context, time.Time, time.Time) ([]*figures.Fact, error) {
	return []*figures.Fact{figures.Learn(s.c, nil)}, nil
}

func (s *shelf) Audit(_ context.Context, d flows.Deed) error {
	s.deeds = append(s.deeds, d)
	return s.full
}

func guarded(c flows.Case) (*shelf, *access.Guard) {
	s := &shelf{c: c}
	return s, &access.Guard{Store: s, History: s, Places: places, Journal: s}
}

func TestGuardHidesAndWritesDown(t *testing.T) {
	s, g := guarded(cases()["about official"])
	ctx := access.With(t.Context(), people()["duty"])
	for name, read := range map[string]func() error{
		"by id":        func() error { _, err := g.Case(ctx, "00a"); return err },
		"by reference": func() error { _, err := g.CaseByRef(ctx, "K7F4"); return err },
		"its timeline": func() error { _, err := g.Timeline(ctx, "00a"); return err },
		"a change": func() error {
			_, err := g.Commit(ctx, flows.Change{Case: s.c, Events: []flows.Event{{Kind: flows.EventTaken, By: "duty"}}})
			return err
		},
	} {
		s.deeds = nil
		if err := read(); !errors.Is(err, flows.ErrNotFound) {
			t.Errorf("%s: got %v", name, err)
		}
		if len(s.deeds) != 1 || s.deeds[0].Kind != flows.DeedDenied || s.deeds[0].Who != "duty" || s.deeds[0].Why != "official" || s.deeds[0].Case != "00a" {
			t.Errorf("%s: written down: %+v", name, s.deeds)
		}
	}
	if s.committed > 0 {
		t.Error("the change was committed")
	}
	list, err := g.Facts(ctx, time.Time{}, time.Time{})
	if err != nil || len(list) > 0 {
		t.Errorf("filed: got %d cases, %v", len(list), err)
	}
	s.full = errors.New("the disk is full")
	if _, err := g.Case(ctx, "00a"); !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("without a journal: got %v", err)
	}
}

func TestGuardWithoutAnybodyLetsNothingThrough(t *testing.T) {
	s, g := guarded(cases()["plain"])
	if _, err := g.Case(t.Context(), "00a"); err == nil {
		t.Error("a case was read")
	}
	if _, err := g.Facts(t.Context(), time.Time{}, time.Time{}); err == nil {
		t.Error("cases were listed")
	}
	if len(s.deeds) > 0 {
		t.Error("a deed of nobody was written down")
	}
}

func TestGuardChecksEveryEventOfAChange(t *testing.T) {
	for name, test := range map[string]struct {
		who   string
		event flows.Event
		ok    bool
	}{
		"their own answer":          {"duty", flows.Event{Kind: flows.EventTaken, By: "duty"}, true},
		"in another's name":         {"duty", flows.Event{Kind: flows.EventTaken, By: "head"}, false},
		"of a neighbour":            {"neighbour", flows.Event{Kind: flows.EventTaken, By: "neighbour"}, false},
		"what the ladder does":      {"duty", flows.Event{Kind: flows.EventAlerted, By: "head"}, true},
		"a form of the committee":   {"committee", flows.Event{Kind: flows.EventEntered, By: "committee"}, false},
		"a kind that is not listed": {"operator", flows.Event{Kind: "new", By: "op"}, false},
	} {
		c := cases()["plain"]
		c.Alerts = []flows.Alert{{Member: "committee"}}
		s, g := guarded(c)
		_, err := g.Commit(access.With(t.Context(), people()[test.who]), flows.Change{Case: s.c, Events: []flows.Event{test.event}})
		if (err == nil) != test.ok || (s.committed == 1) != test.ok {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestLinkIsItsMembers(t *testing.T) {
	_, g := guarded(cases()["plain"])
	pick := func(id string) func(*flows.Case) (flows.Member, bool) {
		return func(*flows.Case) (flows.Member, bool) { return people()[id].Member, id != "nobody" }
	}
	ctx, _, err := g.Linked(t.Context(), "K7F4", pick("duty"))
	if err != nil || access.From(ctx).Member.ID != "duty" {
		t.Errorf("got %v, %v", access.From(ctx), err)
	}
	for _, id := range []string{"neighbour", "nobody"} {
		if _, _, err := g.Linked(t.Context(), "K7F4", pick(id)); !errors.Is(err, flows.ErrNotFound) {
			t.Errorf("%s: got %v", id, err)
		}
	}
}
