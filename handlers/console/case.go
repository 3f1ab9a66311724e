package console

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/record"
)

// casePage is one case: where it stands, its clocks, who was asked, and all
// that happened with the reason.
type casePage struct {
	Page
	refusal
	Row    row
	Case   flows.Case
	Stages []stage
	Timers []Timer
	Asked  []askedView
	Lines  []line
	Asking *asking  // questions to the reporter; nil: no panel
	Deeds  []string // what the viewer may do
	Whys   []string // why they may say that they cannot
	Seals  bool     // whether there is a page of its seals
	// Sheets are the forms, and Handed what was handed to other bodies.
	Sheets []sheetRow
	Handed []handed
	// What can be chosen: bodies and what they give, people, communes.
	Bodies   []string
	Receipt  []record.Field
	Latest   string // now, as controls write it
	Team     []option
	Communes []option
	Ends     []end
	// MayJoin says that the reader may link the case with others and tag it.
	MayJoin bool
	Linked  []likely
	Likely  []likely
	Tags    []tagged
	Note    string // on what was just done
	Code    string // of the note
	Good    bool
}

type stage struct {
	Name   string
	At     time.Time // zero: not yet
	Limit  int64     // of its legal clock; 0: none
	Missed bool      // that clock ran out
	Now    bool      // the step that the case is in
}

type askedView struct {
	Who, Role string
	flows.Alert
}

type line struct {
	words
	flows.Event
	Who    string // who did it; empty: the hotline
	Whom   string // who a message went to
	Reason string
}

// Title is what happened, in words.
func (l line) Title() string {
	again := l.Event.Reason == string(escalation.ReasonNextStep) || l.Event.Reason == string(escalation.ReasonTop)
	if l.Kind == flows.EventEscalated && again {
		return l.T("event.again")
	}
	return l.Word("event", string(l.Kind))
}

// Minor reports whether the line only matters when something went wrong.
func (l line) Minor() bool {
	return l.Kind == flows.EventSent || l.Kind == flows.EventRefined || l.Kind == flows.EventDelivery && l.Detail["delivery"] == string(flows.Delivered)
}

func (c *Console) casePage(x echo.Context) error {
	p, err := c.caseOf(x)
	if err == nil {
		err = c.related(x, &p)
	}
	if err != nil {
		return c.fault(x, err)
	}
	return c.render(x, http.StatusOK, "case", p)
}

// caseLive streams the page of a case as it changes.
func (c *Console) caseLive(x echo.Context) error {
	return c.stream(x, func() (part, error) {
		p, err := c.caseOf(x)
		if err != nil {
			return part{}, err
		}
		var b bytes.Buffer
		if err := c.pages["case"].ExecuteTemplate(&b, "dossier", p); err != nil {
			return part{}, fmt.Errorf("render a case: %w", err)
		}
		return part{b.Bytes(), p.print()}, nil
	})
}

func (c *Console) caseOf(x echo.Context) (casePage, error) {
	k, m, err := c.find(x)
	if err != nil {
		return casePage{}, err
	}
	events, err := c.Timeline.Timeline(x.Request().Context(), k.ID)
	if err != nil {
		return casePage{}, fmt.Errorf("timeline of a case: %w", err)
	}
	p := casePage{Page: c.page(x, "console.board.title"), Case: k, Seals: c.Pairs != nil}
	p.Title = p.T("case.title", "ref", k.Ref)
	p.Row = c.row(look(&k, p.Now()), p.words)
	p.Stages = c.stages(&k)
	p.Code, p.Note, p.Good = c.note(x, &k, p.words)
	if m.ID != "" && c.Casework != nil {
		p.Deeds, p.Whys = deeds(&k, m), whys()
	}
	for name, due := range k.Timers {
		p.Timers = append(p.Timers, timer(&k, name, due))
	}
	slices.SortFunc(p.Timers, func(a, b Timer) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Name, b.Name)) })
	for _, a := range slices.Backward(k.Alerts) {
		m, _ := c.Member(a.Member)
		p.Asked = append(p.Asked, askedView{c.name(a.Member), p.Role(m.Role), a})
	}
	p.Lines = c.lines(&k, events, p.words)
	if p.Asking, err = c.asking(x, &k, events, p.words); err != nil {
		return casePage{}, err
	}
	return p, c.dossier(x, &p, m)
}

// print is a fingerprint of all that the page shows but the running time.
func (p casePage) print() uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, p.Case.Version, len(p.Lines), p.Speed(), p.Row.Tone)
	return h.Sum64()
}

// lines are the events of a case, the last one first.
func (c *Console) lines(k *flows.Case, events []flows.Event, w words) []line {
	list := make([]line, 0, len(events))
	for _, e := range slices.Backward(events) {
		list = append(list, c.line(k, e, w))
	}
	return list
}

// stages are the steps of the law, with the moment each was done and the clock
// that waits for it. A child that was removed adds a step.
func (c *Console) stages(k *flows.Case) []stage {
	s := []stage{
		{Name: "received", At: k.Opened},
		{Name: "taken", At: k.Taken},
		c.stage(k, "assessed", flows.StageAssessed),
		c.stage(k, "decision", flows.StageDecided),
	}
	if _, removed := k.Stages[flows.StageRemoved]; removed {
		s = append(s, c.stage(k, "removal", flows.StageReturned))
	}
	s = append(s, c.stage(k, "plan", flows.StagePlanned), c.stage(k, "approval", flows.StageApproved),
		stage{Name: "review", At: k.Stages[flows.StageReviewed], Limit: k.Timers[flows.TimerReview]}, stage{Name: "closed", At: k.Closed})
	for i := range s {
		if s[i].At.IsZero() && k.IsOpen() {
			s[i].Now = true
			break
		}
	}
	return s
}

func (c *Console) stage(k *flows.Case, name string, of flows.Stage) stage {
	_, missed := k.Missed[escalation.ClockOf(of)]
	return stage{Name: name, At: k.Stages[of], Limit: c.due(k, of), Missed: missed}
}

func (c *Console) line(k *flows.Case, e flows.Event, w words) line {
	l := line{words: w, Event: e, Reason: reason(e, w)}
	switch e.Kind {
	case flows.EventSent, flows.EventDelivery, flows.EventBuried, flows.EventAlerted, flows.EventPaged:
		l.Whom = c.name(e.By)
		if a := k.Alert(e.Message); a != nil {
			l.Whom = c.name(a.Member)
		}
	default:
		if e.By != "" {
			l.Who = c.name(e.By)
		}
	}
	return l
}

// reason puts the named reason of a decision in words. Of its details only
// those that say something to a reader are shown.
func reason(e flows.Event, w words) string {
	var parts []string
	switch {
	case e.Kind == flows.EventRefined && e.Reason != "":
		for what := range strings.SplitSeq(e.Reason, "+") {
			parts = append(parts, w.Word("answer", what))
		}
	case e.Kind == flows.EventAsked || e.Kind == flows.EventAnswered:
		parts = append(parts, w.Name(e.Reason))
	case e.Kind == flows.EventReferred:
		parts = append(parts, w.Word("body", e.Reason))
	case e.Kind == flows.EventTagged:
		parts = append(parts, w.Word("tag", e.Reason))
	case e.Reason != "":
		parts = append(parts, w.Word("reason", e.Reason))
	}
	if e.Kind == flows.EventEntered && e.Detail["late"] != "" {
		if d, err := time.ParseDuration(e.Detail["late"]); err == nil {
			parts = append(parts, w.T("form.finished.late", "late", w.Lasted(d)))
		}
		parts = append(parts, w.Word("delay", e.Detail["why"]))
	}
	if why := e.Detail["why"]; why != "" && e.Kind == flows.EventClosed {
		parts = append(parts, w.Word("why", why))
	}
	if e.Detail["off"] != "" {
		parts = append(parts, w.T("detail.off"))
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
