package console

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/record"
)

// refusal is a form of a page that was sent and not accepted: what was typed stays,
// and what is wrong stands beside its field.
type refusal struct {
	Deed   string // of the form
	Typed  url.Values
	Faults map[string]string // field → text
}

// longestEcho is the most of one field that is put back on the page, in bytes; a
// field that is longer has been cut by the browser or was not typed by a person.
const longestEcho = 5000

// Of reports whether a form was refused, so that it stands open.
func (r refusal) Of(deed string) bool { return r.Deed == deed }

// Was is what was typed into a field of a refused form, otherwise instead.
func (r refusal) Was(deed, field, instead string) string {
	if r.Deed != deed {
		return instead
	}
	return clip(r.Typed.Get(field), longestEcho)
}

// Fault is what is wrong with a field of a form; empty: nothing is.
func (r refusal) Fault(deed, field string) string {
	if r.Deed != deed {
		return ""
	}
	return r.Faults[field]
}

// fieldOf says beside which field of a form a refusal stands. What is not here is
// about the case as a whole and stands above it.
func fieldOf(deed string, why escalation.Refusal) string {
	return map[string]string{
		"close no_outcome": "end", "assign no_member": "to", "transfer place": "to", "join no_case": "other",
	}[deed+" "+string(why)]
}

// refusedForm finds the fields that a refusal is about.
func (c *Console) refusedForm(x echo.Context, deed string, err error) (refusal, bool) {
	w, r := c.page(x, "console.board.title").words, refusal{Deed: deed, Faults: map[string]string{}}
	if bad, ok := errors.AsType[*record.Unfinished](err); ok {
		for name, f := range bad.Faults {
			limit := 0
			for _, field := range c.Catalogue.Receipt {
				if field.Name == name {
					limit = field.Limit()
				}
			}
			r.Faults[name] = w.T("form.fault."+string(f), "max", limit)
		}
	}
	if why, ok := errors.AsType[*escalation.Refused](err); ok {
		if field := fieldOf(deed, why.Reason); field != "" {
			r.Faults[field] = w.T("note." + string(why.Reason))
		}
	}
	r.Typed, _ = x.FormParams()
	return r, len(r.Faults) > 0
}

// again shows the page of a case once more, with a form as it was sent and what is
// wrong with it.
func (c *Console) again(x echo.Context, k *flows.Case, r refusal) error {
	p, err := c.caseOf(x)
	if err == nil {
		err = c.related(x, &p)
	}
	if err != nil {
		return c.fault(x, err)
	}
	p.refusal, p.Path = r, "/cases/"+string(k.Ref)
	return c.render(x, http.StatusUnprocessableEntity, "case", p)
}
