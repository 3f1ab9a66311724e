package console

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
)

// Page is what every page knows.
type Page struct {
	words
	Title     string
	Theme     string // "light", "dark" or "" for what the device prefers
	Path      string // of this page, for the links that only change language or theme
	InDemo    bool
	Visitors  []DemoRole // whom the visitor of a demo can be
	Times     bool       // whether there is a page of response times
	Duty      bool       // whether there is a duty calendar
	Drills    bool       // whether there is a page of drills
	Traffic   bool       // whether there is a page of what providers did
	Prepared  bool       // whether there is a page of what is missing
	Set       bool       // whether the settings can be looked at
	Pairs     bool       // whether there is a page of what needs two people
	Directory bool       // whether there is a page of places, groups and members
	Heart     bool       // whether there is a page of how the hotline itself is
	Papers    bool       // whether posters and guides can be had
	Reader    access.Who
	Signed    bool // whether they have an account, and can sign out
	Audit     bool // whether there is an audit to read
	Wall      bool // for a screen on a wall: large, and nothing to click
}

// words speaks one language and writes times as the province does.
type words struct {
	Lang  string
	texts flows.Texts
	zone  *time.Location
	now   time.Time
	speed int
}

// May reports whether the reader may ever do something.
func (p Page) May(v access.Verb) bool { return access.Allowed(p.Reader, v, access.Thing{}).OK }

// T is the text of console.<key>.
func (w words) T(key string, pairs ...any) string {
	named := make([]string, len(pairs))
	for i, p := range pairs {
		named[i] = fmt.Sprint(p)
	}
	return w.texts.Text(w.Lang, "console."+key, named...)
}

// Word is the text of a value that may be newer than our words: an unknown one
// is shown as it is.
func (w words) Word(kind, value string) string {
	if s, ok := w.texts[w.Lang]["console."+kind+"."+value]; ok {
		return s
	}
	return value
}

// Role is a role of the directory in the reader's language.
func (w words) Role(role string) string {
	if s, ok := w.texts[w.Lang]["console.role."+strings.ReplaceAll(strings.ToLower(role), " ", "_")]; ok {
		return s
	}
	return role
}

// Now is the moment the page was made, in Unix milliseconds.
func (w words) Now() int64 { return flows.Millis(w.now) }

// Time is the moment the page was made.
func (w words) Time() time.Time { return w.now }

// Offset is how far the province's clocks are ahead of UTC, in seconds.
func (w words) Offset() int {
	_, s := w.now.In(w.zone).Zone()
	return s
}

// Speed is how fast time runs: 1, but in demo.
func (w words) Speed() int { return w.speed }

// Minute is a time of day.
func (w words) Minute(t time.Time) string { return t.In(w.zone).Format("15:04") }

// Seconds is a time of day to the second.
func (w words) Seconds(t time.Time) string { return t.In(w.zone).Format("15:04:05") }

// Full is a time of day with its date and seconds.
func (w words) Full(t time.Time) string { return t.In(w.zone).Format("15:04:05 02/01/2006") }

// Day is a day of a file, 2026-12-31, as people write it.
func (w words) Day(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("02/01/2006")
}

// Date is the day of a moment.
func (w words) Date(t time.Time) string { return t.In(w.zone).Format("02/01/2006") }

// When is a time of day, with the date when it is not today's.
func (w words) When(t time.Time) string {
	a, b := t.In(w.zone), w.now.In(w.zone)
	if a.YearDay() == b.YearDay() && a.Year() == b.Year() {
		return a.Format("15:04")
	}
	return a.Format("15:04 02/01")
}

// Stamp is a moment as machines read it.
func (words) Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Left is the time left until due as the scripts write it too: 14:32, 11:24:05,
// 4 d 6 h, and a plus sign when it is over.
func (w words) Left(due int64) string {
	ms := due - w.Now()
	if ms < 0 {
		return "+" + w.Lasted(time.Duration(-ms)*time.Millisecond)
	}
	return w.Lasted(time.Duration(ms) * time.Millisecond)
}

// Lasted is a length of time: 14:32, 11:24:05, 4 d 6 h.
func (w words) Lasted(d time.Duration) string {
	s := int64(d / time.Second)
	switch {
	case s >= 48*3600:
		return fmt.Sprintf("%d %s %d %s", s/86400, w.T("clock.day"), s%86400/3600, w.T("clock.hour"))
	case s >= 3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s%3600/60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Decimal is a number with one digit behind the mark of the reader's language.
func (w words) Decimal(f float64) string {
	s := strconv.FormatFloat(f, 'f', 1, 64)
	if w.Lang == "vi" {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}

// Short is a round length of time, as 15 min or 2 h.
func (w words) Short(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d %s", int(d.Minutes()), w.T("clock.minute"))
	}
	return fmt.Sprintf("%d %s", int(d.Hours()), w.T("clock.hour"))
}

// Span is a length of time in two units at most: 0, 12 ms, 3 s, 4 min, 2 h 3 min.
func (w words) Span(d time.Duration) string {
	sign := ""
	if d < 0 {
		d, sign = -d, "−"
	}
	switch {
	case d == 0:
		return "0"
	case d < time.Second:
		return fmt.Sprintf("%s%d ms", sign, d.Milliseconds())
	}
	var said []string
	for _, part := range []struct {
		n    time.Duration
		unit string
	}{{d / time.Hour, "hour"}, {d % time.Hour / time.Minute, "minute"}, {d % time.Minute / time.Second, "second"}} {
		if part.n > 0 && len(said) < 2 {
			said = append(said, fmt.Sprintf("%d %s", part.n, w.T("clock."+part.unit)))
		}
	}
	return sign + strings.Join(said, " ")
}

func (c *Console) words(lang string) words {
	w := words{Lang: lang, texts: c.Texts, zone: c.Zone, now: c.Now(), speed: 1}
	if c.Demo != nil {
		w.speed = c.Demo.Clock.Speed()
	}
	return w
}

// page reads what the reader chose: the language, the theme.
func (c *Console) page(x echo.Context, title string) Page {
	lang := choice(x, "lang", "vi", "vi", "en")
	p := Page{
		words: c.words(lang), Path: x.Request().URL.Path, InDemo: c.Demo != nil,
		Times: c.History != nil && c.may(x, access.Figures), Duty: c.Rota != nil && c.may(x, access.Rota),
		Drills:   c.Clerk != nil && c.may(x, access.Rota),
		Prepared: c.Ready != nil && c.may(x, access.Service), Set: c.Settings != nil && c.may(x, access.Settings),
		Directory: c.Directory != nil && c.may(x, access.Directory), Heart: c.Health != nil && c.may(x, access.Service),
		Traffic: c.Providers != nil && c.may(x, access.Service),
		Pairs:   c.Pairs != nil && c.may(x, access.Agree),
		Papers:  c.Printer != nil && c.may(x, access.Self),
		Theme:   choice(x, "theme", "", "light", "dark"),
		Reader:  access.From(x.Request().Context()), Signed: c.Accounts != nil, Audit: c.Deeds != nil,
	}
	p.Title = c.Texts.Text(lang, title)
	if c.Demo != nil {
		p.Visitors = c.Demo.Roles
	}
	return p
}

// Other is the language that the page can be switched to.
func (p Page) Other() string {
	if p.Lang == "vi" {
		return "en"
	}
	return "vi"
}

// choice reads a setting from the address, which is then remembered, or from
// what was remembered. Only the allowed values count.
func choice(x echo.Context, name, otherwise string, allowed ...string) string {
	if v := x.QueryParam(name); slices.Contains(allowed, v) {
		x.SetCookie(&http.Cookie{
			Name: name, Value: v, Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: x.IsTLS(),
		})
		return v
	}
	if k, err := x.Cookie(name); err == nil && slices.Contains(allowed, k.Value) {
		return k.Value
	}
	return otherwise
}

func (c *Console) render(x echo.Context, status int, name string, data any) error {
	var b bytes.Buffer
	if err := c.pages[name].ExecuteTemplate(&b, "layout", data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	x.Response().Header().Set("Content-Length", strconv.Itoa(b.Len()))
	return x.HTMLBlob(status, b.Bytes())
}
