package console

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// History is where past cases are read, closed ones too.
type History interface {
	// Filed lists the cases that were opened in a time, from included, to not.
	Filed(ctx context.Context, from, to time.Time) ([]flows.Case, error)
}

// timesPage shows how long reporters' words waited for somebody: the promise of
// the whole service.
type timesPage struct {
	Page
	Days   int
	By     string
	Now    summary
	Before summary
	Spread []bucket
	Groups []group
}

// summary is the waiting of a set of cases until somebody took them.
type summary struct {
	Cases   int
	Taken   int
	Waiting int // not taken yet
	Median  time.Duration
	Ninety  time.Duration // nine in ten were taken within it
	Kept    int           // taken within the target of their severity
}

// Percent is the share that was taken in time, of all that should have been.
func (s summary) Percent() int {
	if s.Cases == 0 {
		return 0
	}
	return int(math.Round(100 * float64(s.Kept) / float64(s.Cases)))
}

type group struct {
	Name string
	summary
	key string
}

type bucket struct {
	Up    time.Duration // 0: everything beyond the last
	Cases int
}

// target is the wait after which the next level is asked: the ladder's first.
func target(s flows.Severity) time.Duration {
	if s == flows.Urgent {
		return 15 * time.Minute
	}
	return 2 * time.Hour
}

func edges() []time.Duration {
	return []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 8 * time.Hour, 0}
}

// groupings are what times can be compared by.
func groupings() []string { return []string{"place", "level", "severity", "kind", "hour"} }

// Groupings are what times can be compared by.
func (timesPage) Groupings() []string { return groupings() }

// Periods are the lengths of time that can be looked at, in days.
func (timesPage) Periods() []int { return []int{7, 30, 90} }

func (c *Console) timesPage(x echo.Context) error {
	p, err := c.times(x)
	if err != nil {
		return c.fault(x, err)
	}
	return c.render(x, http.StatusOK, "times", p)
}

func (c *Console) times(x echo.Context) (timesPage, error) {
	p := timesPage{Page: c.page(x, "console.times.title"), Days: 30, By: cmp.Or(one(x.QueryParam("by"), groupings()...), "place")}
	for _, d := range p.Periods() {
		if x.QueryParam("days") == fmt.Sprint(d) {
			p.Days = d
		}
	}
	length := time.Duration(p.Days) * 24 * time.Hour
	from := p.now.Add(-length)
	past, err := c.History.Filed(x.Request().Context(), from.Add(-length), p.now.Add(time.Second))
	if err != nil {
		return p, fmt.Errorf("response times: %w", err)
	}
	var now, before []flows.Case
	for _, k := range past {
		if k.Opened.Before(from) {
			before = append(before, k)
		} else {
			now = append(now, k)
		}
	}
	p.Now, p.Before = summarize(now), summarize(before)
	p.Spread, p.Groups = spread(now), c.groups(now, p.By, p.words)
	return p, nil
}

// waits are how long each case waited until it was taken, shortest first.
func waits(cases []flows.Case) []time.Duration {
	var list []time.Duration
	for _, k := range cases {
		if !k.Taken.IsZero() {
			list = append(list, max(0, k.Taken.Sub(k.Opened)))
		}
	}
	slices.Sort(list)
	return list
}

func summarize(cases []flows.Case) summary {
	list := waits(cases)
	s := summary{Cases: len(cases), Taken: len(list), Waiting: len(cases) - len(list)}
	s.Median, s.Ninety = rank(list, 0.5), rank(list, 0.9)
	for _, k := range cases {
		if !k.Taken.IsZero() && k.Taken.Sub(k.Opened) <= target(k.Severity) {
			s.Kept++
		}
	}
	return s
}

// rank is the shortest time that a part of a sorted list keeps within.
func rank(sorted []time.Duration, part float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, int(math.Ceil(part*float64(len(sorted))))-1)]
}

func spread(cases []flows.Case) []bucket {
	list := make([]bucket, len(edges()))
	for i, up := range edges() {
		list[i].Up = up
	}
	for _, w := range waits(cases) {
		i := slices.IndexFunc(list, func(b bucket) bool { return b.Up == 0 || w <= b.Up })
		list[i].Cases++
	}
	return list
}

func (c *Console) groups(cases []flows.Case, by string, w words) []group {
	sets := map[string][]flows.Case{}
	names := map[string]string{}
	for _, k := range cases {
		key, name := c.key(&k, by, w)
		sets[key], names[key] = append(sets[key], k), name
	}
	list := make([]group, 0, len(sets))
	for key, set := range sets {
		list = append(list, group{names[key], summarize(set), key})
	}
	slices.SortFunc(list, func(a, b group) int {
		if by == "hour" || by == "level" {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Or(cmp.Compare(b.Ninety, a.Ninety), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// key is the group of a case, and how the group is called.
func (c *Console) key(k *flows.Case, by string, w words) (key, name string) {
	switch by {
	case "level":
		key = fmt.Sprint(int(k.Level))
		return key, w.Word("level", key)
	case "severity":
		return string(k.Severity), w.Word("severity", string(k.Severity))
	case "kind":
		if k.Kind == "" {
			return "", w.T("case.unknown")
		}
		return k.Kind, w.Word("kind", k.Kind)
	case "hour":
		h := k.Opened.In(w.zone).Hour() / 3 * 3
		return fmt.Sprintf("%02d", h), fmt.Sprintf("%02d–%02d", h, h+3)
	}
	if k.Place == "" {
		return "", w.T("board.place.unknown")
	}
	return string(k.Place), c.Place(k.Place)
}

// timesFile is the table of the page, for a spreadsheet.
func (c *Console) timesFile(x echo.Context) error {
	p, err := c.times(x)
	if err != nil {
		return c.fault(x, err)
	}
	h := x.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="response-times.csv"`)
	x.Response().WriteHeader(http.StatusOK)
	_, _ = x.Response().Write([]byte("\ufeff")) // tells spreadsheets that it is UTF-8
	out := csv.NewWriter(x.Response())
	_ = out.Write([]string{p.T("times.by." + p.By), p.T("times.cases"), p.T("times.waiting"), p.T("times.median"), p.T("times.ninety"), p.T("times.kept")})
	for _, g := range p.Groups {
		_ = out.Write([]string{inert(g.Name), fmt.Sprint(g.Cases), fmt.Sprint(g.Waiting), minutes(g.Median), minutes(g.Ninety), fmt.Sprint(g.Percent())})
	}
	out.Flush()
	return out.Error()
}

// inert keeps a spreadsheet from running a name as a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func minutes(d time.Duration) string { return fmt.Sprintf("%.1f", d.Minutes()) }
