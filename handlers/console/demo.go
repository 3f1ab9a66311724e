package console

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
)

// Clock is the demo's time, which can run faster than ours.
type Clock interface {
	Speed() int
	SetSpeed(times int)
}

// Demo is what the screen with the phones needs. Every person and number in it
// is invented.
type Demo struct {
	Clock  Clock
	Code   string // the service code, as *1111#
	Short  string // the number that texts go to, as 1111
	People []Person
	Watch  []string // the numbers whose phones are shown first
	// Reporter is the number of the reporter's phone, which is nobody's.
	Reporter string
	// Roles are the people as whom the visitor can look at the console, by a name
	// of a text; the first is where they begin. None: they cannot choose.
	Roles []DemoRole
}

// DemoRole is somebody in whose place the visitor of the demo can be.
type DemoRole struct {
	Name string // "supervisor": the text console.demo.role.supervisor
	Who  access.Who
}

// cookieRole keeps whom the visitor of the demo chose to be. There is nothing to
// protect in a demo, and everything in it is invented.
const cookieRole = "role"

// DemoWho is whom the visitor of a demo chose to be.
func (d *Demo) DemoWho(x echo.Context) (access.Who, error) {
	if len(d.Roles) == 0 {
		return access.Who{}, flows.ErrNotFound
	}
	i := slices.IndexFunc(d.Roles, func(r DemoRole) bool { return r.Name == cookie(x, cookieRole) })
	return d.Roles[max(i, 0)].Who, nil
}

// setRole lets the visitor look at the console as somebody else.
func (c *Console) setRole(x echo.Context) error {
	i := slices.IndexFunc(c.Demo.Roles, func(r DemoRole) bool { return r.Name == x.FormValue("role") })
	if i < 0 {
		return echo.NewHTTPError(http.StatusBadRequest, "no such role")
	}
	x.SetCookie(&http.Cookie{Name: cookieRole, Value: c.Demo.Roles[i].Name, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: x.IsTLS()})
	return x.Redirect(http.StatusSeeOther, "/")
}

// Person is a responder whose phone can be shown.
type Person struct {
	Number string
	Name   string
	Role   string
	Place  string
}

type demoPage struct {
	Page
	*Demo
	Board template.HTML
	Keys  []phoneKey
}

type phoneKey struct{ Key, Letters string }

func (c *Console) demoPage(x echo.Context) error {
	p := c.page(x, "console.demo.title")
	s := c.sight(x.Request().Context())
	board, err := c.boardPart(s, p.words, filter{Page: 1})
	if err != nil {
		return err
	}
	html := template.HTML(board.html) //nolint:gosec // our own template made it
	return c.render(x, http.StatusOK, "demo", demoPage{p, c.Demo, html, []phoneKey{
		{"1", ""},
		{"2", "abc"},
		{"3", "def"},
		{"4", "ghi"},
		{"5", "jkl"},
		{"6", "mno"},
		{"7", "pqrs"},
		{"8", "tuv"},
		{"9", "wxyz"},
		{"*", ""},
		{"0", "+"},
		{"#", ""},
	}})
}

// setSpeed changes how fast the demo's time runs.
func (c *Console) setSpeed(x echo.Context) error {
	n, err := strconv.Atoi(x.FormValue("speed"))
	if err != nil || n != 1 && n != 60 {
		return echo.NewHTTPError(http.StatusBadRequest, "speed is 1 or 60")
	}
	c.Demo.Clock.SetSpeed(n)
	c.Live.Changed()
	return x.Redirect(http.StatusSeeOther, "/")
}

// demoStory shows what happened to the newest case, and why: a newcomer sees
// what the program does while nobody touches anything.
func (c *Console) demoStory(x echo.Context) error {
	s := c.sight(x.Request().Context())
	v := story{words: c.page(x, "console.demo.title").words}
	var newest *flows.Case
	for _, e := range s.entries {
		if newest == nil || e.k.Opened.After(newest.Opened) {
			newest = e.k
		}
	}
	if newest != nil {
		events, err := c.Timeline.Timeline(x.Request().Context(), newest.ID)
		if err != nil {
			return fmt.Errorf("story of the demo: %w", err)
		}
		v.Ref, v.Lines = newest.Ref, c.lines(newest, events, v.words)
		v.Lines = slices.DeleteFunc(v.Lines, line.Minor)
		v.Lines = v.Lines[:min(len(v.Lines), 8)]
	}
	var b bytes.Buffer
	if err := c.pages["demo"].ExecuteTemplate(&b, "story", v); err != nil {
		return fmt.Errorf("render the story: %w", err)
	}
	return x.HTMLBlob(http.StatusOK, b.Bytes())
}

type story struct {
	words
	Ref   flows.Ref
	Lines []line
}
