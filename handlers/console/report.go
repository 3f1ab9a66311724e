package console

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows/figures"
)

// reportPage is the report of a month or a year that goes up from commune to
// department to committee. Counts below five are not in it: see figures.Suppress.
type reportPage struct {
	Page
	Of      string // which month or year: 2026-10, 2026
	All     figures.Upward
	Places  []reportRow
	console *Console
}

// reportRow is one commune, with its counts as they may be written.
type reportRow struct {
	Name    string
	Cells   []string
	Missed  int
	Changed int
}

// comparedWith is how many periods before the report looks back on.
const comparedWith = 6

// hiddenCount stands for a count from 1 to 4, or one that would give it away.
const hiddenCount = "<5"

func (c *Console) reportPage(x echo.Context) error {
	p, err := c.report(x)
	if err != nil {
		return c.fault(x, err)
	}
	return c.render(x, http.StatusOK, "report", p)
}

func (c *Console) report(x echo.Context) (reportPage, error) {
	p := reportPage{Page: c.page(x, "console.report.title"), console: c}
	periods, form := c.periods(x.QueryParam("of"))
	last := periods[len(periods)-1]
	p.Of = last.From.In(c.Zone).Format(form)
	// A case may have been opened long before what happened to it now.
	facts, err := c.History.Facts(x.Request().Context(), time.Time{}, last.To)
	if err != nil {
		return p, fmt.Errorf("report: %w", err)
	}
	p.All = figures.Report(facts, periods)
	p.Places = p.rows(figures.ReportByPlace(facts, periods))
	return p, nil
}

// The forms of a year and a month in an address.
const (
	yearForm  = "2006"
	monthForm = "2006-01"
)

// periods end with the one that was asked for, else with the last month that is
// over. The form is that of their names.
func (c *Console) periods(of string) (list []figures.Period, form string) {
	now, length := c.Now(), comparedWith+1
	if y, err := time.ParseInLocation(yearForm, of, c.Zone); err == nil && y.Year() > 2000 && !y.AddDate(1, 0, 0).After(now) {
		return figures.Years(y.AddDate(1, 0, 0), length, c.Zone), yearForm
	}
	if m, err := time.ParseInLocation(monthForm, of, c.Zone); err == nil && m.Year() > 2000 && !m.AddDate(0, 1, 0).After(now) {
		now = m.AddDate(0, 1, 0)
	}
	return figures.Months(now, length, c.Zone), monthForm
}

// Choices are the periods that can be asked for, the newest first.
func (p reportPage) Choices() []string {
	now := p.now.In(p.zone)
	var list []string
	for i := 1; i <= 24; i++ {
		list = append(list, time.Date(now.Year(), now.Month()-time.Month(i), 1, 0, 0, 0, 0, p.zone).Format(monthForm))
	}
	for i := 1; i <= 3; i++ {
		list = append(list, strconv.Itoa(now.Year()-i))
	}
	return list
}

// Period is what the period of the report is called.
func (p reportPage) Period() string { return p.Named(p.Of) }

// Named is what a period is called: 10/2026, 2026.
func (reportPage) Named(of string) string {
	if m, err := time.Parse(monthForm, of); err == nil {
		return m.Format("01/2006")
	}
	return of
}

// Last is what happened in the period.
func (p reportPage) Last() figures.Counts { return p.All.Counts[len(p.All.Counts)-1] }

// Measures are the counts of everything, in the order of the work.
func (p reportPage) Measures() []string {
	return []string{"received", "verified", "intervened", "closed", "urgent"}
}

// Count is a measure of the period.
func (p reportPage) Count(measure string) int { return measureOf(p.Last(), measure) }

// Mean is what the periods before had on average.
func (p reportPage) Mean(measure string) string {
	sum, n := 0, len(p.All.Counts)-1
	for _, c := range p.All.Counts[:n] {
		sum += measureOf(c, measure)
	}
	return p.Decimal(float64(sum) / float64(max(1, n)))
}

func measureOf(c figures.Counts, measure string) int {
	switch measure {
	case "received":
		return c.Received
	case "verified":
		return c.Verified
	case "intervened":
		return c.Intervened
	case "closed":
		return c.Closed
	case "urgent":
		return c.Urgent
	}
	return 0
}

// rows writes the communes with each column suppressed for itself: the columns
// of a report have totals, its rows have none.
func (p reportPage) rows(list []figures.Upward) []reportRow {
	measures := p.Measures()[:4]
	rows := make([]reportRow, 0, len(list))
	last := func(u figures.Upward) figures.Counts { return u.Counts[len(u.Counts)-1] }
	list = slices.DeleteFunc(list, func(u figures.Upward) bool {
		c := last(u)
		return c.Received+c.Verified+c.Intervened+c.Closed == 0 && u.Changed == 0
	})
	for _, u := range list {
		name := p.T("board.place.unknown")
		if u.Place != "" {
			name = p.console.Place(u.Place)
		}
		row := reportRow{Name: name, Changed: u.Changed, Cells: make([]string, len(measures))}
		for _, k := range last(u).Clocks {
			row.Missed += k.Missed
		}
		rows = append(rows, row)
	}
	for m, name := range measures {
		counts := make([]int, len(list))
		for i, u := range list {
			counts[i] = measureOf(last(u), name)
		}
		for i, shown := range suppressed(counts) {
			rows[i].Cells[m] = shown
		}
	}
	slices.SortStableFunc(rows, func(a, b reportRow) int { return cmp.Compare(a.Name, b.Name) })
	return rows
}

// suppressed writes the counts of one column, whose total is told elsewhere.
func suppressed(counts []int) []string {
	table, list := make([][]int, len(counts)), make([]string, len(counts))
	for i, n := range counts {
		table[i] = []int{n}
	}
	for i, hidden := range figures.Suppress(table) {
		list[i] = shownCount(counts[i], hidden[0])
	}
	return list
}

func shownCount(n int, hidden bool) string {
	if hidden {
		return hiddenCount
	}
	return strconv.Itoa(n)
}

// share is a count of a breakdown, as it may be written.
type share struct{ Name, Count string }

// Breakdowns are what is counted beside the whole.
func (reportPage) Breakdowns() []string { return []string{"kind", "age", "sex", "outcome"} }

// Breakdown counts by kind, age, sex or outcome.
func (p reportPage) Breakdown(by string) []share {
	counts := map[string]map[string]int{"kind": p.Last().ByKind, "age": p.Last().ByAge, "sex": p.Last().BySex, "outcome": p.Last().ByOutcome}[by]
	keys := slices.Sorted(maps.Keys(counts))
	column := make([]int, len(keys))
	for i, k := range keys {
		column[i] = counts[k]
	}
	list := make([]share, len(keys))
	for i, shown := range suppressed(column) {
		name := p.T("case.unknown")
		if keys[i] != "" {
			name = p.Word(by, keys[i])
		}
		list[i] = share{name, shown}
	}
	return list
}

// Clocks are the legal clocks with how often each was kept and missed.
func (p reportPage) Clocks() []reportClock {
	var list []reportClock
	for _, name := range slices.Sorted(maps.Keys(p.Last().Clocks)) {
		k := p.Last().Clocks[name]
		list = append(list, reportClock{p.Word("reason", name), k.Kept, k.Missed})
	}
	return list
}

type reportClock struct {
	Name         string
	Kept, Missed int
}

// Trend is how many came in each period, drawn as bars 100 wide and 30 high.
func (p reportPage) Trend() []column {
	counts := make([]int, len(p.All.Counts))
	for i, c := range p.All.Counts {
		counts[i] = c.Received
	}
	return bars(counts, 30)
}

// LastBar is which bar of the trend the report is about.
func (p reportPage) LastBar() int { return len(p.All.Counts) - 1 }

// Label is what a bar of the trend is called.
func (p reportPage) Label(i int) string {
	from := p.All.Periods[i].From.In(p.zone)
	if len(p.Of) == len(yearForm) {
		return from.Format(yearForm)
	}
	return from.Format("01/06")
}

// Warnings say in words where the figures changed more than chance explains.
func (p reportPage) Warnings() []string {
	var list []string
	say := func(changed int, name string) {
		if changed != 0 {
			list = append(list, p.T(map[int]string{1: "report.more", -1: "report.fewer"}[changed], "place", name))
		}
	}
	say(p.All.Changed, p.T("report.everything"))
	for _, r := range p.Places {
		say(r.Changed, r.Name)
	}
	return list
}
