package console

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
)

// Rota answers who is on duty: escalation's roster, and the places it is for.
type Rota interface {
	OnDuty(place flows.PlaceID, level flows.Level, at time.Time) []flows.Member
	// Posts are the places with people of their own, the province first.
	Posts() []flows.Place
	// Members are the people of a place.
	Members(place flows.PlaceID) []flows.Member
}

// dutyPage is who is on duty in one place for a week, and every hour of the next
// fortnight, anywhere, in which nobody is.
type dutyPage struct {
	Page
	Place  flows.PlaceID
	Posts  []flows.Place
	Days   []time.Time
	Levels []dutyLevel
	Gaps   []gap
	Week   int // from this one

	Month     [][]monthDay // instead of the week, when it is asked for
	MayChange bool
	People    []flows.Member // who can be put on duty
	Form      dutyForm
	Swaps     []swapLine
	Feed      string // of the reader
}

type dutyLevel struct {
	Level flows.Level
	Days  [][]shift
}

// shift is a time in which the same people are on duty, or nobody is. X and W
// place it in a day that is 96 quarters wide.
type shift struct {
	From, To time.Time
	Who      []flows.Member
	X, W     int
}

type gap struct {
	Place    flows.Place
	Level    flows.Level
	From, To time.Time
}

// quarter is how finely the rota is looked at.
const quarter = 15 * time.Minute

// ahead is how far gaps are looked for.
const ahead = 14 * 24 * time.Hour

func (c *Console) dutyPage(x echo.Context) error {
	p, err := c.dutyOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	p.Form = typed(x)
	return c.render(x, http.StatusOK, "duty", p)
}

// dutyOf is the page of the place and the week that a request names.
func (c *Console) dutyOf(x echo.Context) (dutyPage, error) {
	p := dutyPage{Page: c.page(x, "console.duty.title"), Posts: c.posts(x)}
	if len(p.Posts) == 0 {
		return p, flows.ErrNotFound
	}
	p.Place = p.Posts[0].ID
	for _, place := range p.Posts {
		if x.FormValue("place") == string(place.ID) {
			p.Place = place.ID
		}
	}
	_, _ = fmt.Sscan(x.FormValue("week"), &p.Week)
	p.Week = min(max(p.Week, -4), 8)
	day := midnight(p.now, p.zone)
	day = day.AddDate(0, 0, p.Week*7-(int(day.Weekday())+6)%7) // Monday
	for i := range 7 {
		p.Days = append(p.Days, day.AddDate(0, 0, i))
	}
	for _, l := range levels(p.Place, p.Posts) {
		p.Levels = append(p.Levels, c.week(p.Place, l, p.Days))
	}
	p.Gaps = c.gaps(p.Posts, p.now)
	if x.FormValue("view") == "month" {
		p.Month = c.month(p.Place, p.Levels[0].Level, p.Days[3])
	}
	if me, ok := c.viewer(x); ok && c.Feeds != nil {
		p.Feed = c.Feeds.Path(me.ID)
	}
	if c.Clerk == nil {
		return p, nil
	}
	p.People = c.Rota.Members(p.Place)
	p.MayChange = access.Allowed(access.From(x.Request().Context()), access.Arrange, c.Guard.Places().Of(p.Place)).OK
	var err error
	p.Swaps, err = c.swaps(x.Request().Context(), p.Place, p.words)
	return p, err
}

// posts are the places whose duty the viewer may see.
func (c *Console) posts(x echo.Context) []flows.Place {
	who, places := access.From(x.Request().Context()), c.Guard.Places()
	return slices.DeleteFunc(slices.Clone(c.Rota.Posts()), func(p flows.Place) bool {
		return !access.Allowed(who, access.Rota, places.Of(p.ID)).OK
	})
}

// levels are the rungs that a place fills itself: the province is the first of
// the posts.
func levels(place flows.PlaceID, posts []flows.Place) []flows.Level {
	if place == posts[0].ID && posts[0].Parent == "" {
		return []flows.Level{flows.LevelDesk, flows.LevelDepartment, flows.LevelCommittee}
	}
	return []flows.Level{flows.LevelDuty, flows.LevelHead, flows.LevelChair}
}

func midnight(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

func (c *Console) week(place flows.PlaceID, l flows.Level, days []time.Time) dutyLevel {
	week := dutyLevel{Level: l}
	for _, day := range days {
		week.Days = append(week.Days, c.shifts(place, l, day, day.AddDate(0, 0, 1)))
	}
	return week
}

// shifts cuts a time into pieces with the same people on duty.
func (c *Console) shifts(place flows.PlaceID, l flows.Level, from, to time.Time) []shift {
	var list []shift
	for at := from; at.Before(to); at = at.Add(quarter) {
		who := c.Rota.OnDuty(place, l, at)
		if n := len(list); n > 0 && slices.EqualFunc(list[n-1].Who, who, same) {
			list[n-1].To, list[n-1].W = at.Add(quarter), list[n-1].W+1
			continue
		}
		list = append(list, shift{From: at, To: at.Add(quarter), Who: who, X: int(at.Sub(from) / quarter), W: 1})
	}
	return list
}

func same(a, b flows.Member) bool { return a.ID == b.ID }

// gaps are the times of the fortnight in which a level that must answer has
// nobody, soonest first. Only the first levels must always have somebody.
func (c *Console) gaps(posts []flows.Place, now time.Time) []gap {
	var list []gap
	from := now.Truncate(quarter)
	for _, p := range posts {
		for _, l := range levels(p.ID, posts)[:1] {
			for _, s := range c.shifts(p.ID, l, from, from.Add(ahead)) {
				if len(s.Who) == 0 {
					list = append(list, gap{p, l, s.From, s.To})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b gap) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Place.Name, b.Place.Name))
	})
	return list
}

// Day is a day as the head of a column.
func (p dutyPage) Day(t time.Time) string {
	return p.T(fmt.Sprintf("duty.day.%d", int(t.Weekday()))) + " " + t.Format("02/01")
}

// Local is a moment as a form writes it.
func (p dutyPage) Local(t time.Time) string { return t.In(p.zone).Format(moment) }

// Fault is what is wrong with a field of the form, or "".
func (p dutyPage) Fault(field string) string {
	if key := p.Form.Faults[field]; key != "" {
		return p.T(key)
	}
	return ""
}

// Today reports whether a day is today.
func (p dutyPage) Today(t time.Time) bool { return t.Equal(midnight(p.now, p.zone)) }

// Full is a moment with its day.
func (p dutyPage) Full(t time.Time) string {
	t = t.In(p.zone)
	return p.Day(t) + " " + t.Format("15:04")
}

// Earlier is the week before this one.
func (p dutyPage) Earlier() int { return p.Week - 1 }

// Later is the week after this one.
func (p dutyPage) Later() int { return p.Week + 1 }
