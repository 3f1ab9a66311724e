package console

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/record"
)

// Steps carries out a member's decision on one case: escalation.Service.
type Steps interface {
	Answer(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, decide escalation.Decide) (flows.Case, error)
}

// Referrals is where a hand-over to another body is written down, and where its
// receipt is read: record.Service.
type Referrals interface {
	Refer(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, r record.Receipt) (flows.Case, error)
}

// Team is who a case can be given to, and where it can go.
type Team struct {
	// Members are those who may see a case, but for its holder.
	Members func(*flows.Case) []flows.Member
	// Communes are the places that can take a case.
	Communes func() []flows.Place
}

// sheetRow is a form in the list of a case.
type sheetRow struct {
	Code   string
	Filled int
	Of     int
	Done   time.Time
	Due    int64
	Missed bool
}

// handed is a hand-over as the page shows it.
type handed struct {
	To  string
	At  time.Time
	Who string
}

// end is one way in which a case can end, with the reasons for it.
type end struct {
	Outcome string
	Whys    []string
}

// option is one line of a list to choose from.
type option struct{ Value, Label string }

// dossier adds the record to the page of a case: forms, hand-overs, and what can
// be chosen in its deeds.
func (c *Console) dossier(x echo.Context, p *casePage, m flows.Member) error {
	k := &p.Case
	for _, r := range k.Referrals {
		p.Handed = append(p.Handed, handed{p.Word("body", r.To), r.At, c.name(r.By)})
	}
	p.MayJoin = c.Steps != nil && escalation.MayRead(k, m) && k.Status != flows.StatusIntake
	if p.MayJoin && c.Catalogue != nil {
		for _, t := range c.Catalogue.Tags {
			if on := slices.Contains(k.Tags, t.Code); on || !t.Head || m.Level != flows.LevelDuty {
				p.Tags = append(p.Tags, tagged{t.Code, on})
			}
		}
	}
	if c.Forms == nil || !escalation.MayRead(k, m) {
		return nil
	}
	started, err := c.Forms.Started(x.Request().Context(), k.ID)
	if err != nil {
		return err
	}
	for _, f := range c.Catalogue.Forms {
		_, removed := k.Stages[flows.StageRemoved]
		if f.Stage == flows.StageReturned && !removed {
			continue
		}
		_, missed := k.Missed[escalation.ClockOf(f.Stage)]
		p.Sheets = append(p.Sheets, sheetRow{f.Code, started[f.Code], len(f.Fields), k.Stages[f.Stage], c.due(k, f.Stage), missed})
	}
	if _, err := escalation.Write(p.now, *k, m); err != nil {
		return nil //nolint:nilerr // they may read
	}
	for _, outcome := range slices.Sorted(maps.Keys(c.Catalogue.Outcomes)) {
		p.Ends = append(p.Ends, end{outcome, c.Catalogue.Outcomes[outcome]})
	}
	p.Bodies, p.Receipt = c.Catalogue.Bodies, c.Catalogue.Receipt
	p.Latest = p.now.In(p.zone).Format("2006-01-02T15:04")
	if c.Steps == nil {
		return nil
	}
	for _, t := range c.Team.Members(k) {
		p.Team = append(p.Team, option{string(t.ID), t.Name + " · " + p.Role(t.Role)})
	}
	if m.Level != flows.LevelDuty {
		for _, place := range c.Team.Communes() {
			if place.ID != k.Place {
				p.Communes = append(p.Communes, option{string(place.ID), c.Place(place.ID)})
			}
		}
	}
	return nil
}

// refer writes a hand-over down.
func (c *Console) refer(x echo.Context) error {
	k, m, err := c.find(x)
	if err != nil {
		return c.fault(x, err)
	}
	if m.ID == "" || c.Referrals == nil {
		return c.fault(x, flows.ErrNotFound)
	}
	r := record.Receipt{To: x.FormValue("to"), At: x.FormValue("at"), Fields: map[string]string{}}
	for _, f := range c.Catalogue.Receipt {
		r.Fields[f.Name] = x.FormValue("f." + f.Name)
	}
	_, err = c.Referrals.Refer(x.Request().Context(), m.ID, k.ID, Screen, r)
	return c.back(x, &k, err, "refer")
}

// back goes back to the page of a case with a word on what became of a deed.
func (c *Console) back(x echo.Context, k *flows.Case, err error, note string) error {
	var refused *escalation.Refused
	var bad *record.Unfinished
	if r, ok := c.refusedForm(x, formOf(x), err); ok {
		return c.again(x, k, r)
	}
	switch {
	case errors.As(err, &bad):
		note = "unfinished"
	case errors.As(err, &refused):
		note = string(refused.Reason)
	case err != nil:
		return c.fault(x, err)
	}
	if note == "recuse" {
		return x.Redirect(http.StatusSeeOther, "/board") // the case is no longer theirs to see
	}
	return x.Redirect(http.StatusSeeOther, "/cases/"+string(k.Ref)+"?note="+url.QueryEscape(note))
}

// formOf is which form of the page of a case was sent: the end of its address.
func formOf(x echo.Context) string {
	if deed := x.Param("deed"); deed != "" {
		return deed
	}
	return path.Base(x.Path())
}

// step is the decision behind a deed that names somebody, some place or some
// reason.
func (c *Console) step(x echo.Context, k *flows.Case, deed string) (escalation.Decide, bool) {
	switch deed {
	case "close":
		outcome, why, _ := strings.Cut(x.FormValue("end"), "|")
		if !c.Catalogue.Ends(outcome, why) {
			return refuse("no_outcome"), true
		}
		return func(now time.Time, k flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
			return escalation.CloseAs(now, k, m, via, outcome, why, w)
		}, true
	case "assign":
		to, known := c.Member(flows.MemberID(x.FormValue("to")))
		if !known || !slices.ContainsFunc(c.Team.Members(k), func(m flows.Member) bool { return m.ID == to.ID }) {
			return refuse("no_member"), true
		}
		return func(now time.Time, k flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
			return escalation.HandOver(now, k, m, to, via, w)
		}, true
	case "transfer":
		to := flows.PlaceID(x.FormValue("to"))
		return func(now time.Time, k flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
			return escalation.Transfer(now, k, m, to, via, w)
		}, true
	case "tag":
		tag, known := c.Catalogue.Tag(x.FormValue("tag"))
		if !known {
			return refuse("no_tag"), true
		}
		return func(now time.Time, k flows.Case, m flows.Member, via flows.Channel, _ escalation.World) (flows.Change, error) {
			return escalation.TagAs(now, k, m, tag.Code, tag.Head, via)
		}, true
	case "decline":
		// Without a reason it is a plain no, as by text; one that is not in the
		// list is nothing that anybody chose.
		why := x.FormValue("why")
		if why != "" && !slices.Contains(whys(), why) {
			return refuse("no_reason"), true
		}
		return escalation.DeclineAs(why), true
	case "again":
		return escalation.Reopen, true
	case "lower":
		return escalation.Lower, true
	case "onsite":
		return escalation.OnSite, true
	case "recuse":
		return escalation.Recuse, true
	case "official":
		return escalation.Official, true
	}
	return nil, false
}

// refuse is a decision that is refused for a reason.
func refuse(why escalation.Refusal) escalation.Decide {
	return func(time.Time, flows.Case, flows.Member, flows.Channel, escalation.World) (flows.Change, error) {
		return flows.Change{}, &escalation.Refused{Reason: why}
	}
}
