package console

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/figures"
)

// workloadPage is how much each responder carries, for those who lead them: who
// has too many cases, who is asked and cannot answer, who is never off duty.
type workloadPage struct {
	Page
	List     []loadRow
	Counting int
	most     loadRow // of each column, for the bars
}

type loadRow struct {
	figures.Load
	Name, Role, Place string
	Hours             int // on duty in the last [figures.LoadDays], by the rota of now
}

func (c *Console) workloadPage(x echo.Context) error {
	p, err := c.workload(x)
	if err != nil {
		return c.fault(x, err)
	}
	return c.render(x, http.StatusOK, "workload", p)
}

// workload is about the members below the reader, and the cases that they may
// know of.
func (c *Console) workload(x echo.Context) (workloadPage, error) {
	p := workloadPage{Page: c.page(x, "console.workload.title"), Counting: 100}
	facts, err := c.History.Facts(x.Request().Context(), time.Time{}, p.now.Add(time.Second))
	if err != nil {
		return p, fmt.Errorf("workload: %w", err)
	}
	if c.Counted != nil {
		if have, of := c.Counted(); of > 0 {
			p.Counting = 100 * have / of
		}
	}
	loads := figures.Loads(facts, p.now, p.zone)
	onDuty := c.Hours(p.now.AddDate(0, 0, -figures.LoadDays), p.now)
	who, places := access.From(x.Request().Context()), c.Guard.Places()
	for _, post := range c.Rota.Posts() {
		for _, m := range c.Rota.Members(post.ID) {
			if !access.Allowed(who, access.Workload, places.Of(m.Place)).OK {
				continue
			}
			r := loadRow{Load: loads[m.ID], Name: m.Name, Role: p.Role(m.Role), Place: post.Name, Hours: int(onDuty[m.ID].Round(time.Hour).Hours())}
			r.Member = m.ID
			p.List = append(p.List, r)
			p.most.Held, p.most.Month, p.most.Hours = max(p.most.Held, r.Held), max(p.most.Month, r.Month), max(p.most.Hours, r.Hours)
		}
	}
	slices.SortStableFunc(p.List, func(a, b loadRow) int {
		return cmp.Or(cmp.Compare(b.Held, a.Held), cmp.Compare(b.Unanswered, a.Unanswered), cmp.Compare(b.Month, a.Month), cmp.Compare(b.Hours, a.Hours))
	})
	return p, nil
}

// share is how much of the largest value of its column a value is, in percent.
func (workloadPage) share(n, most int) string {
	if most == 0 {
		return "0"
	}
	return fmt.Sprintf("%.1f", 100*float64(n)/float64(most))
}

// HeldBar is the length of the bar of the cases that somebody holds.
func (p workloadPage) HeldBar(r loadRow) string { return p.share(r.Held, p.most.Held) }

// MonthBar is that of what was taken this month.
func (p workloadPage) MonthBar(r loadRow) string { return p.share(r.Month, p.most.Month) }

// HoursBar is that of the hours on duty.
func (p workloadPage) HoursBar(r loadRow) string { return p.share(r.Hours, p.most.Hours) }

// Days is how far back the page looks.
func (workloadPage) Days() int { return figures.LoadDays }

// workloadCSV is the table for any program.
func (c *Console) workloadCSV(x echo.Context) error {
	p, err := c.workload(x)
	if err != nil {
		return c.fault(x, err)
	}
	if err := c.noted(x.Request().Context(), flows.DeedExport, "workload", "figures"); err != nil {
		return c.fault(x, err)
	}
	attach(x, "text/csv; charset=utf-8", "workload.csv")
	_, _ = x.Response().Write([]byte("\ufeff")) // tells spreadsheets that it is UTF-8
	out := csv.NewWriter(x.Response())
	head := []string{"id"}
	for _, column := range []string{"member", "role", "place", "held", "week", "month", "median.minutes", "declined", "unanswered", "hours"} {
		head = append(head, p.T("workload."+column))
	}
	_ = out.Write(head)
	for _, r := range p.List {
		median := ""
		if r.Timed > 0 {
			median = fmt.Sprint(minutes(r.Median))
		}
		line := []any{r.Member, r.Name, r.Role, r.Place, r.Held, r.Week, r.Month, median, r.Declined, r.Unanswered, r.Hours}
		cells := make([]string, len(line))
		for i, v := range line {
			cells[i] = inert(fmt.Sprint(v))
		}
		_ = out.Write(cells)
	}
	out.Flush()
	return out.Error()
}
