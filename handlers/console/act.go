package console

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Casework is where a member's decision ends, the same place as their texts,
// calls and key presses: escalation.Service.
type Casework interface {
	Take(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel) (flows.Case, error)
	Raise(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel) (flows.Case, error)
}

// Screen is the channel of what was decided on these pages.
const Screen flows.Channel = "console"

// deeds are what a member may do to a case at the moment.
func deeds(k *flows.Case, m flows.Member) []string {
	var list []string
	switch k.Status {
	case flows.StatusOpen:
		list = append(list, "take")
		if asked(k, m.ID) {
			list = append(list, "decline")
		}
	case flows.StatusTaken:
		if k.Holder == m.ID {
			list = append(list, "decline")
		}
	default:
		return nil
	}
	if k.Severity != flows.Urgent {
		list = append(list, "raise")
	}
	if k.Status == flows.StatusTaken && (k.Holder == m.ID || m.Level != flows.LevelDuty) {
		list = append(list, "onsite")
	}
	if k.Severity == flows.Urgent && m.Level != flows.LevelDuty && m.Level != flows.LevelDesk {
		list = append(list, "lower")
	}
	return list
}

func asked(k *flows.Case, id flows.MemberID) bool {
	for _, a := range k.Alerts {
		if a.Member == id && a.Declined.IsZero() {
			return true
		}
	}
	return false
}

// find reads the case of a page. A case that the viewer must not see is as good
// as none.
func (c *Console) find(x echo.Context) (flows.Case, flows.Member, error) {
	ref, ok := flows.ParseRef(x.Param("ref"))
	if !ok {
		return flows.Case{}, flows.Member{}, flows.ErrNotFound
	}
	k, err := c.Timeline.CaseByRef(x.Request().Context(), ref)
	if err != nil {
		return flows.Case{}, flows.Member{}, err
	}
	m, _ := c.viewer(x)
	return k, m, nil
}

// act carries out what a member decided on the page of a case, and goes back to
// it with a word on what became of it.
func (c *Console) act(x echo.Context) error {
	k, m, err := c.find(x)
	if err != nil {
		return c.fault(x, err)
	}
	if m.ID == "" || c.Casework == nil {
		return c.fault(x, flows.ErrNotFound)
	}
	deed := x.Param("deed")
	return c.back(x, &k, c.carryOut(x, &k, m.ID, deed), done(x, deed))
}

// done names what a member did: who is party to a case is out of it, and does not
// merely decline.
func done(x echo.Context, deed string) string {
	if deed == "decline" && x.FormValue("why") == escalation.DeclinedRelated {
		return "recuse"
	}
	return deed
}

// carryOut does what a member decided, whatever page or link they decided it on.
func (c *Console) carryOut(x echo.Context, k *flows.Case, by flows.MemberID, deed string) error {
	ctx, id := x.Request().Context(), k.ID
	var err error
	if decide, ok := c.step(x, k, deed); ok && c.Steps != nil {
		if _, err = c.Steps.Answer(ctx, by, id, Screen, decide); err != nil {
			return fmt.Errorf("%s a case: %w", deed, err)
		}
		return nil
	}
	switch deed {
	case "take":
		_, err = c.Casework.Take(ctx, by, id, Screen)
	case "raise":
		_, err = c.Casework.Raise(ctx, by, id, Screen)
	default:
		return flows.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s a case: %w", deed, err)
	}
	return nil
}

// goodNotes are the words on what was done.
func goodNotes() []string {
	return []string{
		"take", "decline", "raise", "close", "held", "lower", "onsite", "assign", "transfer", "recuse", "official",
		"ask", "refer", "link", "unlink", "merge", "reopen", "again", "tag",
	}
}

// whys are the reasons that somebody who cannot take a case chooses from, those of
// the texts and menus of phones and one for all others.
func whys() []string { return append(escalation.DeclineReasons(), escalation.DeclinedOther) }

// note is what a page says about what was just done, or refused, in the words
// of the case as it is now.
func (c *Console) note(x echo.Context, k *flows.Case, w words) (code, text string, good bool) {
	code = one(x.QueryParam("note"), append(goodNotes(),
		"not_ready", "taken", "closed", "not_asked", "urgent_already", "normal_already", "level", "not_held",
		"no_outcome", "no_member", "no_case", "no_tag", "no_reason", "linked_already", "not_linked", "open_already", "hidden", "place", "unfinished", "no_question", "question_waits", "questions_full", "no_receipt")...)
	if code == "" {
		return "", "", false
	}
	at := k.Taken
	if code == "closed" {
		at = k.Closed
	}
	text = w.T("note."+code, "ref", k.Ref, "who", c.name(k.Holder), "at", w.When(at))
	return code, text, one(code, goodNotes()...) != ""
}
