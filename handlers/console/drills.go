package console

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation/duty"
)

// drillsPage is how ready each commune is, and the drills that said so. Nothing on
// it is of a case.
type drillsPage struct {
	Page
	Ready    []duty.Readiness
	Past     []duty.Drill
	Running  []duty.Drill
	Posts    []flows.Place
	MayStart bool
	Note     string
}

const drillWait = 30 * time.Minute

func (c *Console) drillsOf(x echo.Context) (drillsPage, error) {
	p := drillsPage{Page: c.page(x, "console.drills.title"), Posts: c.posts(x), MayStart: c.may(x, access.Drill)}
	b, _, err := c.Clerk.Book(x.Request().Context())
	if err != nil {
		return p, err
	}
	all, err := c.Clerk.Drills(x.Request().Context())
	if err != nil {
		return p, err
	}
	for _, d := range all {
		if p.now.Sub(d.At) < 366*24*time.Hour {
			p.Past = append(p.Past, d)
		}
	}
	p.Running = b.Drills
	mine := func(id flows.PlaceID) bool {
		return slices.ContainsFunc(p.Posts, func(q flows.Place) bool { return q.ID == id })
	}
	for _, r := range duty.Ready(p.Past) {
		if mine(r.Place) {
			p.Ready = append(p.Ready, r)
		}
	}
	return p, nil
}

func (c *Console) drillsPage(x echo.Context) error {
	p, err := c.drillsOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	p.Note = one(x.QueryParam("note"), "started", "running")
	return c.render(x, http.StatusOK, "drills", p)
}

// drillsFile is the readiness as JSON, of the places that the reader may see.
func (c *Console) drillsFile(x echo.Context) error {
	p, err := c.drillsOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	return x.JSON(http.StatusOK, map[string]any{"drills": len(p.Past), "communes": p.Ready})
}

// startDrill begins a drill of one place or of all.
func (c *Console) startDrill(x echo.Context) error {
	posts := c.posts(x)
	var places []flows.PlaceID
	for _, p := range posts {
		if wanted := x.FormValue("place"); wanted == "" || wanted == string(p.ID) {
			places = append(places, p.ID)
		}
	}
	if len(places) == 0 {
		return c.fault(x, flows.ErrNotFound)
	}
	b, _, err := c.Clerk.Book(x.Request().Context())
	if err != nil {
		return c.fault(x, err)
	}
	if len(b.Drills) > 0 {
		return x.Redirect(http.StatusSeeOther, "/drills?note=running")
	}
	if err := c.noted(x.Request().Context(), flows.DeedDrill, fmt.Sprintf("drill of communes %d", len(places)), "started"); err != nil {
		return c.fault(x, err)
	}
	me, _ := c.viewer(x)
	if _, err := c.Clerk.Start(x.Request().Context(), c.Now(), me.ID, places, drillWait); err != nil {
		return c.fault(x, err)
	}
	return x.Redirect(http.StatusSeeOther, "/drills?note=started")
}

// PlaceName is a place of the page.
func (p drillsPage) PlaceName(id flows.PlaceID) string {
	for _, q := range p.Posts {
		if q.ID == id {
			return q.Type + " " + q.Name
		}
	}
	return id.Code()
}

// Percent is a share as people write it.
func (p drillsPage) Percent(share float64) int { return int(share*100 + 0.5) }

// Answered counts the answers of a drill.
func (p drillsPage) Answered(d duty.Drill) int {
	n := 0
	for _, c := range d.Calls {
		if !c.Answered.IsZero() {
			n++
		}
	}
	return n
}

// Took is a length of time in minutes and seconds.
func (p drillsPage) Took(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return p.Span(d.Round(time.Second))
}
