package console

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// casePage is one case: where it stands, its clocks, who was asked, and all
// that happened with the reason.
type casePage struct {
	Page
	Row    row
	Case   flows.Case
	Stages []stage
	Timers []Timer
	Asked  []askedView
	Lines  []line
	Deeds  []string // what the viewer may do
	Note   string   // on what was just done
	Good   bool
}

type stage struct {
	Name string
	At   time.Time // zero: not yet
	Due  int64     // of the clock that waits for it; 0: none
	Now  bool      // the step that the case is in
}

type askedView struct {
	Who, Role string
	flows.Alert
}

type line struct {
	flows.Event
	Who    string
	Whom   string // who an alert went to
	Reason string
}

func (c *Console) casePage(x echo.Context) error {
	ctx := x.Request().Context()
	k, m, err := c.find(x)
	if err != nil {
		return c.fault(x, err)
	}
	events, err := c.Timeline.Timeline(ctx, k.ID)
	if err != nil {
		return c.fault(x, err)
	}
	p := casePage{Page: c.page(x, "console.board.title"), Case: k}
	p.Title = p.T("case.title", "ref", k.Ref)
	p.Row = c.row(look(&k, p.Now()), p.words)
	p.Stages = stages(&k)
	p.Note, p.Good = c.note(x, &k, p.words)
	if m.ID != "" && c.Casework != nil {
		p.Deeds = deeds(&k, m)
	}
	for _, name := range slices.Sorted(maps.Keys(k.Timers)) {
		p.Timers = append(p.Timers, timer(&k, name, k.Timers[name]))
	}
	slices.SortStableFunc(p.Timers, func(a, b Timer) int { return int(a.Due - b.Due) })
	for _, a := range slices.Backward(k.Alerts) {
		m, _ := c.Member(a.Member)
		p.Asked = append(p.Asked, askedView{c.name(a.Member), m.Role, a})
	}
	for _, e := range slices.Backward(events) {
		p.Lines = append(p.Lines, c.line(&k, e, p.words))
	}
	return c.render(x, http.StatusOK, "case", p)
}

// Outcomes are how a case can end.
func (casePage) Outcomes() []string { return outcomes() }

// stages are the steps of the law, with the moment each was done or its clock.
func stages(k *flows.Case) []stage {
	s := []stage{
		{Name: "received", At: k.Opened},
		{Name: "asked", At: k.Routed},
		{Name: "taken", At: k.Taken, Due: k.Timers[flows.TimerLadder]},
		{Name: "decision", At: k.Stages[flows.StageDecided], Due: k.Timers[flows.TimerDecision]},
		{Name: "plan", At: k.Stages[flows.StagePlanned], Due: k.Timers[flows.TimerPlan]},
		{Name: "approval", At: k.Stages[flows.StageApproved], Due: k.Timers[flows.TimerApproval]},
		{Name: "closed", At: k.Closed},
	}
	for i := range s {
		if s[i].At.IsZero() && k.IsOpen() {
			s[i].Now = true
			break
		}
	}
	return s
}

func (c *Console) line(k *flows.Case, e flows.Event, w words) line {
	l := line{Event: e, Who: w.T("by.system"), Reason: reason(e, w)}
	if e.By != "" {
		l.Who = c.name(e.By)
	}
	if a := k.Alert(e.Message); a != nil {
		l.Whom = c.name(a.Member)
	}
	return l
}

// reason puts the named reason of a decision in words. Of its details only
// those that say something to a reader are shown.
func reason(e flows.Event, w words) string {
	var parts []string
	if e.Reason != "" {
		parts = append(parts, w.Word("reason", e.Reason))
	}
	if d := e.Detail["delivery"]; d != "" {
		parts = append(parts, w.Word("delivery", d))
	}
	if d, err := time.ParseDuration(e.Detail["after"]); err == nil {
		parts = append(parts, w.T("detail.after")+" "+w.Lasted(d))
	}
	if e.Detail["repeat"] != "" {
		parts = append(parts, w.T("detail.repeat"))
	}
	return strings.Join(parts, " · ")
}
