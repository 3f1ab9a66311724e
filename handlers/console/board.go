package console

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// boardView is the board as its template shows it.
type boardView struct {
	words
	// Mood is the state of the whole: urgent, late, waiting, calm, empty, or
	// blind when nothing could ever be read.
	Mood  string
	Stale bool // the cases are older than they look
	At    time.Time

	Waiting, Held, Late, Undelivered, Urgent int
	Groups                                   []boardGroup
	More                                     int
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
	Level       flows.Level
	Who         string
	Role        string
	Channel     flows.Channel
	Opened      time.Time
	Undelivered int
	Timer       *Timer
	NoTimer     string
	Tone        string // of the clock
	Untaken     bool
}

type boardPage struct {
	Page
	Board boardView
}

// Rows on one page: more would bury what matters.
const boardRows = 100

func (c *Console) boardPage(x echo.Context) error {
	p := c.page(x, "console.board.title")
	v := c.board(x, p.words)
	return c.render(x, http.StatusOK, "board", boardPage{p, v})
}

func (c *Console) board(x echo.Context, w words) boardView {
	cases, at, err := c.open(x.Request().Context())
	v := boardView{words: w, Stale: err != nil, At: at}
	rows := make([]row, 0, len(cases))
	for i := range cases {
		r := c.row(&cases[i], w)
		rows = append(rows, r)
		v.count(r)
	}
	v.Mood = v.mood()
	slices.SortStableFunc(rows, order)
	if len(rows) > boardRows {
		v.More, rows = len(rows)-boardRows, rows[:boardRows]
	}
	held := slices.IndexFunc(rows, func(r row) bool { return !r.now() })
	if held < 0 {
		held = len(rows)
	}
	v.Groups = []boardGroup{{"now", rows[:held]}, {"held", rows[held:]}}
	return v
}

func (v *boardView) count(r row) {
	switch {
	case !r.Untaken:
		v.Held++
	case r.Severity == flows.Urgent:
		v.Urgent++
		v.Waiting++
	default:
		v.Waiting++
	}
	if r.Tone == "late" {
		v.Late++
	}
	v.Undelivered += r.Undelivered
}

func (v *boardView) mood() string {
	switch {
	case v.Stale && v.At.IsZero():
		return "blind"
	case v.Urgent > 0:
		return "urgent"
	case v.Late > 0:
		return "late"
	case v.Waiting > 0:
		return "waiting"
	case v.Held > 0:
		return "calm"
	}
	return "empty"
}

// Headline is the one sentence that a supervisor reads from across the room.
func (v boardView) Headline() string {
	n := map[string]int{"urgent": v.Urgent, "late": v.Late, "waiting": v.Waiting}[v.Mood]
	return v.T("board.mood."+v.Mood, "n", n)
}

// print is a fingerprint of all that the board shows but the running time, so
// that a live page is only sent what has changed.
func (v boardView) print() uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, v.Mood, v.Stale, v.Speed(), v.Lang, v.More)
	for _, g := range v.Groups {
		for _, r := range g.Rows {
			fmt.Fprint(h, g.Name, r.Ref, r.Version, r.Tone)
		}
	}
	return h.Sum64()
}

// now reports whether the case needs somebody this minute.
func (r row) now() bool { return r.Untaken || r.Tone == "late" }

// order puts who needs somebody first, then the urgent, then the clock that
// runs out first.
func order(a, b row) int {
	rank := func(r row) int {
		n := 0
		if !r.now() {
			n += 2
		}
		if r.Severity != flows.Urgent {
			n++
		}
		return n
	}
	due := func(r row) int64 {
		if r.Timer == nil {
			return 0 // an open case without a clock is a fault: on top
		}
		return r.Timer.Due
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(due(a), due(b)), cmp.Compare(a.Ref, b.Ref))
}

func (c *Console) row(k *flows.Case, w words) row {
	r := row{
		Ref: k.Ref, Version: k.Version, Status: k.Status, Severity: k.Severity, Danger: k.Danger, Level: k.Level,
		Channel: k.Channel, Opened: k.Opened, Timer: next(k), NoTimer: k.NoTimer,
		Untaken: k.Status != flows.StatusTaken, Tone: "good", Place: c.place(k.Place, w),
	}
	if r.Timer != nil {
		r.Tone = r.Timer.Tone(w.Now())
	} else if k.NoTimer == "" {
		r.Tone = "late"
	}
	for _, a := range k.Alerts {
		if a.Delivery == flows.Undelivered {
			r.Undelivered++
		}
	}
	r.Who, r.Role = c.who(k, w)
	return r
}

func (c *Console) place(id flows.PlaceID, w words) string {
	if id == "" {
		return w.T("board.place.unknown")
	}
	return c.Place(id)
}

// who says in whose hands a case is, and at which level.
func (c *Console) who(k *flows.Case, w words) (who, role string) {
	role = w.Word("level", fmt.Sprint(int(k.Level)))
	switch k.Status {
	case flows.StatusIntake:
		return w.T("who.intake"), ""
	case flows.StatusTaken:
		m, _ := c.Member(k.Holder)
		if m.Role != "" {
			role = m.Role
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
