package console

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/figures"
)

// History is where what is counted of past cases is read, closed ones too.
type History interface {
	// Facts are those of the cases that were opened in a time, from included, to not.
	Facts(ctx context.Context, from, to time.Time) ([]*figures.Fact, error)
}

// timesPage shows how long reporters' words waited for somebody: the promise of
// the whole service.
type timesPage struct {
	Page
	Days   int
	By     figures.By
	Step   figures.Step
	Now    figures.Times
	Before figures.Times // the same length of time before
	// Counting is how many percent of the cases were read since the start.
	Counting int
	Loads    bool // whether the reader may see how much each responder carries
	console  *Console
}

// shownMisses is how many missed clocks the page lists; files hold them all.
const shownMisses = 50

// Groupings are what times can be compared by.
func (timesPage) Groupings() []figures.By { return figures.Groupings() }

// Steps are what can be measured.
func (timesPage) Steps() []figures.Step { return figures.Steps() }

// Periods are the lengths of time that can be looked at, in days.
func (timesPage) Periods() []int { return []int{7, 30, 90, 365} }

func (c *Console) timesPage(x echo.Context) error {
	p, err := c.times(x)
	if err != nil {
		return c.fault(x, err)
	}
	return c.render(x, http.StatusOK, "times", p)
}

func (c *Console) times(x echo.Context) (timesPage, error) {
	p := timesPage{Page: c.page(x, "console.times.title"), Days: 30, By: figures.ByPlace, Step: figures.StepAnswer, Counting: 100, console: c}
	p.Loads = c.served["GET /workload"] && c.may(x, access.Workload)
	p.By = cmp.Or(among(x.QueryParam("by"), p.Groupings()), p.By)
	p.Step = cmp.Or(among(x.QueryParam("step"), p.Steps()), p.Step)
	for _, d := range p.Periods() {
		if x.QueryParam("days") == fmt.Sprint(d) {
			p.Days = d
		}
	}
	length := time.Duration(p.Days) * 24 * time.Hour
	to := p.now.Add(time.Second)
	from := to.Add(-length)
	facts, err := c.History.Facts(x.Request().Context(), from.Add(-length), to)
	if err != nil {
		return p, fmt.Errorf("response times: %w", err)
	}
	if c.Counted != nil {
		if have, of := c.Counted(); of > 0 {
			p.Counting = 100 * have / of
		}
	}
	p.Now = figures.Compute(facts, figures.Query{From: from, To: to, By: p.By, Zone: c.Zone})
	p.Before = figures.Compute(facts, figures.Query{From: from.Add(-length), To: from, By: p.By, Zone: c.Zone})
	p.sort()
	return p, nil
}

// among is the value that a query names, if it is one of a list.
func among[T ~string](s string, list []T) T {
	if i := slices.Index(list, T(s)); i >= 0 {
		return list[i]
	}
	return ""
}

// sort puts the slowest group first, unless groups have an order of their own.
func (p *timesPage) sort() {
	switch p.By {
	case figures.ByPlace, figures.ByKind, figures.BySeverity:
		slices.SortStableFunc(p.Now.Rows, func(a, b figures.Row) int {
			return cmp.Or(cmp.Compare(b.Measures[p.Step].Ninety, a.Measures[p.Step].Ninety), cmp.Compare(p.Name(a), p.Name(b)))
		})
	}
}

// Total is the measured step of everything.
func (p timesPage) Total() figures.Measure { return p.Now.Total.Measures[p.Step] }

// Was is the same in the period before.
func (p timesPage) Was() figures.Measure { return p.Before.Total.Measures[p.Step] }

// Targeted reports whether the measured step has a time to be kept.
func (p timesPage) Targeted() bool { return figures.Target(p.Step, flows.Urgent) > 0 }

// Measure is the measured step of a group, and Of any other.
func (p timesPage) Measure(r figures.Row) figures.Measure { return r.Measures[p.Step] }

// Of is a step of everything.
func (p timesPage) Of(s figures.Step) figures.Measure { return p.Now.Total.Measures[s] }

// Misses are the clocks that ran out last.
func (p timesPage) Misses() []figures.Missed {
	return p.Now.Misses[:min(len(p.Now.Misses), shownMisses)]
}

// Missed is how often clocks ran out in a group.
func (timesPage) Missed(r figures.Row) int {
	n := 0
	for _, k := range r.Misses {
		n += k
	}
	return n
}

// Name is what a group is called.
func (p timesPage) Name(r figures.Row) string {
	switch p.By {
	case figures.ByPlace:
		return p.Where(flows.PlaceID(r.Key))
	case figures.ByLevel:
		if r.Key == "" {
			return p.T("times.waiting")
		}
		return p.Word("level", r.Key)
	case figures.ByHour:
		var h int
		_, _ = fmt.Sscan(r.Key, &h)
		return fmt.Sprintf("%02d–%02d", h, h+3)
	case figures.ByWeekday:
		return p.T("times.weekday." + r.Key)
	case figures.ByMonth:
		if m, err := time.Parse("2006-01", r.Key); err == nil {
			return m.Format("01/2006")
		}
	case figures.BySeverity, figures.ByKind:
		if r.Key == "" {
			return p.T("case.unknown")
		}
		return p.Word(string(p.By), r.Key)
	}
	return r.Key
}

// Where is the name of a place.
func (p timesPage) Where(id flows.PlaceID) string {
	if id == "" {
		return p.T("board.place.unknown")
	}
	return p.console.Place(id)
}
