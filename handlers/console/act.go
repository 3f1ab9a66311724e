package console

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// Casework is where a member's decision ends, the same place as their texts,
// calls and key presses: escalation.Service.
type Casework interface {
	Take(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel) (flows.Case, error)
	Decline(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel) (flows.Case, error)
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
	ctx, deed := x.Request().Context(), x.Param("deed")
	if decide, ok := c.step(x, &k, deed); ok && c.Steps != nil {
		_, err = c.Steps.Answer(ctx, m.ID, k.ID, Screen, decide)
	} else {
		err = c.do(ctx, deed, m.ID, k.ID)
	}
	return c.back(x, &k, err, deed)
}

func (c *Console) do(ctx context.Context, deed string, by flows.MemberID, id flows.CaseID) error {
	var err error
	switch deed {
	case "take":
		_, err = c.Casework.Take(ctx, by, id, Screen)
	case "decline":
		_, err = c.Casework.Decline(ctx, by, id, Screen)
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

// note is what a page says about what was just done, or refused, in the words
// of the case as it is now.
func (c *Console) note(x echo.Context, k *flows.Case, w words) (code, text string, good bool) {
	code = one(x.QueryParam("note"), append(goodNotes(),
		"not_ready", "taken", "closed", "not_asked", "urgent_already", "normal_already", "level", "not_held",
		"no_outcome", "no_member", "no_case", "no_tag", "linked_already", "not_linked", "open_already", "hidden", "place", "unfinished", "no_question", "question_waits", "questions_full", "no_receipt")...)
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
