package console

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation/ready"
)

// Readiness is what a hotline lacks before it is live.
type Readiness func(ctx context.Context) ([]ready.Step, error)

// readyPage leads an operator from an empty system to a live one, and says at any
// later time what is missing.
type readyPage struct {
	Page
	Steps []ready.Step
	Live  bool

	listed bool // whether there is a page of the directory
}

// shownLacks is how much of a long list is shown; the rest is counted.
const shownLacks = 12

func (c *Console) readyPage(x echo.Context) error {
	p := readyPage{Page: c.page(x, "console.ready.title")}
	var err error
	if p.Steps, err = c.Ready(x.Request().Context()); err != nil {
		return c.fault(x, err)
	}
	p.Live, p.listed = ready.Live(p.Steps), c.served["GET /directory"]
	return c.render(x, http.StatusOK, "ready", p)
}

// First are the lacks of a step that are shown, and Rest how many more there are.
func (readyPage) First(s ready.Step) []ready.Lack { return s.Lacks[:min(len(s.Lacks), shownLacks)] }

// Rest is how many lacks of a step are not shown.
func (readyPage) Rest(s ready.Step) int { return max(0, len(s.Lacks)-shownLacks) }

// Now reports whether a step is the one to do next.
func (p readyPage) Now(s ready.Step) bool {
	for _, o := range p.Steps {
		if !o.Done() {
			return o.Name == s.Name
		}
	}
	return false
}

// Next is the page where a step is done, if the reader may use it.
func (p readyPage) Next(s ready.Step) string {
	switch s.Name {
	case ready.StepPlaces, ready.StepGroups:
		if p.May(access.Directory) && p.listed {
			return "/directory"
		}
	case ready.StepRota:
		if p.Duty {
			return "/duty"
		}
	case ready.StepAlert:
		if p.Drills && p.May(access.Drill) {
			return "/drills"
		}
	}
	return ""
}

// Sayer says lacks in words outside a page.
func Sayer(texts flows.Texts, lang string, zone *time.Location) interface {
	T(key string, pairs ...any) string
	Says(l ready.Lack) string
} {
	return words{Lang: lang, texts: texts, zone: zone, speed: 1}
}

// Says is a lack in words.
func (w words) Says(l ready.Lack) string {
	place := l.Place.Type + " " + l.Place.Name
	switch l.What {
	case ready.LackHours:
		when := w.T("ready.on", "day", w.T(fmt.Sprintf("times.weekday.%d", (int(l.Day)+6)%7+1)), "date", l.Date.In(w.zone).Format("02/01"))
		if l.Weekly {
			when = w.T("ready.weekly", "day", w.T(fmt.Sprintf("times.weekday.%d", (int(l.Day)+6)%7+1)))
		}
		return w.T("ready.nobody", "place", place, "when", when, "from", ofDay(l.From), "to", ofDay(l.To), "level", w.Word("level", fmt.Sprint(int(l.Level))))
	case ready.LackPhone:
		return w.T("ready.no_phone", "place", place, "who", l.Member.Name)
	}
	return w.T("ready."+l.What, "place", place)
}

// ofDay is a time of day; the end of a day is 24:00, what is beyond is in the next.
func ofDay(m int) string {
	if m > 24*60 {
		m %= 24 * 60
	}
	return fmt.Sprintf("%02d:%02d", m/60, m%60)
}
