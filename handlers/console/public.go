package console

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows/figures"
)

// publicPage is what anybody may read: counts of the whole province by quarter
// and kind. No place smaller than the province, no cell below five, nor any that
// gives one away, and a time only of enough cases that it is nobody's.
type publicPage struct {
	Page
	publicFigures
}

type publicFigures struct {
	Quarters []publicQuarter
	Rows     []publicRow
}

type publicQuarter struct {
	Name   string
	Total  string
	Median time.Duration // 0: too few cases
}

type publicRow struct {
	Kind  string // its code; empty: not known
	Cells []string
}

const (
	publicQuarters = 4
	publicFewest   = 10 // answered cases before their median is told
	publicRenewed  = time.Hour
)

// public keeps the figures for an hour: strangers must not make the server count.
type public struct {
	history History
	mu      sync.Mutex
	at      time.Time
	last    publicFigures
}

func (c *Console) publicPage(x echo.Context) error {
	f, err := c.public.figures(x.Request().Context(), c.Now(), c.Zone)
	if err != nil {
		return c.fault(x, err)
	}
	return c.render(x, http.StatusOK, "public", publicPage{c.page(x, "console.public.title"), f})
}

func (p *public) figures(ctx context.Context, now time.Time, zone *time.Location) (publicFigures, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.at.IsZero() && now.Sub(p.at) < publicRenewed && !now.Before(p.at) {
		return p.last, nil
	}
	periods := quarters(now, zone)
	facts, err := p.history.Facts(ctx, periods[0].From, periods[len(periods)-1].To)
	if err != nil {
		return publicFigures{}, fmt.Errorf("public figures: %w", err)
	}
	p.last, p.at = publish(facts, periods, zone), now
	return p.last, nil
}

// quarters are whole and over, the oldest first.
func quarters(now time.Time, zone *time.Location) []figures.Period {
	y, m, _ := now.In(zone).Date()
	first := time.Date(y, (m-1)/3*3+1, 1, 0, 0, 0, 0, zone)
	var list []figures.Period
	for i := publicQuarters; i > 0; i-- {
		from := first.AddDate(0, -3*i, 0)
		list = append(list, figures.Period{From: from, To: from.AddDate(0, 3, 0)})
	}
	return list
}

func publish(facts []*figures.Fact, periods []figures.Period, zone *time.Location) publicFigures {
	all := figures.Report(facts, periods)
	kinds := map[string]bool{}
	for _, c := range all.Counts {
		for k := range c.ByKind {
			kinds[k] = true
		}
	}
	var out publicFigures
	for i, p := range periods {
		q := publicQuarter{Name: fmt.Sprintf("%d/%d", (int(p.From.Month())+2)/3, p.From.Year()), Total: shownCount(all.Counts[i].Received, all.Counts[i].Received > 0 && all.Counts[i].Received < figures.Fewest)}
		t := figures.Compute(facts, figures.Query{From: p.From, To: p.To, By: figures.BySeverity, Zone: zone})
		if m := t.Total.Measures[figures.StepAnswer]; m.Count >= publicFewest {
			q.Median = m.Median
		}
		out.Quarters = append(out.Quarters, q)
	}
	names := slices.Sorted(maps.Keys(kinds))
	table := make([][]int, len(names))
	for r, k := range names {
		for _, c := range all.Counts {
			table[r] = append(table[r], c.ByKind[k])
		}
	}
	for r, hidden := range figures.Suppress(table) {
		row := publicRow{Kind: names[r]}
		for i, h := range hidden {
			row.Cells = append(row.Cells, shownCount(table[r][i], h))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
