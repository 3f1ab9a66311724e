package console

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Settings are what an official may change in files, to be looked at here: the
// policy of escalation, the flows of questions, the languages.
type Settings struct {
	World func() escalation.World
	Flows []string
	// Draw writes a flow as SVG with the words of a language.
	Draw  func(out io.Writer, flow, language string) error
	Packs []LanguagePack
}

// LanguagePack is how far a language is.
type LanguagePack struct {
	Language string
	Name     string // in the language itself
	Reviewer string // empty: no speaker has read it yet
	Date     string // of the review, YYYY-MM-DD
	Texts    int
	Of       int
	Missing  []string // keys of texts, some of them
}

// settingsPage shows the settings and answers: who would be told of a case like this?
type settingsPage struct {
	Page
	Posts  []flows.Place
	Like   like
	Faults map[string]string // field → text
	Steps  []toldStep
	Policy *escalation.Policy
	Draws  []string
	Packs  []LanguagePack
	kinds  []string
	ages   []string
}

// like is a case that does not exist.
type like struct {
	Asked            bool
	Place, Kind, Age string
	Danger, Official bool
	At               string // as a form writes it
	Hours            int
}

// toldStep is one step of the ladder: when, what, why, and who is asked how.
type toldStep struct {
	At    time.Time
	After time.Duration
	Lines []toldLine
	Asked []toldAsked
}

type toldLine struct {
	Event  flows.Event
	Reason string
}

type toldAsked struct {
	Channel flows.Channel
	Names   []string
	Held    time.Time // zero: it leaves at once
}

// horizons are how far ahead can be looked, in hours.
func horizons() []int { return []int{6, 24, 72} }

func (c *Console) settingsPage(x echo.Context) error {
	p := settingsPage{
		Page: c.page(x, "console.settings.title"), Posts: c.Rota.Posts(), Policy: c.Settings.World().Policy,
		Draws: c.Settings.Flows, Packs: c.Settings.Packs, Faults: map[string]string{},
		kinds: c.known("kind"), ages: c.known("age"),
	}
	p.Like = p.read(x)
	status := http.StatusOK
	if p.Like.Asked {
		at, err := time.ParseInLocation(moment, p.Like.At, p.zone)
		if err != nil {
			p.Faults["at"], status = p.T("duty.fault.time"), http.StatusUnprocessableEntity
		} else {
			p.Steps = c.told(p.Like, at, p.words)
		}
	}
	return c.render(x, status, "settings", p)
}

// known are the values of a kind that have words.
func (c *Console) known(kind string) []string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(c.Texts["vi"])) {
		if v, ok := strings.CutPrefix(key, "console."+kind+"."); ok && !strings.Contains(v, ".") {
			list = append(list, v)
		}
	}
	return list
}

// read takes what was asked for; what is none of the choices is left out.
func (p settingsPage) read(x echo.Context) like {
	l := like{
		Asked: x.QueryParam("place") != "" || x.QueryParam("kind") != "",
		Kind:  one(x.QueryParam("kind"), p.kinds...), Age: one(x.QueryParam("age"), p.ages...),
		Danger: x.QueryParam("danger") != "", Official: x.QueryParam("official") != "",
		At: clip(x.QueryParam("at"), 16), Hours: 24,
	}
	for _, post := range p.Posts {
		if string(post.ID) == x.QueryParam("place") && post.Parent != "" {
			l.Place = string(post.ID)
		}
	}
	for _, h := range horizons() {
		if x.QueryParam("hours") == fmt.Sprint(h) {
			l.Hours = h
		}
	}
	if l.At == "" {
		l.At = p.now.In(p.zone).Format(moment)
	}
	return l
}

// told plays the ladder for a case like this.
func (c *Console) told(l like, at time.Time, w words) []toldStep {
	k := flows.Case{
		ID: "00example", Ref: "K7F4", Place: flows.PlaceID(l.Place), Kind: l.Kind, Age: l.Age, Danger: l.Danger,
		AgainstOfficial: l.Official, Opened: at, Channel: flows.USSD, Language: "vi",
	}
	var list []toldStep
	for _, ch := range escalation.Preview(at, k, c.Settings.World(), time.Duration(l.Hours)*time.Hour) {
		s := toldStep{At: ch.At, After: ch.At.Sub(at)}
		for _, e := range ch.Events {
			if e.Kind != flows.EventAlerted {
				s.Lines = append(s.Lines, toldLine{e, w.Word("reason", e.Reason)})
			}
		}
		for _, m := range ch.Send {
			s.Asked = c.ask1(s.Asked, m, ch.At)
		}
		if len(s.Lines)+len(s.Asked) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// ask1 adds one message to those of a step, beside those that leave the same way.
func (c *Console) ask1(list []toldAsked, m flows.Message, at time.Time) []toldAsked {
	held := time.Time{}
	if m.Due.After(at) {
		held = m.Due
	}
	for i := range list {
		if list[i].Channel == m.Channel && list[i].Held.Equal(held) {
			list[i].Names = append(list[i].Names, c.name(m.To))
			return list
		}
	}
	return append(list, toldAsked{m.Channel, []string{c.name(m.To)}, held})
}

// flowPicture is a flow as a picture.
func (c *Console) flowPicture(x echo.Context) error {
	name, ok := strings.CutSuffix(x.Param("file"), ".svg")
	if !ok || !slices.Contains(c.Settings.Flows, name) {
		return c.fault(x, flows.ErrNotFound)
	}
	var b bytes.Buffer
	if err := c.Settings.Draw(&b, name, choice(x, "lang", "vi", "vi", "en")); err != nil {
		return fmt.Errorf("draw a flow: %w", err)
	}
	// The picture brings its own style; it is opened by itself or as an image, and
	// can do nothing.
	x.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	return x.Blob(http.StatusOK, "image/svg+xml", b.Bytes())
}

// Kinds are the kinds of harm, Ages the ages, and Hours how far one can look.
func (p settingsPage) Kinds() []string { return p.kinds }

// Ages are the ages of a child that a report can tell.
func (p settingsPage) Ages() []string { return p.ages }

// Hours are how far one can look.
func (settingsPage) Hours() []int { return horizons() }

// Severities are the two ladders.
func (settingsPage) Severities() []flows.Severity {
	return []flows.Severity{flows.Urgent, flows.Normal}
}

// Levels are the levels that a severity's ladder has.
func (p settingsPage) Levels(s flows.Severity) []flows.Level {
	return slices.Sorted(maps.Keys(p.Policy.Rules[s].Levels))
}

// Rule is what one level of a ladder gets.
func (p settingsPage) Rule(s flows.Severity, l flows.Level) escalation.LevelRule {
	return p.Policy.Rules[s].Levels[l]
}

// Tag is the language as browsers know it (ISO 639-3, by BCP 47).
func (l LanguagePack) Tag() string {
	tags := map[string]string{"dao": "ium", "mong": "hmn", "muong": "mtq", "tay": "tyz", "thai": "blt"}
	return cmp.Or(tags[l.Language], l.Language)
}

// Percent is how much of a language is there.
func (l LanguagePack) Percent() int { return 100 * l.Texts / max(1, l.Of) }
