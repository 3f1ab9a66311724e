package console

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/fnv"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// boardView is the board as its template shows it.
type boardView struct {
	words
	sums
	Mood    string
	Stale   bool // the cases are older than they look
	At      time.Time
	Age     time.Duration // of a stale board, in whole minutes
	Filter  filter
	Groups  []boardGroup
	Showing int // cases that the filter lets through
	Pages   int
	Several bool // whether cases can be chosen to do something to them together
}

type boardGroup struct {
	Name string // "now" or "held"
	Rows []row
}

// row is one case on the board.
type row struct {
	Ref         flows.Ref
	Version     int64
	Status      flows.CaseStatus
	Severity    flows.Severity
	Danger      bool
	Place       string
	Who         string
	Role        string
	Channel     flows.Channel
	Opened      time.Time
	Undelivered int
	Timer       *Timer
	NoTimer     string
	Tone        string // of the clock
}

type boardPage struct {
	Page
	Filter filter
	Board  template.HTML
	Places []placeOption
	Typed  string // a reference that is none
}

type placeOption struct {
	ID   flows.PlaceID
	Name string
}

// boardRows is how many cases stand on one page: more would bury what matters.
const boardRows = 100

func (c *Console) boardPage(x echo.Context) error {
	if ref, ok := flows.ParseRef(x.QueryParam("ref")); ok {
		return x.Redirect(http.StatusSeeOther, "/cases/"+string(ref)) // open or closed
	}
	p := boardPage{Page: c.page(x, "console.board.title"), Filter: readFilter(x), Typed: clip(x.QueryParam("ref"), 20)}
	p.Wall = p.Filter.Wall
	s := c.sight(x.Request().Context())
	part, err := c.boardPart(s, p.words, p.Filter)
	if err != nil {
		return err
	}
	p.Board = template.HTML(part.html) //nolint:gosec // our own template made it
	p.Places = s.places()
	return c.render(x, http.StatusOK, "board", p)
}

// boardPart renders the inside of the board, once for all who look at the same.
func (c *Console) boardPart(s *shot, w words, f filter) (part, error) {
	return s.parts.get(fmt.Sprint(w.Lang, w.speed, f.reader, "?", f.Query()), func() (part, error) {
		v := c.board(s, w, f)
		var b bytes.Buffer
		if err := c.pages["board"].ExecuteTemplate(&b, "board", v); err != nil {
			return part{}, fmt.Errorf("render the board: %w", err)
		}
		return part{b.Bytes(), v.print()}, nil
	})
}

func (c *Console) board(s *shot, w words, f filter) boardView {
	w.now = s.made
	v := boardView{words: w, sums: s.sums, Mood: s.mood(), Stale: s.stale, At: s.at, Filter: f, Several: c.Casework != nil && !f.Wall}
	if s.stale {
		v.Age = s.made.Sub(s.at).Truncate(time.Minute)
	}
	v.Groups = []boardGroup{{Name: "now"}, {Name: "held"}}
	first := (f.Page - 1) * boardRows
	for _, e := range s.entries {
		if !f.shows(e) {
			continue
		}
		if v.Showing++; v.Showing > first && v.Showing <= first+boardRows {
			g := &v.Groups[0]
			if !e.now() {
				g = &v.Groups[1]
			}
			g.Rows = append(g.Rows, c.row(e, w))
		}
	}
	v.Pages = (v.Showing + boardRows - 1) / boardRows
	return v
}

// placesOf are the places of the open cases, by name.
func (c *Console) placesOf(entries []entry) []placeOption {
	seen := map[flows.PlaceID]bool{}
	var list []placeOption
	for _, e := range entries {
		if id := e.k.Place; id != "" && !seen[id] {
			seen[id] = true
			list = append(list, placeOption{id, c.Place(id)})
		}
	}
	slices.SortFunc(list, func(a, b placeOption) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list
}

// SeveralDeeds are what can be done to the chosen cases.
func (boardView) SeveralDeeds() []string { return severalDeeds() }

// Headline is the one sentence that a supervisor reads from across the room. It
// speaks of all cases: a filter must not make a board look calm.
func (v boardView) Headline() string {
	n := map[string]int{"urgent": v.Urgent, "late": v.Late, "waiting": v.Waiting}[v.Mood]
	return v.T("board.mood."+v.Mood, "n", n)
}

// Previous is the page before this one.
func (v boardView) Previous() int { return v.Filter.Page - 1 }

// Next is the page after this one.
func (v boardView) Next() int { return v.Filter.Page + 1 }

// print is a fingerprint of all that the board shows but the running time, so
// that a live page is only sent what has changed.
func (v boardView) print() uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, v.Mood, v.Stale, v.Age, v.Speed(), v.Lang, v.sums, v.Showing)
	for _, g := range v.Groups {
		for _, r := range g.Rows {
			_, _ = fmt.Fprint(h, g.Name, r.Ref, r.Version, r.Tone)
		}
	}
	return h.Sum64()
}

func (c *Console) row(e entry, w words) row {
	k := e.k
	r := row{
		Ref: k.Ref, Version: k.Version, Status: k.Status, Severity: k.Severity, Danger: k.Danger,
		Channel: k.Channel, Opened: k.Opened, NoTimer: k.NoTimer, Tone: e.tone, Undelivered: e.lost,
		Place: w.T("board.place.unknown"),
	}
	if e.armed {
		r.Timer = &e.timer
	}
	if k.Place != "" {
		r.Place = c.Place(k.Place)
	}
	r.Who, r.Role = c.who(k, w)
	return r
}

// who says in whose hands a case is, and at which level.
func (c *Console) who(k *flows.Case, w words) (who, role string) {
	role = w.Word("level", fmt.Sprint(int(k.Level)))
	switch k.Status {
	case flows.StatusIntake:
		return w.T("who.intake"), ""
	case flows.StatusTaken:
		if m, ok := c.Member(k.Holder); ok && m.Role != "" {
			role = w.Role(m.Role)
		}
		return c.name(k.Holder), role
	}
	var asked []flows.MemberID
	for _, a := range k.Alerts {
		if a.Level == k.Level && !slices.Contains(asked, a.Member) {
			asked = append(asked, a.Member)
		}
	}
	switch len(asked) {
	case 0:
		return w.T("who.nobody"), role
	case 1:
		return w.T("who.asked", "who", c.name(asked[0])), role
	}
	return w.T("who.asked.more", "who", c.name(asked[0]), "n", len(asked)-1), role
}

// name is a member's name, or the id of one who has left the directory.
func (c *Console) name(id flows.MemberID) string {
	if m, ok := c.Member(id); ok && m.Name != "" {
		return m.Name
	}
	return string(id)
}
