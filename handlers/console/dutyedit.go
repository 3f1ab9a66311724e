package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation/duty"
)

// Clerk is where the rota is changed and what members are asked about it: the
// clerk of package duty.
type Clerk interface {
	Arrange(ctx context.Context, by flows.MemberID, overrides []flows.Override) error
	Book(ctx context.Context) (duty.Book, int64, error)
	Drills(ctx context.Context) ([]duty.Drill, error)
	Start(ctx context.Context, now time.Time, by flows.MemberID, places []flows.PlaceID, wait time.Duration) (duty.Drill, error)
}

// Feeds are the calendars that members have on their own phones. An address is a
// secret; whoever has it sees turns and nothing else.
type Feeds interface {
	Path(id flows.MemberID) string
	Calendar(path string) ([]byte, bool)
}

// moment is how a form writes a time: an input of the type datetime-local.
const moment = "2006-01-02T15:04"

// longestChange is how much of the rota one form may replace.
const longestChange = 31 * 24 * time.Hour

// dutyForm is a change of who is on duty, as it was typed.
type dutyForm struct {
	Level    flows.Level
	Member   flows.MemberID
	From, To string
	Faults   map[string]string // by field, keys of texts
	Done     bool
}

// typed reads the form of a request: what was sent, or what a link filled in.
func typed(x echo.Context) dutyForm {
	level, _ := strconv.Atoi(x.FormValue("level"))
	return dutyForm{
		Level: flows.Level(level), Member: flows.MemberID(x.FormValue("member")),
		From: x.FormValue("from"), To: x.FormValue("to"), Faults: map[string]string{}, Done: x.QueryParam("done") != "",
	}
}

// override is the change, with a fault for every field that does not fit.
func (f *dutyForm) override(place flows.PlaceID, people []flows.Member, levels []flows.Level, now time.Time, zone *time.Location) flows.Override {
	o := flows.Override{Place: place, Level: f.Level, Member: f.Member}
	if !slices.Contains(levels, f.Level) {
		f.Faults["level"] = "duty.fault.level"
	}
	if !slices.ContainsFunc(people, func(m flows.Member) bool { return m.ID == f.Member }) {
		f.Faults["member"] = "duty.fault.member"
	}
	var err error
	if o.Start, err = time.ParseInLocation(moment, f.From, zone); err != nil {
		f.Faults["from"] = "duty.fault.time"
	}
	if o.End, err = time.ParseInLocation(moment, f.To, zone); err != nil {
		f.Faults["to"] = "duty.fault.time"
	}
	switch {
	case len(f.Faults) > 0:
	case !o.End.After(o.Start):
		f.Faults["to"] = "duty.fault.order"
	case o.End.Sub(o.Start) > longestChange:
		f.Faults["to"] = "duty.fault.long"
	case !o.End.After(now):
		f.Faults["to"] = "duty.fault.past"
	}
	return o
}

// changeDuty puts a member on duty for a time.
func (c *Console) changeDuty(x echo.Context) error {
	p, err := c.dutyOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	ctx := x.Request().Context()
	if !p.MayChange {
		if err := c.Guard.May(ctx, access.Arrange, c.Guard.Places().Of(p.Place)); err != nil {
			return c.fault(x, err)
		}
		return c.fault(x, flows.ErrNotFound)
	}
	f := typed(x)
	o := f.override(p.Place, p.People, levels(p.Place, p.Posts), p.now, p.zone)
	if len(f.Faults) > 0 {
		p.Form = f
		return c.render(x, http.StatusUnprocessableEntity, "duty", p)
	}
	me, _ := c.viewer(x)
	if err := c.Clerk.Arrange(ctx, me.ID, []flows.Override{o}); err != nil {
		return c.fault(x, err)
	}
	back := url.Values{"place": {string(p.Place)}, "week": {strconv.Itoa(p.Week)}, "done": {"1"}}
	return x.Redirect(http.StatusSeeOther, "/duty?"+back.Encode()+"#change")
}

// feed is a member's calendar, for their phone: its address is the only key.
func (c *Console) feed(x echo.Context) error {
	body, ok := c.Feeds.Calendar(x.Param("file"))
	if !ok {
		return echo.ErrNotFound
	}
	x.Response().Header().Set("Cache-Control", "private, max-age=900")
	return x.Blob(http.StatusOK, "text/calendar; charset=utf-8", body)
}

// monthDay is one day of the month view, for the level that must always answer.
type monthDay struct {
	Day    time.Time
	Shifts []shift
	Gap    bool
	Other  bool // of the month before or after
}

// month is the weeks of the month that a day lies in.
func (c *Console) month(place flows.PlaceID, l flows.Level, in time.Time) [][]monthDay {
	first := time.Date(in.Year(), in.Month(), 1, 0, 0, 0, 0, in.Location())
	day := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
	var weeks [][]monthDay
	for !day.After(first.AddDate(0, 1, -1)) {
		week := make([]monthDay, 7)
		for i := range week {
			d := monthDay{Day: day, Other: day.Month() != in.Month(), Shifts: c.shifts(place, l, day, day.AddDate(0, 0, 1))}
			d.Gap = slices.ContainsFunc(d.Shifts, func(s shift) bool { return len(s.Who) == 0 })
			week[i] = d
			day = day.AddDate(0, 0, 1)
		}
		weeks = append(weeks, week)
	}
	return weeks
}

// swapLine is a turn that its member wants to give away.
type swapLine struct {
	Who   string
	Turn  string
	Asked int
}

func (c *Console) swaps(ctx context.Context, place flows.PlaceID, w words) ([]swapLine, error) {
	b, _, err := c.Clerk.Book(ctx)
	if err != nil {
		return nil, err
	}
	var list []swapLine
	for _, s := range b.Swaps {
		if s.Turn.Place == place {
			from, to := s.Turn.Start.In(w.zone), s.Turn.End.In(w.zone)
			list = append(list, swapLine{c.name(s.From), fmt.Sprintf("%s – %s", from.Format("02/01 15:04"), to.Format("02/01 15:04")), len(s.Asked)})
		}
	}
	return list, nil
}
