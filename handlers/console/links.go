package console

import (
	"context"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/links"
)

// Related suggests and joins cases about the same child or house: links.Service.
type Related interface {
	Suggest(ctx context.Context, k *flows.Case) ([]links.Suggestion, error)
	Join(ctx context.Context, member flows.MemberID, k, other *flows.Case, into bool, via flows.Channel) error
	Part(ctx context.Context, member flows.MemberID, k, other flows.CaseID, via flows.Channel) error
	Reopen(ctx context.Context, member flows.MemberID, k, closed *flows.Case, via flows.Channel) error
}

// likely is a case that may belong to this one, or does.
type likely struct {
	Ref      flows.Ref
	Kind     flows.LinkKind // empty: only suggested
	Why      []string
	Opened   time.Time
	Status   flows.CaseStatus
	Severity flows.Severity
	Who      string // who linked it
}

// Open reports whether the other case still needs somebody.
func (l likely) Open() bool { return l.Status != flows.StatusClosed }

// related adds to the page of a case what it is linked with and, for who may link
// it, what it may belong to.
func (c *Console) related(x echo.Context, p *casePage) error {
	ctx := x.Request().Context()
	for _, l := range p.Case.Links {
		other, err := c.Timeline.CaseByRef(ctx, l.Ref)
		if err != nil {
			continue // not for this reader, or gone
		}
		p.Linked = append(p.Linked, likely{
			Ref: l.Ref, Kind: l.Kind, Opened: other.Opened, Status: other.Status, Severity: other.Severity, Who: c.name(l.By),
		})
	}
	if c.Related == nil || !p.MayJoin {
		return nil
	}
	list, err := c.Related.Suggest(ctx, &p.Case)
	if err != nil {
		return fmt.Errorf("suggest links: %w", err)
	}
	for _, s := range list {
		l := likely{Ref: s.Case.Ref, Opened: s.Case.Opened, Status: s.Case.Status, Severity: s.Case.Severity}
		for _, w := range s.Why {
			l.Why = append(l.Why, p.T("link.why."+string(w)))
		}
		p.Likely = append(p.Likely, l)
	}
	return nil
}

// join carries out what a person found about two cases.
func (c *Console) join(x echo.Context) error {
	k, m, err := c.find(x)
	if err != nil {
		return c.fault(x, err)
	}
	ref, ok := flows.ParseRef(x.FormValue("other"))
	if m.ID == "" || !ok {
		return c.back(x, &k, &escalation.Refused{Reason: "no_case"}, "")
	}
	ctx := x.Request().Context()
	other, err := c.Timeline.CaseByRef(ctx, ref)
	if err != nil {
		return c.back(x, &k, &escalation.Refused{Reason: "no_case"}, "")
	}
	note := x.FormValue("how")
	switch note {
	case "link":
		err = c.Related.Join(ctx, m.ID, &k, &other, false, Screen)
	case "merge":
		err = c.Related.Join(ctx, m.ID, &k, &other, true, Screen)
	case "reopen":
		err = c.Related.Reopen(ctx, m.ID, &k, &other, Screen)
	case "unlink":
		err = c.Related.Part(ctx, m.ID, k.ID, other.ID, Screen)
	default:
		return c.fault(x, flows.ErrNotFound)
	}
	return c.back(x, &k, err, note)
}

// tagged is a tag as the page offers it.
type tagged struct {
	Code string
	On   bool
}
