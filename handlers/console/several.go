package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/escalation"
)

// severalPage is where a member does the same to several cases: first what it
// would be done to, then what became of each. Every case is decided and written
// down for itself, so one that cannot be done stops no other. Cases are never
// closed here: each is closed with a reason of its own.
type severalPage struct {
	Page
	Deed  string // "take", "raise" or "assign"
	Rows  []severalRow
	Team  []option // who can be given all of them
	To    string
	Fault bool // nobody was chosen
	Done  bool // it was tried; Rows say what became of it
	Good  int  // cases in which it was done
	Lost  int  // references behind which the reader may see nothing
}

// severalRow is one of the cases.
type severalRow struct {
	row
	Fits bool   // the deed makes sense for the case as it is
	Says string // why not, or what became of it
	Good bool   // it was done
}

// severalDeeds are what can be done to more than one case at a time.
func severalDeeds() []string { return []string{"take", "raise", "assign"} }

// mostSeveral is how many cases go into one order: what a page of the board holds.
const mostSeveral = boardRows

// severalPage asks for the confirmation, and changes nothing.
func (c *Console) severalPage(x echo.Context) error {
	p, cases, err := c.several(x)
	if err != nil {
		return c.fault(x, err)
	}
	return c.showSeveral(x, http.StatusOK, p, cases)
}

// doSeveral does it to one case after the other.
func (c *Console) doSeveral(x echo.Context) error {
	p, cases, err := c.several(x)
	if err != nil {
		return c.fault(x, err)
	}
	if p.Deed == "assign" && !slices.ContainsFunc(p.Team, func(o option) bool { return o.Value == p.To }) {
		p.Fault = true
		return c.showSeveral(x, http.StatusUnprocessableEntity, p, cases)
	}
	m, _ := c.viewer(x)
	p.Done = len(cases) > 0
	for i := range cases {
		err := c.carryOut(x, &cases[i], m.ID, p.Deed)
		var refused *escalation.Refused
		switch again, lost := c.Timeline.CaseByRef(x.Request().Context(), cases[i].Ref); {
		case errors.As(err, &refused):
			if lost == nil {
				cases[i] = again
			}
			p.Rows = append(p.Rows, c.severalRow(&cases[i], p.words, string(refused.Reason), false))
		case err != nil:
			p.Rows = append(p.Rows, c.severalRow(&cases[i], p.words, "failed", false))
		default:
			if lost == nil {
				cases[i] = again
			}
			p.Good++
			p.Rows = append(p.Rows, c.severalRow(&cases[i], p.words, p.Deed, true))
		}
	}
	return c.render(x, http.StatusOK, "several", p)
}

// several reads an order: what is to be done, and the cases that the reader may
// see among those that were named, each once, in the order of their naming. Where
// there is none of them it is as if a single one had been asked for.
func (c *Console) several(x echo.Context) (severalPage, []flows.Case, error) {
	m, _ := c.viewer(x)
	form, err := x.FormParams()
	deed := one(x.FormValue("deed"), severalDeeds()...)
	if err != nil || m.ID == "" || c.Casework == nil || deed == "" {
		return severalPage{}, nil, flows.ErrNotFound
	}
	p := severalPage{Page: c.page(x, "console.several."+deed), Deed: deed, To: clip(x.FormValue("to"), 100)}
	var cases []flows.Case
	seen := map[flows.Ref]bool{}
	for _, s := range form["ref"][:min(len(form["ref"]), mostSeveral)] {
		ref, ok := flows.ParseRef(s)
		if !ok || seen[ref] {
			continue
		}
		seen[ref] = true
		k, err := c.Timeline.CaseByRef(x.Request().Context(), ref)
		switch {
		case errors.Is(err, flows.ErrNotFound):
			p.Lost++
		case err != nil:
			return p, nil, fmt.Errorf("read several cases: %w", err)
		default:
			cases = append(cases, k)
		}
	}
	if p.Lost > 0 && len(cases) == 0 {
		return p, nil, flows.ErrNotFound
	}
	p.Team = c.teamOf(cases, p.words)
	return p, cases, nil
}

// teamOf are those who can be given every one of some cases.
func (c *Console) teamOf(cases []flows.Case, w words) []option {
	if c.Team.Members == nil {
		return nil
	}
	var team []option
	for i := range cases {
		var list []option
		for _, m := range c.Team.Members(&cases[i]) {
			o := option{string(m.ID), m.Name + " · " + w.Role(m.Role)}
			if i == 0 || slices.Contains(team, o) {
				list = append(list, o)
			}
		}
		team = list
	}
	return team
}

// showSeveral lists the cases of an order that waits for its confirmation.
func (c *Console) showSeveral(x echo.Context, status int, p severalPage, cases []flows.Case) error {
	m, _ := c.viewer(x)
	for i := range cases {
		r := c.severalRow(&cases[i], p.words, hinders(&cases[i], m, p.Deed), false)
		r.Fits = r.Says == ""
		p.Rows = append(p.Rows, r)
	}
	return c.render(x, status, "several", p)
}

// hinders is why a deed cannot be done to a case as it is now, as far as the page
// can tell; the decision itself is made when it is done. "" is nothing.
func hinders(k *flows.Case, m flows.Member, deed string) string {
	switch {
	case !k.Closed.IsZero():
		return string(escalation.RefusedClosed)
	case k.Status == flows.StatusIntake:
		return string(escalation.RefusedNotReady)
	case deed == "take" && k.Status == flows.StatusTaken && k.Holder == m.ID:
		return string(escalation.RefusedHeld)
	case deed == "take" && k.Status == flows.StatusTaken:
		return string(escalation.RefusedTaken)
	case deed == "raise" && k.Severity == flows.Urgent:
		return string(escalation.RefusedUrgent)
	case deed == "assign" && m.Level == flows.LevelDuty && k.Holder != m.ID:
		return string(escalation.RefusedLevel)
	}
	return ""
}

func (c *Console) severalRow(k *flows.Case, w words, code string, good bool) severalRow {
	r := severalRow{row: c.row(look(k, w.Now()), w), Good: good}
	if code == "" {
		return r
	}
	at := k.Taken
	if code == string(escalation.RefusedClosed) {
		at = k.Closed
	}
	if _, ok := w.texts[w.Lang]["console.note."+code]; !ok {
		code = "failed"
	}
	r.Says = w.T("note."+code, "ref", k.Ref, "who", c.name(k.Holder), "at", w.When(at))
	return r
}

// Fitting is how many of the cases the deed makes sense for.
func (p severalPage) Fitting() int {
	n := 0
	for _, r := range p.Rows {
		if r.Fits {
			n++
		}
	}
	return n
}

// Bad is how many it was not done to.
func (p severalPage) Bad() int { return len(p.Rows) - p.Good + p.Lost }
