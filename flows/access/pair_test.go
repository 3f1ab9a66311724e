package access_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/access"
)

// cabinet keeps papers by version, as the store does.
type cabinet map[string][][]byte

func (c cabinet) Paper(_ context.Context, name string) ([]byte, int64, error) {
	if n := len(c[name]); n > 0 {
		return c[name][n-1], int64(n), nil
	}
	return nil, 0, nil
}

func (c cabinet) SavePaper(_ context.Context, name string, from int64, body []byte) error {
	if int64(len(c[name])) != from {
		return flows.ErrConflict
	}
	c[name] = append(c[name], body)
	return nil
}

func (c cabinet) Papers(context.Context, string) ([]string, error) {
	var names []string
	for n := range c {
		names = append(names, n)
	}
	return names, nil
}

// glass opens what was never sealed, and remembers how often.
type glass struct{ opened int }

func (g *glass) Open(_ context.Context, _ flows.CaseID, _ string, sealed []byte) ([]byte, error) {
	g.opened++
	return sealed, nil
}

// pair is the two-person rule over one case, and people by name.
type pair struct {
	*access.Pairs
	t     *testing.T
	shelf *shelf
	glass *glass
	now   time.Time
}

func newPair(t *testing.T) *pair {
	c := cases()["plain"]
	c.Texts = []flows.Sealed{{Field: "text/1", Data: []byte("words")}}
	p := &pair{t: t, glass: &glass{}, now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	var g *access.Guard
	p.shelf, g = guarded(c)
	g.Opener = p.glass
	p.Pairs = &access.Pairs{Papers: cabinet{}, Guard: g, Now: func() time.Time { return p.now }}
	return p
}

func (p *pair) as(who string) context.Context {
	w := people()["desk"]
	switch who {
	case "desk":
	case "second":
		w = person("second", "north", flows.LevelDepartment)
	default:
		w = people()[who]
	}
	return access.With(p.t.Context(), w)
}

func (p *pair) ask() access.Request {
	p.t.Helper()
	r, err := p.Ask(p.as("desk"), access.Reveal, &p.shelf.c, "the court asks")
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func TestTwoPeopleRevealOnce(t *testing.T) {
	p := newPair(t)
	r := p.ask()
	if _, err := p.Use(p.as("desk"), r.ID); !errors.Is(err, access.ErrNotOpen) {
		t.Errorf("before anybody agreed: %v", err)
	}
	if _, err := p.Decide(p.as("second"), r.ID, true); err != nil {
		t.Fatal(err)
	}
	a, err := p.Use(p.as("desk"), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.glass.opened > 0 {
		t.Error("opened before it was to be")
	}
	words, err := p.Guard.Reveal(p.as("desk"), a)
	if err != nil || len(words) != 1 || words[0] != "words" {
		t.Fatalf("got %v, %v", words, err)
	}
	last := p.shelf.deeds[len(p.shelf.deeds)-1]
	if last.Kind != flows.DeedReveal || last.Who != "desk" || last.Second != "second" || last.Why != "the court asks" {
		t.Errorf("written down: %+v", last)
	}
	if _, err := p.Use(p.as("desk"), r.ID); !errors.Is(err, access.ErrNotOpen) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := p.Guard.Export(p.as("desk"), a); err == nil {
		t.Error("an approval to reveal let the case out")
	}
	if len(p.shelf.deeds) != 4 { // asked, agreed, used, revealed
		t.Errorf("%d deeds", len(p.shelf.deeds))
	}
}

func TestWhoMayBeTheSecond(t *testing.T) {
	for who, want := range map[string]error{
		"desk": access.ErrOwn, "far desk": flows.ErrNotFound, "duty": flows.ErrNotFound, "committee": flows.ErrNotFound,
		"operator": flows.ErrNotFound, "auditor": flows.ErrNotFound, "nobody": flows.ErrNotFound, "second": nil,
	} {
		p := newPair(t)
		if _, err := p.Decide(p.as(who), p.ask().ID, true); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", who, err, want)
		}
	}
}

func TestRequestsEnd(t *testing.T) {
	for name, spoil := range map[string]func(p *pair, r access.Request){
		"a day later":          func(p *pair, _ access.Request) { p.now = p.now.Add(24 * time.Hour) },
		"refused":              func(p *pair, r access.Request) { _, _ = p.Decide(p.as("second"), r.ID, false) },
		"now party to it":      func(p *pair, _ access.Request) { p.shelf.c.Recused = []flows.MemberID{"desk"} },
		"the case has moved":   func(p *pair, _ access.Request) { p.shelf.c.Place = "coast" },
		"the journal is full":  func(p *pair, _ access.Request) { p.shelf.full = errors.New("the disk is full") },
		"asked by another one": nil,
	} {
		p := newPair(t)
		r := p.ask()
		who := "desk"
		if spoil == nil {
			who = "second"
		} else {
			spoil(p, r)
		}
		_, err := p.Decide(p.as("second"), r.ID, true)
		if spoil == nil && err != nil {
			t.Fatal(err)
		}
		if a, err := p.Use(p.as(who), r.ID); err == nil {
			if words, err := p.Guard.Reveal(p.as(who), a); err == nil {
				t.Errorf("%s: got %v", name, words)
			}
		}
		if p.glass.opened > 0 {
			t.Errorf("%s: a seal was broken", name)
		}
	}
}

func TestRequestsSayWhy(t *testing.T) {
	p := newPair(t)
	if _, err := p.Ask(p.as("desk"), access.Export, &p.shelf.c, "  "); !errors.Is(err, access.ErrReason) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := p.Ask(p.as("desk"), access.See, &p.shelf.c, "why not"); err == nil {
		t.Error("something for one person was asked of two")
	}
	if _, err := p.Ask(p.as("duty"), access.Export, &p.shelf.c, "to read at home"); err == nil {
		t.Error("a responder asked for an export")
	}
	p.ask()
	for who, want := range map[string]int{"desk": 1, "second": 1, "duty": 0, "far desk": 0, "operator": 0} {
		if list, err := p.List(p.as(who)); err != nil || len(list) != want {
			t.Errorf("%s sees %d requests, %v", who, len(list), err)
		}
	}
}

func TestWordsAreForTheHolderWhoSaysWhy(t *testing.T) {
	p := newPair(t)
	if _, err := p.Guard.Words(p.as("duty"), "00a", "to help"); !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("not the holder: %v", err)
	}
	p.shelf.c.Holder = "duty"
	if _, err := p.Guard.Words(p.as("duty"), "00a", " "); !errors.Is(err, access.ErrReason) {
		t.Errorf("without a reason: %v", err)
	}
	p.shelf.full = errors.New("the disk is full")
	if _, err := p.Guard.Words(p.as("duty"), "00a", "to help"); err == nil || p.glass.opened > 0 {
		t.Errorf("without a journal: %v, opened %d", err, p.glass.opened)
	}
	p.shelf.full = nil
	words, err := p.Guard.Words(p.as("duty"), "00a", "to help")
	if err != nil || len(words) != 1 {
		t.Errorf("the holder: %v, %v", words, err)
	}
	if last := p.shelf.deeds[len(p.shelf.deeds)-1]; last.Kind != flows.DeedRead || last.Why != "to help" || last.Who != "duty" {
		t.Errorf("written down: %+v", last)
	}
}
