package console

import (
	"cmp"
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation/duty"
	"hotline/flows/places"
)

// Directory is where places, groups and members are kept. It is replaced whole.
type Directory interface {
	Directory(ctx context.Context) (flows.Directory, error)
	ReplaceDirectory(ctx context.Context, from string, d flows.Directory) error
}

// Prover proves whose a phone is: the clerk of package duty.
type Prover interface {
	ProveFor(ctx context.Context, id flows.MemberID, mark, digits string) (ok bool, err error)
	Resend(ctx context.Context, id flows.MemberID) error
}

// directoryPage is the people of all groups, and what the groups lack.
type directoryPage struct {
	Page
	Q       string
	Level   string
	Rows    []memberRow
	Found   int
	Number  int // of the page, from 1
	Lacking []lack
	Empty   int // communes without anybody
	Staffed int
	Members int
	Places  []flows.Place // that the words name
	MayEdit bool
	Version string
	Note    string
	Good    bool
	Import  *importPart
}

// memberRow is a member as the page shows them: their numbers are masked.
type memberRow struct {
	flows.Member
	Group     string
	Lines     []phoneLine
	Delegates []string
	Silent    bool // no phone of theirs counts
}

type phoneLine struct {
	Shown string
	Mark  string // of a phone that does not count yet
}

// lack is a group that lacks somebody whom the ladder needs.
type lack struct {
	Place flows.Place
	Level flows.Level
	// Unproven says that there is somebody, and none of their phones counts.
	Unproven bool
}

// memberRows is how many members stand on one page.
const memberRows = 50

func (c *Console) directoryPage(x echo.Context) error {
	p, err := c.directoryOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	if p.Note = one(x.QueryParam("note"), "proven", "wrong", "sent", "imported", "moved"); p.Note != "" {
		p.Good = p.Note != "wrong" && p.Note != "moved"
	}
	return c.render(x, http.StatusOK, "directory", p)
}

func (c *Console) directoryOf(x echo.Context) (directoryPage, error) {
	p := directoryPage{
		Page: c.page(x, "console.directory.title"), Number: 1, MayEdit: c.may(x, access.Import),
		Q: clip(strings.TrimSpace(x.QueryParam("q")), 64), Level: one(x.QueryParam("level"), "0", "1", "2", "3", "4", "5"),
	}
	if n, err := strconv.Atoi(x.QueryParam("page")); err == nil {
		p.Number = min(max(n, 1), 10_000)
	}
	d, err := c.Directory.Directory(x.Request().Context())
	if err != nil {
		return p, err
	}
	p.Version, p.Members = d.Version, len(d.Members)
	p.Lacking, p.Empty, p.Staffed = lacking(d)
	where := map[flows.PlaceID]flows.Place{}
	for _, place := range d.Places {
		where[place.ID] = place
	}
	want := places.Fold(p.Q)
	for _, m := range d.Members {
		row := rowOf(m, where[m.Place], d)
		if p.Level != "" && strconv.Itoa(int(m.Level)) != p.Level || !strings.Contains(places.Fold(row.searched()+" "+p.Word("role", m.Role)), want) {
			continue
		}
		p.Rows = append(p.Rows, row)
	}
	slices.SortStableFunc(p.Rows, func(a, b memberRow) int {
		return cmp.Or(strings.Compare(a.Group, b.Group), cmp.Compare(a.Level, b.Level), strings.Compare(a.Name, b.Name))
	})
	p.Found = len(p.Rows)
	from := min((p.Number-1)*memberRows, p.Found)
	p.Rows = p.Rows[from:min(from+memberRows, p.Found)]
	if want != "" {
		for _, place := range d.Places {
			if place.Until == "" && strings.Contains(places.Fold(place.Type+" "+place.Name), want) && len(p.Places) < 8 {
				p.Places = append(p.Places, place)
			}
		}
	}
	return p, nil
}

func rowOf(m flows.Member, place flows.Place, d flows.Directory) memberRow {
	r := memberRow{Member: m, Group: strings.TrimSpace(place.Type + " " + place.Name), Silent: len(m.Phones) == 0}
	for _, phone := range m.Phones {
		r.Lines = append(r.Lines, phoneLine{Shown: ending(phone)})
	}
	for _, u := range m.Unproven {
		r.Lines = append(r.Lines, phoneLine{Shown: ending(u.Phone), Mark: duty.PhoneMark(u.Phone)})
	}
	for _, id := range m.Delegates {
		i := slices.IndexFunc(d.Members, func(o flows.Member) bool { return o.ID == id })
		if i >= 0 {
			r.Delegates = append(r.Delegates, d.Members[i].Name)
		}
	}
	return r
}

// ending is as much of a member's number as tells their own phones apart: its last
// three digits. Reporters' numbers never come here.
func ending(p flows.Phone) string {
	const shown = 3
	number := p.E164()
	return "••• " + number[max(0, len(number)-shown):]
}

// searched is what a search looks through. Numbers are not in it: nobody finds out
// by trying whose a number is.
func (r memberRow) searched() string {
	return strings.Join([]string{string(r.ID), r.Name, r.Role, r.Group}, " ")
}

// lacking lists the groups without a duty member or a head, or with none who can
// be reached, and counts the communes that have nobody at all.
func lacking(d flows.Directory) (list []lack, empty, staffed int) {
	type seat struct {
		place flows.PlaceID
		level flows.Level
	}
	people, reached, groups := map[seat]int{}, map[seat]int{}, map[flows.PlaceID]bool{}
	for _, m := range d.Members {
		people[seat{m.Place, m.Level}]++
		groups[m.Place] = true
		if len(m.Phones) > 0 {
			reached[seat{m.Place, m.Level}]++
		}
	}
	for _, place := range d.Places {
		if place.Until != "" || place.ID != d.Province && places.Above(place) {
			continue
		}
		need := []flows.Level{flows.LevelDuty, flows.LevelHead}
		if place.ID == d.Province {
			need = []flows.Level{flows.LevelDesk, flows.LevelDepartment}
		}
		if !groups[place.ID] {
			empty++
			continue
		}
		staffed++
		for _, l := range need {
			if s := (seat{place.ID, l}); reached[s] == 0 {
				list = append(list, lack{place, l, people[s] > 0})
			}
		}
	}
	return list, empty, staffed
}

// Query is the address of another page of the same search.
func (p directoryPage) Query(number int) template.URL {
	v := url.Values{}
	for key, value := range map[string]string{"q": p.Q, "level": p.Level} {
		if value != "" {
			v.Set(key, value)
		}
	}
	v.Set("page", strconv.Itoa(number))
	return template.URL(v.Encode()) //nolint:gosec // encoded just now
}

// Previous is the number of the page before this one.
func (p directoryPage) Previous() int { return p.Number - 1 }

// Next is the number of the page after this one; 0: there is none.
func (p directoryPage) Next() int {
	if p.Number*memberRows < p.Found {
		return p.Number + 1
	}
	return 0
}

// Levels are the rungs to filter by.
func (directoryPage) Levels() []string { return []string{"0", "1", "2", "3", "4", "5"} }

// proveMember takes the code that a member heard or read on a phone.
func (c *Console) proveMember(x echo.Context) error {
	ctx, id := x.Request().Context(), flows.MemberID(x.FormValue("member"))
	if _, known := c.Member(id); !known {
		return c.backTo(x, "", "wrong")
	}
	if err := c.noted(ctx, flows.DeedDirectory, "phone code of "+string(id), "typed"); err != nil {
		return c.fault(x, err)
	}
	ok, err := c.Prover.ProveFor(ctx, id, x.FormValue("mark"), strings.TrimSpace(x.FormValue("digits")))
	if err != nil {
		return c.fault(x, err)
	}
	note := "wrong"
	if ok {
		note = "proven"
	}
	return c.backTo(x, id, note)
}

// resendCode sends new codes to the phones of a member that do not count yet.
func (c *Console) resendCode(x echo.Context) error {
	ctx, id := x.Request().Context(), flows.MemberID(x.FormValue("member"))
	if _, known := c.Member(id); !known {
		return c.backTo(x, "", "wrong")
	}
	if err := c.noted(ctx, flows.DeedDirectory, "phone code of "+string(id), "sent again"); err != nil {
		return c.fault(x, err)
	}
	if err := c.Prover.Resend(ctx, id); err != nil {
		return c.fault(x, err)
	}
	return c.backTo(x, id, "sent")
}

func (c *Console) backTo(x echo.Context, id flows.MemberID, note string) error {
	v := url.Values{"q": {string(id)}, "note": {note}}
	return x.Redirect(http.StatusSeeOther, "/directory?"+v.Encode())
}

// noted writes down what the reader of a page is about to do.
func (c *Console) noted(ctx context.Context, kind flows.DeedKind, what, why string) error {
	who := access.From(ctx)
	return c.Guard.Journal.Audit(ctx, flows.Deed{Who: who.ID(), Kind: kind, What: what, Why: why, From: access.Mark(ctx)})
}
