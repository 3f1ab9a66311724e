package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/dialog"
	"hotline/flows/escalation"
)

// Questions are where reviewed questions to reporters are prepared and put.
type Questions interface {
	// Asking is what may be asked about a case, and how its reporter learns of it.
	Asking(ctx context.Context, k flows.Case) (dialog.Asking, error)
	// Ask puts the question of a key to the reporter of a case.
	Ask(ctx context.Context, by flows.MemberID, id flows.CaseID, via flows.Channel, key string) (flows.Case, error)
}

// asking is the panel of questions on the page of a case.
type asking struct {
	words
	dialog.Asking
	Ref      flows.Ref
	Language string // of the reporter
	May      bool   // whether the reader may put one
	Put      []putQuestion
	TookBack bool // the reporter had allowed texts, and took that back
	Hours    flows.Hours
}

// putQuestion is a question that was put.
type putQuestion struct {
	flows.Question
	Text string // as the reporter reads it
	Who  string
}

// Name is a question in the reader's own words.
func (w words) Name(key string) string {
	return w.Word("ask.name", strings.TrimPrefix(key, "ask."))
}

// Why is the reason why nothing can be asked.
func (a asking) Why() string { return a.Word("note", string(a.Refused)) }

// Later reports whether the text that says that a question waits has to wait
// itself.
func (a asking) Later() bool { return a.Due.After(a.now.Add(time.Minute)) }

// How says how the reporter learns of a question.
func (a asking) How() string {
	switch {
	case a.TookBack:
		return a.T("ask.how.took_back")
	case a.NoText != "":
		return a.T("ask.how." + string(a.NoText))
	case a.Later():
		return a.T("ask.how.later", "at", a.When(a.Due), "hours", a.Word("hours", string(a.Hours)))
	}
	return a.T("ask.how.now")
}

// asking makes the panel; nil when there is none for this reader.
func (c *Console) asking(x echo.Context, k *flows.Case, events []flows.Event, w words) (*asking, error) {
	if c.Questions == nil {
		return nil, nil
	}
	of, err := c.Questions.Asking(x.Request().Context(), *k)
	if err != nil {
		return nil, err
	}
	a := &asking{words: w, Asking: of, Ref: k.Ref, Language: k.Language, Hours: k.Hours, May: access.Allowed(access.From(x.Request().Context()), access.Ask, c.Guard.Places().OfCase(k)).OK}
	for _, q := range k.Questions {
		put := putQuestion{Question: q, Who: c.name(q.By)}
		if i := slices.IndexFunc(of.Questions, func(t dialog.Template) bool { return t.Key == q.Key }); i >= 0 {
			put.Text = of.Questions[i].Text
		}
		a.Put = append(a.Put, put)
	}
	a.TookBack = !k.Contact && slices.ContainsFunc(events, func(e flows.Event) bool { return e.Kind == flows.EventForgotten })
	return a, nil
}

// ask puts a question and goes back to the case.
func (c *Console) ask(x echo.Context) error {
	k, m, err := c.find(x)
	if err != nil {
		return c.fault(x, err)
	}
	if m.ID == "" {
		return c.fault(x, flows.ErrNotFound)
	}
	note := "no_question"
	if key := x.FormValue("question"); key != "" {
		_, err = c.Questions.Ask(x.Request().Context(), m.ID, k.ID, Screen, key)
		note = "ask"
	}
	var refused *escalation.Refused
	switch {
	case errors.As(err, &refused):
		note = string(refused.Reason)
	case err != nil:
		return c.fault(x, err)
	}
	return x.Redirect(http.StatusSeeOther, "/cases/"+string(k.Ref)+"?note="+note)
}
