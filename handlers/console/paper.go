package console

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/record"
	"hotline/handlers/print"
)

// printForm gives a form as PDF.
func (c *Console) printForm(x echo.Context) error {
	p, sheet, err := c.formOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	paper := c.paper(&p.Case, p.words)
	paper.Title = strings.ToUpper(p.T("form." + p.Form.Code + ".title"))
	paper.Organ = strings.ToUpper(c.office(&p.Case, p.words))
	if organ := sheet["organ"].Text; organ != "" {
		paper.Organ = strings.ToUpper(organ)
	}
	if number := sheet["number"].Text; number != "" {
		paper.Number = p.T("form.paper.number", "n", number)
	}
	paper.Parts = paperParts(p, sheet)
	paper.Sign, paper.SignAs = p.T("form."+p.Form.Code+"."+signer(p.Form)), p.T("form.sign.note")
	return c.pdf(x, paper, string(p.Case.Ref)+"-"+p.Form.Code)
}

// signer is the field of who answers for a form: its last one of that name.
func signer(f record.Form) string {
	if _, ok := f.Field("decider"); ok {
		return "decider"
	}
	return "officer"
}

// paperParts are the fields of a form as they stand on paper. Form 01 has the three
// parts of the decree, the others are one.
func paperParts(p formPage, sheet record.Sheet) []print.Part {
	if p.Form.Code != "01" {
		return []print.Part{{Lines: paperLines(p, sheet, func(name string) bool { return name != "number" })}}
	}
	starts := []string{"kind", "child_name", "giver_agrees"}
	var list []print.Part
	for i, title := range []string{"form.part.1", "form.part.2", "form.part.3"} {
		in := false
		lines := paperLines(p, sheet, func(name string) bool {
			if name == starts[i] {
				in = true
			} else if i+1 < len(starts) && name == starts[i+1] {
				in = false
			}
			return in && name != "number" && name != "organ"
		})
		list = append(list, print.Part{Title: p.T(title), Lines: lines})
	}
	last := &list[len(list)-1]
	last.Lines = append(last.Lines, print.Line{Label: p.T("form.paper.phone"), Text: p.T("form.no_phone")})
	return list
}

func paperLines(p formPage, sheet record.Sheet, takes func(string) bool) []print.Line {
	var lines []print.Line
	for _, f := range p.Fields {
		if !takes(f.Key) {
			continue
		}
		text := sheet[f.Key].Text
		l := print.Line{Label: f.Label(), Text: text, Long: f.Type == record.Long && text != ""}
		switch f.Type {
		case record.Choice:
			for _, o := range f.Options {
				l.Options = append(l.Options, print.Option{Label: f.Option(o), Ticked: o == text})
			}
		case record.Date, record.Moment:
			l.Text = onPaper(text)
		}
		lines = append(lines, l)
	}
	return lines
}

// onPaper writes a date as Vietnam does.
func onPaper(text string) string {
	if t, err := time.Parse("2006-01-02T15:04", text); err == nil {
		return t.Format("15:04 02/01/2006")
	}
	if t, err := time.Parse("2006-01-02", text); err == nil {
		return t.Format("02/01/2006")
	}
	return text
}

// paper is the part that all papers of a case have in common.
func (c *Console) paper(k *flows.Case, w words) print.Paper {
	return print.Paper{
		Nation: w.T("form.nation"), Motto: w.T("form.motto"), Under: w.T("form.coded") + " " + string(k.Ref),
		Foot: w.T("form.secret"), Page: w.T("form.page"), Made: w.now,
	}
}

// office is the body that a case belongs to.
func (c *Console) office(k *flows.Case, w words) string {
	if k.Place == "" || k.AgainstOfficial {
		return w.T("level.0")
	}
	return w.T("form.paper.office", "place", c.Place(k.Place))
}

// printCase gives the cover sheet of a case as PDF: where it stands, which clocks
// were kept, what is in the record. It opens no form and holds no name of a child.
func (c *Console) printCase(x echo.Context) error {
	p, err := c.caseOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	k, w := &p.Case, p.words
	paper := c.paper(k, w)
	paper.Organ, paper.Title = strings.ToUpper(c.office(k, w)), w.T("form.cover.title")
	paper.Under += " · " + w.T("form.cover.printed", "at", onDay(w, w.now))
	kind, age := w.T("case.unknown"), w.T("case.unknown")
	if k.Kind != "" {
		kind = w.Word("kind", k.Kind)
	}
	if k.Age != "" {
		age = w.Word("age", k.Age)
	}
	facts := []print.Line{
		{Label: w.T("board.col.place"), Text: p.Row.Place},
		{Label: w.T("board.col.opened"), Text: onDay(w, k.Opened)},
		{Label: w.T("case.kind"), Text: kind},
		{Label: w.T("case.age"), Text: age},
		{Label: w.T("filter.severity"), Text: w.Word("severity", string(k.Severity))},
		{Label: w.T("filter.state"), Text: w.Word("status", string(k.Status))},
		{Label: w.T("board.col.who"), Text: p.Row.Who},
	}
	if k.Outcome != "" {
		facts = append(facts, print.Line{Label: w.T("case.outcome"), Text: w.Word("reason", k.Outcome) + " – " + w.Word("why", k.Why)})
	}
	paper.Parts = []print.Part{{Title: w.T("case.facts"), Lines: facts}, {Title: w.T("form.cover.clocks"), Table: p.clockTable()}}
	if len(p.Sheets) > 0 {
		paper.Parts = append(paper.Parts, print.Part{Title: w.T("form.cover.forms"), Lines: p.sheetLines()})
	}
	if len(k.Referrals) > 0 {
		part := print.Part{Title: w.T("form.cover.handed")}
		for _, r := range k.Referrals {
			part.Lines = append(part.Lines, print.Line{Label: w.Word("body", r.To), Text: onDay(w, r.At) + ", " + c.name(r.By)})
		}
		paper.Parts = append(paper.Parts, part)
	}
	return c.pdf(x, paper, string(k.Ref)+"-0")
}

// clockTable is what was done when, and what the law had set.
func (p casePage) clockTable() *print.Table {
	t := &print.Table{
		Widths: []float64{3, 2.2, 2.2, 1.6},
		Head:   []string{p.T("form.cover.step"), p.T("form.cover.done"), p.T("form.cover.limit"), p.T("form.cover.state")},
	}
	var loud []bool
	for _, s := range p.Stages {
		row := []string{p.T("case.stage." + s.Name), "–", "–", ""}
		if !s.At.IsZero() {
			row[1] = onDay(p.words, s.At)
		}
		if s.Limit > 0 {
			row[2] = onDay(p.words, flows.Moment(s.Limit))
			row[3] = p.T("form.cover.waits")
			if !s.At.IsZero() {
				row[3] = p.T("form.cover.kept")
			}
		}
		if s.Missed {
			row[3] = p.T("form.cover.missed")
		}
		t.Rows, loud = append(t.Rows, row), append(loud, s.Missed)
	}
	t.Loud = func(i int) bool { return loud[i] }
	return t
}

func (p casePage) sheetLines() []print.Line {
	var lines []print.Line
	for _, s := range p.Sheets {
		text := p.T("form.some", "n", s.Filled, "of", s.Of)
		if s.Filled == 0 {
			text = p.T("form.empty")
		}
		if !s.Done.IsZero() {
			text = p.T("form.finished", "at", onDay(p.words, s.Done))
		}
		lines = append(lines, print.Line{Label: p.T("form." + s.Code + ".short"), Text: text})
	}
	return lines
}

// onDay is a moment with its full date.
func onDay(w words, t time.Time) string { return t.In(w.zone).Format("15:04 02/01/2006") }

func (c *Console) pdf(x echo.Context, p print.Paper, name string) error {
	data, err := p.PDF()
	if err != nil {
		return fmt.Errorf("print a case: %w", err)
	}
	x.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf(`inline; filename="%s.pdf"`, name))
	return x.Blob(http.StatusOK, "application/pdf", data)
}
