package console

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hotline/handlers/print"
)

// reportPDF is the report as a paper to be signed.
func (c *Console) reportPDF(x echo.Context) error {
	p, err := c.report(x)
	if err != nil {
		return c.fault(x, err)
	}
	file, err := p.paper().PDF()
	if err != nil {
		return c.fault(x, fmt.Errorf("print the report: %w", err))
	}
	if err := c.taken(x, "report-"+p.Of+".pdf"); err != nil {
		return c.fault(x, err)
	}
	attach(x, "application/pdf", "report-"+p.Of+".pdf")
	_, err = x.Response().Write(file)
	return err
}

func (p reportPage) paper() print.Paper {
	counts := &print.Table{Widths: []float64{5, 2, 3}, Head: []string{"", p.Period(), p.T("report.before")}}
	for _, m := range p.Measures() {
		counts.Rows = append(counts.Rows, []string{p.T("report." + m), strconv.Itoa(p.Count(m)), p.Mean(m)})
	}
	parts := []print.Part{{Title: p.T("report.everything"), Table: counts}}
	if w := p.Warnings(); len(w) > 0 {
		parts = append(parts, print.Part{Title: p.T("report.changed"), Lines: []print.Line{{Label: p.T("report.chance"), Text: strings.Join(w, "\n"), Long: true}}})
	}
	clocks := &print.Table{Widths: []float64{6, 2, 2}, Head: []string{p.T("times.missed.clock"), p.T("report.kept"), p.T("report.missed")}}
	for _, k := range p.Clocks() {
		clocks.Rows = append(clocks.Rows, []string{k.Name, strconv.Itoa(k.Kept), strconv.Itoa(k.Missed)})
	}
	parts = append(parts, print.Part{Title: p.T("report.clocks"), Table: clocks})
	for _, by := range p.Breakdowns() {
		t := &print.Table{Widths: []float64{8, 2}, Head: []string{p.T("report.by." + by), p.T("times.cases")}}
		for _, b := range p.Breakdown(by) {
			t.Rows = append(t.Rows, []string{b.Name, b.Count})
		}
		if len(t.Rows) > 0 {
			parts = append(parts, print.Part{Title: p.T("report.by." + by), Table: t})
		}
	}
	if len(p.Places) > 0 {
		parts = append(parts, print.Part{Title: p.T("report.places"), Table: p.placeTable()})
	}
	return print.Paper{
		Nation: p.T("form.nation"), Motto: p.T("form.motto"), Organ: p.T("product"),
		Title: strings.ToUpper(p.Title) + " " + p.Period(), Under: p.T("report.about"), Parts: parts,
		Sign: p.T("report.sign"), SignAs: p.T("report.signas"), Foot: p.T("report.suppressed"), Page: "{n}/{of}", Made: p.now,
	}
}

func (p reportPage) placeTable() *print.Table {
	t := &print.Table{
		Widths: []float64{5, 2, 2, 2, 2, 2},
		Head:   []string{p.T("times.by.place"), p.T("report.received"), p.T("report.verified"), p.T("report.intervened"), p.T("report.closed"), p.T("times.missed")},
	}
	for _, r := range p.Places {
		t.Rows = append(t.Rows, append(append([]string{r.Name}, r.Cells...), strconv.Itoa(r.Missed)))
	}
	return t
}

// reportXLSX is the report as a spreadsheet.
func (c *Console) reportXLSX(x echo.Context) error {
	p, err := c.report(x)
	if err != nil {
		return c.fault(x, err)
	}
	return c.sendSheets(x, "report-"+p.Of+".xlsx", p.sheets())
}

func (p reportPage) sheets() []sheet {
	all := sheet{name: p.T("report.everything"), rows: [][]any{{"", p.Period(), p.T("report.before")}}}
	for _, m := range p.Measures() {
		all.rows = append(all.rows, []any{p.T("report." + m), p.Count(m), p.Mean(m)})
	}
	for _, k := range p.Clocks() {
		all.rows = append(all.rows, []any{k.Name + ": " + p.T("report.kept"), k.Kept}, []any{k.Name + ": " + p.T("report.missed"), k.Missed})
	}
	for _, by := range p.Breakdowns() {
		for _, b := range p.Breakdown(by) {
			all.rows = append(all.rows, []any{p.T("report.by."+by) + ": " + b.Name, b.Count})
		}
	}
	places := sheet{name: p.T("report.places")}
	t := p.placeTable()
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		line := make([]any, len(row))
		for i, v := range row {
			if n, err := strconv.Atoi(v); err == nil {
				line[i] = n
			} else {
				line[i] = v
			}
		}
		places.rows = append(places.rows, line)
	}
	return []sheet{all, places}
}
