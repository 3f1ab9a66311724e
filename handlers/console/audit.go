package console

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// Deeds is where the audit is read: the journal. Nobody can write there but by
// doing something.
type Deeds interface {
	// Deeds finds deeds, the latest first. Not whole: somebody changed the journal.
	Deeds(ctx context.Context, f flows.DeedFilter) (list []flows.Deed, whole bool, err error)
}

// auditPage is who did what, to what, why and from where.
type auditPage struct {
	Page
	Kinds  []flows.DeedKind
	Kind   flows.DeedKind
	Who    string
	Ref    string
	From   string // days, as the form gives them
	Until  string
	Lines  []deedLine
	Whole  bool
	Number int // of the page, from 1
	More   bool
}

type deedLine struct {
	flows.Deed
	Person string
	Second string
	Ref    flows.Ref
}

// auditRows is how many deeds stand on one page.
const auditRows = 50

func (c *Console) auditPage(x echo.Context) error {
	p := auditPage{Page: c.page(x, "console.audit.title"), Kinds: flows.DeedKinds(), Number: 1}
	p.Kind = flows.DeedKind(x.QueryParam("kind"))
	if !slices.Contains(p.Kinds, p.Kind) {
		p.Kind = ""
	}
	p.Who, p.Ref = clip(x.QueryParam("who"), 64), clip(x.QueryParam("ref"), 16)
	p.From, p.Until = clip(x.QueryParam("from"), 10), clip(x.QueryParam("until"), 10)
	if n, err := strconv.Atoi(x.QueryParam("page")); err == nil {
		p.Number = min(max(n, 1), 10_000)
	}
	f := flows.DeedFilter{Who: flows.MemberID(p.Who), Kind: p.Kind, Limit: p.Number*auditRows + 1}
	f.After, f.Before = p.day(p.From, 0), p.day(p.Until, 1)
	found := true
	if p.Ref != "" {
		f.Case, found = c.caseFor(x, p.Ref)
	}
	p.Whole = true
	if found {
		list, whole, err := c.Deeds.Deeds(x.Request().Context(), f)
		if err != nil {
			return c.fault(x, err)
		}
		p.Whole = whole
		c.fill(x, &p, list)
	}
	return c.render(x, http.StatusOK, "audit", p)
}

// day is the moment at which a day begins, some days on; zero for none.
func (p *auditPage) day(s string, later int) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, s, p.zone)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, later)
}

// fill takes the deeds of this page out of all that were found.
func (c *Console) fill(x echo.Context, p *auditPage, list []flows.Deed) {
	first := min((p.Number-1)*auditRows, len(list))
	last := min(first+auditRows, len(list))
	p.More = len(list) > last
	for _, d := range list[first:last] {
		l := deedLine{Deed: d, Person: c.person(d.Who)}
		if d.Second != "" {
			l.Second = c.person(d.Second)
		}
		if d.Case != "" && c.Guard != nil {
			l.Ref = c.Guard.RefOf(x.Request().Context(), d.Case)
		}
		p.Lines = append(p.Lines, l)
	}
}

func (c *Console) person(id flows.MemberID) string {
	if id == "" {
		return ""
	}
	return c.name(id)
}

// caseFor finds the case of a reference that an auditor looks for. They learn of
// it no more than the audit says.
func (c *Console) caseFor(x echo.Context, text string) (flows.CaseID, bool) {
	ref, ok := flows.ParseRef(text)
	if !ok {
		return "", false
	}
	id, err := c.Guard.IDOf(x.Request().Context(), ref)
	return id, err == nil
}

// Said is what the journal says, in the reader's language as far as there are words
// for its beginning; the rest, a name or a number, stays as it is.
func (w words) Said(text string) string {
	parts := strings.Fields(text)
	for n := len(parts); n > 0; n-- {
		key := strings.Trim(strings.ToLower(strings.Join(parts[:n], "_")), "()'")
		if said, ok := w.texts[w.Lang]["console.said."+strings.ReplaceAll(key, "'", "")]; ok {
			return strings.TrimSpace(said + " " + w.rest(parts[n:]))
		}
	}
	return text
}

// rest is what follows the words: of it only a role has words of its own, and the
// verbs that a token is for.
func (w words) rest(parts []string) string {
	list := slices.Clone(parts)
	granted := false
	for i, p := range list {
		if p == "for" {
			granted, list[i] = true, w.T("said.then.for")
			continue
		}
		if verb, more := strings.CutSuffix(p, ","); granted {
			list[i] = w.Word("said", verb)
			if more {
				list[i] += ","
			}
			continue
		}
		role, in := strings.CutPrefix(p, "(")
		if said, ok := w.texts[w.Lang]["console.roles."+strings.TrimSuffix(role, ")")]; ok && in {
			list[i] = "(" + said + ")"
		}
	}
	return strings.Join(list, " ")
}

// Short is the mark of a journal, long enough to tell one from another.
func (l deedLine) Short() string { return l.Chain[:min(6, len(l.Chain))] }

// Query is the address of another page of the same search.
func (p auditPage) Query(number int) template.URL {
	q := url.Values{"page": {strconv.Itoa(number)}}
	for name, value := range map[string]string{"kind": string(p.Kind), "who": p.Who, "ref": p.Ref, "from": p.From, "until": p.Until} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return template.URL(q.Encode()) //nolint:gosec // encoded just now; a string would be encoded twice
}

// Previous is the page before this one.
func (p auditPage) Previous() int { return p.Number - 1 }

// Next is the page after this one.
func (p auditPage) Next() int { return p.Number + 1 }
