package console

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
)

// filter is which cases a board shows. It lives in the address, so that a board
// can be bookmarked, sent to a colleague and shown on a wall.
type filter struct {
	State    string // "", "mine", "waiting", "held", "late" or "lost"
	Severity string // "", "urgent" or "normal"
	Place    string // a place's id
	Level    string // "", "0" … "5"
	Page     int    // from 1
	Wall     bool
	reader   flows.MemberID // whose cases "mine" are; never in the address
}

func readFilter(x echo.Context) filter {
	f := filter{Page: 1}
	f.State = one(x.QueryParam("state"), "mine", "waiting", "held", "late", "lost")
	f.Severity = one(x.QueryParam("severity"), "urgent", "normal")
	f.Level = one(x.QueryParam("level"), "0", "1", "2", "3", "4", "5")
	if p := x.QueryParam("place"); len(p) <= 40 {
		f.Place = p
	}
	if n, err := strconv.Atoi(x.QueryParam("page")); err == nil && n > 1 && n < 1000 {
		f.Page = n
	}
	f.Wall = x.QueryParam("wall") == "1"
	if f.State == "mine" {
		f.reader = access.From(x.Request().Context()).Member.ID
	}
	return f
}

// one is v if it is allowed, else nothing.
func one(v string, allowed ...string) string {
	if slices.Contains(allowed, v) {
		return v
	}
	return ""
}

// States are the choices of the first filter.
func (boardPage) States() []string { return []string{"mine", "waiting", "late", "held", "lost"} }

// Levels are the choices of the level.
func (boardPage) Levels() []string { return []string{"0", "1", "2", "3", "4", "5"} }

// Query is the filter as it stands in an address.
func (f filter) Query() string {
	q := url.Values{}
	set := func(name, v string) {
		if v != "" {
			q.Set(name, v)
		}
	}
	set("state", f.State)
	set("severity", f.Severity)
	set("place", f.Place)
	set("level", f.Level)
	if f.Page > 1 {
		q.Set("page", strconv.Itoa(f.Page))
	}
	if f.Wall {
		q.Set("wall", "1")
	}
	return q.Encode()
}

// To is the filter for another page of the same list.
func (f filter) To(page int) string {
	f.Page = page
	return "/board?" + f.Query()
}

// On reports whether the filter hides anything.
func (f filter) On() bool {
	return f.State+f.Severity+f.Place+f.Level != ""
}

func (f filter) shows(e entry) bool {
	switch {
	case f.Severity != "" && string(e.k.Severity) != f.Severity,
		f.Place != "" && e.k.Place != flows.PlaceID(f.Place),
		f.Level != "" && strconv.Itoa(int(e.k.Level)) != f.Level:
		return false
	}
	switch f.State {
	case "mine":
		return f.reader != "" && e.k.Holder == f.reader
	case "waiting":
		return e.untaken()
	case "held":
		return !e.untaken()
	case "late":
		return e.tone == "late"
	case "lost":
		return e.lost > 0
	}
	return true
}
