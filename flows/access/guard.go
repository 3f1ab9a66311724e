package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/figures"
)

// Store is what a guard stands in front of.
type Store interface {
	Case(ctx context.Context, id flows.CaseID) (flows.Case, error)
	CaseByRef(ctx context.Context, ref flows.Ref) (flows.Case, error)
	Timeline(ctx context.Context, id flows.CaseID) ([]flows.Event, error)
	Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error)
}

// History is where past cases are read, closed ones too.
type History interface {
	// Facts are those of the cases that were opened in a time, from included, to not.
	Facts(ctx context.Context, from, to time.Time) ([]*figures.Fact, error)
}

// Forms is where what was written into the forms of a case lies, sealed.
type Forms interface {
	Answers(ctx context.Context, id flows.CaseID) ([]flows.Answer, error)
}

// Journal is where a refusal is written down, and the opening of a sealed text
// before it is opened.
type Journal interface {
	Audit(ctx context.Context, d flows.Deed) error
}

// Guard lets through what the person behind the context may see and do. To all
// others a case that exists and one that does not look alike.
type Guard struct {
	Store   Store
	History History // nil: there is none
	Places  func() *Places
	Journal Journal
	Opener  Opener // nil: nothing sealed is ever opened
	Forms   Forms  // nil: there are none
}

// Denied is a refusal. It is flows.ErrNotFound when it is about a case, since
// whoever may not see one must not learn that it exists.
type Denied struct {
	Verb   Verb
	Reason Reason
	Case   flows.CaseID
}

func (d *Denied) Error() string { return fmt.Sprintf("%s is refused: %s", d.Verb, d.Reason) }

// Is makes a refusal about a case the same as a case that is not there.
func (d *Denied) Is(target error) bool { return target == flows.ErrNotFound && d.Case != "" }

// May decides about one thing and writes a refusal down.
func (g *Guard) May(ctx context.Context, v Verb, t Thing) error {
	w := From(ctx)
	d := Allowed(w, v, t)
	if d.OK {
		return nil
	}
	denied := &Denied{Verb: v, Reason: d.Reason}
	if t.Case != nil {
		denied.Case = t.Case.ID
	}
	if w.Role == "" {
		return denied // nobody has done nothing that could be answered for
	}
	err := g.Journal.Audit(ctx, flows.Deed{
		Case: denied.Case, Who: w.ID(), Kind: flows.DeedDenied, What: string(v), Why: string(d.Reason), From: Mark(ctx),
	})
	if err != nil {
		return errors.Join(denied, fmt.Errorf("write the refusal down: %w", err))
	}
	return denied
}

// Mark is where a deed came from: the console and the session, or a program and
// its token, never an address.
func Mark(ctx context.Context) string {
	switch w := From(ctx); {
	case w.Narrow != nil:
		return "api " + w.Session
	case w.Session != "":
		return "console " + w.Session
	}
	return "console"
}

// MayCase is May for a case.
func (g *Guard) MayCase(ctx context.Context, v Verb, c *flows.Case) error {
	return g.May(ctx, v, g.Places().OfCase(c))
}

// Sees reports whether somebody may know of a case. It writes nothing down: what
// a list leaves out nobody has asked for.
func (g *Guard) Sees(w Who, c *flows.Case) bool {
	return Allowed(w, See, g.Places().OfCase(c)).OK
}

// Visible are the cases of a list that the person behind ctx may know of.
func (g *Guard) Visible(ctx context.Context, cases []flows.Case) []flows.Case {
	w, places := From(ctx), g.Places()
	return slices.DeleteFunc(cases, func(c flows.Case) bool { return !Allowed(w, See, places.OfCase(&c)).OK })
}

// Case reads a case.
func (g *Guard) Case(ctx context.Context, id flows.CaseID) (flows.Case, error) {
	c, err := g.Store.Case(ctx, id)
	return g.seen(ctx, c, err)
}

// CaseByRef reads a case by its reference.
func (g *Guard) CaseByRef(ctx context.Context, ref flows.Ref) (flows.Case, error) {
	c, err := g.Store.CaseByRef(ctx, ref)
	return g.seen(ctx, c, err)
}

// Linked reads a case for whoever holds a link to it and has not signed in: pick
// finds the member whom the link was sent to. The context that it returns is that
// member's.
func (g *Guard) Linked(ctx context.Context, ref flows.Ref, pick func(*flows.Case) (flows.Member, bool)) (context.Context, flows.Case, error) {
	c, err := g.Store.CaseByRef(ctx, ref)
	if err != nil {
		return ctx, flows.Case{}, err
	}
	m, ok := pick(&c)
	if !ok {
		return ctx, flows.Case{}, flows.ErrNotFound
	}
	ctx = With(ctx, OfMember(m))
	c, err = g.seen(ctx, c, nil)
	return ctx, c, err
}

func (g *Guard) seen(ctx context.Context, c flows.Case, err error) (flows.Case, error) {
	if err == nil {
		err = g.MayCase(ctx, See, &c)
	}
	if err != nil {
		return flows.Case{}, err
	}
	return c, nil
}

// RefOf is the reference of a case for whoever reads the audit, and IDOf the
// reverse: they may know what a deed was about, and nothing else of it.
func (g *Guard) RefOf(ctx context.Context, id flows.CaseID) flows.Ref {
	if g.May(ctx, Audit, Thing{}) != nil {
		return ""
	}
	c, err := g.Store.Case(ctx, id)
	if err != nil {
		return "" // destroyed, or the store is away: the deed stands all the same
	}
	return c.Ref
}

// IDOf is the case of a reference, for whoever reads the audit.
func (g *Guard) IDOf(ctx context.Context, ref flows.Ref) (flows.CaseID, error) {
	if err := g.May(ctx, Audit, Thing{}); err != nil {
		return "", err
	}
	c, err := g.Store.CaseByRef(ctx, ref)
	return c.ID, err
}

// Timeline reads what happened to a case.
func (g *Guard) Timeline(ctx context.Context, id flows.CaseID) ([]flows.Event, error) {
	if _, err := g.Case(ctx, id); err != nil {
		return nil, err
	}
	return g.Store.Timeline(ctx, id)
}

// Facts lists what is counted of the cases that the person behind ctx may know of.
func (g *Guard) Facts(ctx context.Context, from, to time.Time) ([]*figures.Fact, error) {
	if err := g.May(ctx, Figures, Thing{}); err != nil {
		return nil, err
	}
	facts, err := g.History.Facts(ctx, from, to)
	if err != nil {
		return nil, err
	}
	w, places := From(ctx), g.Places()
	return slices.DeleteFunc(facts, func(f *figures.Fact) bool { return !counts(w, places.OfCase(&f.Case)) }), nil
}

// counts reports whether a case is in the figures of somebody. Those of the whole
// province are the committee's to judge. A token for figures need not see cases.
func counts(w Who, t Thing) bool {
	if !w.Narrow.reaches(t) {
		return false
	}
	w.Narrow = nil
	return w.Role == Committee || Allowed(w, See, t).OK
}

// Commit lets a change through whose every event is something that the person
// behind ctx may do, in their own name, to the case as it was. A change of a case
// that they may not see conflicts with nothing: it is not found.
func (g *Guard) Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error) {
	before, err := g.Store.Case(ctx, ch.Case.ID)
	if err != nil {
		return flows.Outcome{}, err
	}
	for _, v := range verbs(ch, From(ctx).Member.ID) {
		if err := g.MayCase(ctx, v, &before); err != nil {
			return flows.Outcome{}, err
		}
	}
	return g.Store.Commit(ctx, ch)
}

// verbs lists what a change does to a case by the hand of a member. An event in
// the name of another is nothing that anybody may do.
func verbs(ch flows.Change, me flows.MemberID) []Verb {
	list := []Verb{See}
	if len(ch.Answers) > 0 {
		list = append(list, Enter)
	}
	for _, e := range ch.Events {
		v := Lead
		switch e.Kind {
		case flows.EventTaken, flows.EventDeclined, flows.EventRaised, flows.EventOnSite, flows.EventRecused:
			v = Answer
		case flows.EventEntered, flows.EventReferred:
			v = Enter
		case flows.EventAsked:
			v = Ask
		case flows.EventHeld, flows.EventReleased:
			v = Hold
		case flows.EventPurged:
			v = Delete
		case flows.EventRouted, flows.EventReopened, flows.EventEscalated, flows.EventSkipped, flows.EventAlerted,
			flows.EventPaged, flows.EventSent, flows.EventDelivery, flows.EventWarned, flows.EventBreached:
			continue // what the ladder does about it
		}
		if e.By != "" && e.By != me {
			v = impostor
		}
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

// impostor is in no rule, so that nobody may.
const impostor Verb = "in another's name"
