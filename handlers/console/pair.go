package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
)

// Custody carries out what two people have agreed to, or a court has ordered.
type Custody interface {
	// Destroy destroys what was written in a case, and the keys of it.
	Destroy(ctx context.Context, c flows.Case, by flows.MemberID) error
	// Hold keeps a case from being destroyed, by an order; Lift ends that.
	Hold(ctx context.Context, id flows.CaseID, order string) error
	Lift(ctx context.Context, id flows.CaseID, why string) error
}

// sealPage is what is sealed of a case: who may open it, who has asked to, and the
// order that keeps it.
type sealPage struct {
	Page
	Case     flows.Case
	Texts    int
	MayRead  bool // the reader holds the case
	MayAsk   bool // the reader may ask a second person
	MayHold  bool
	Verbs    []access.Verb // what needs two people
	Requests []requestView
	Words    []string // of the reporter, just opened
	Note     string
	Good     bool
}

// requestView is a request as its reader may act on it.
type requestView struct {
	words
	access.Request
	State  string
	Asker  string
	Other  string // who agreed or refused
	Decide bool   // the reader may be the second person
	Use    bool   // the reader asked, and it was agreed to
}

// requestsPage lists what waits for a second person.
type requestsPage struct {
	Page
	Requests []requestView
	Note     string
	Good     bool
}

func (c *Console) registerSeals(g *echo.Group) {
	g.GET("/cases/:ref/seal", c.sealPage)
	g.POST("/cases/:ref/words", c.openWords)
	g.POST("/cases/:ref/requests", c.request)
	g.POST("/cases/:ref/hold", c.hold)
	g.GET("/requests", c.requestsPage)
	g.POST("/requests/:id/:deed", c.decide)
}

// twoPeople are the verbs that need a second person.
func twoPeople() []access.Verb { return []access.Verb{access.Reveal, access.Export, access.Delete} }

func (c *Console) sealPage(x echo.Context) error {
	p, err := c.sealOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	return c.render(x, http.StatusOK, "pair", p)
}

func (c *Console) sealOf(x echo.Context) (sealPage, error) {
	k, m, err := c.find(x)
	if err != nil {
		return sealPage{}, err
	}
	w, t := access.From(x.Request().Context()), c.Guard.Places().OfCase(&k)
	p := sealPage{Page: c.page(x, "console.board.title"), Case: k, Texts: len(k.Texts), Verbs: twoPeople()}
	p.Title = p.T("seal.title", "ref", k.Ref)
	p.MayRead = m.ID != "" && access.Allowed(w, access.Read, t).OK && k.Holder == m.ID
	p.MayAsk = access.Allowed(w, access.Reveal, t).OK
	p.MayHold = access.Allowed(w, access.Hold, t).OK
	p.Note, p.Good = c.sealNote(x, p.words)
	if !p.MayAsk {
		return p, nil
	}
	list, err := c.Pairs.List(x.Request().Context())
	if err != nil {
		return p, fmt.Errorf("requests of a case: %w", err)
	}
	list = slices.DeleteFunc(list, func(r access.Request) bool { return r.Case != k.ID })
	p.Requests = c.requestViews(w, list, p.words)
	return p, nil
}

func (c *Console) requestViews(w access.Who, list []access.Request, in words) []requestView {
	views := make([]requestView, 0, len(list))
	for _, r := range list {
		v := requestView{words: in, Request: r, State: r.State(in.now), Asker: c.name(r.By)}
		if r.Second != "" {
			v.Other = c.name(r.Second)
		}
		v.Decide = v.State == "open" && r.By != w.ID()
		v.Use = v.State == "agreed" && r.By == w.ID()
		views = append(views, v)
	}
	return views
}

func (c *Console) requestsPage(x echo.Context) error {
	p := requestsPage{Page: c.page(x, "console.seal.requests")}
	list, err := c.Pairs.List(x.Request().Context())
	if err != nil {
		return c.fault(x, err)
	}
	p.Requests = c.requestViews(p.Reader, list, p.words)
	p.Note, p.Good = c.sealNote(x, p.words)
	return c.render(x, http.StatusOK, "requests", p)
}

// openWords shows what the reporter wrote to whoever holds the case and says why.
func (c *Console) openWords(x echo.Context) error {
	p, err := c.sealOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	p.Words, err = c.Guard.Words(x.Request().Context(), p.Case.ID, x.FormValue("why"))
	if err != nil {
		return c.sealBack(x, p.Case.Ref, err, "")
	}
	return c.render(x, http.StatusOK, "pair", p)
}

// request asks a second person.
func (c *Console) request(x echo.Context) error {
	k, _, err := c.find(x)
	if err != nil {
		return c.fault(x, err)
	}
	v := access.Verb(x.FormValue("verb"))
	switch {
	case !slices.Contains(twoPeople(), v):
		err = errChoose
	case v == access.Delete:
		err = destructible(&k)
	}
	if err == nil {
		_, err = c.Pairs.Ask(x.Request().Context(), v, &k, x.FormValue("why"))
	}
	return c.sealBack(x, k.Ref, err, "asked")
}

// Refusals that have a text.
var (
	errChoose = errors.New("choose")
	errOpen   = errors.New("still_open")
	errHeld   = errors.New("under_hold")
	errPurged = errors.New("gone_already")
	errOrder  = errors.New("no_order")
)

// destructible is why a case cannot be destroyed before its time; nil: it can.
func destructible(k *flows.Case) error {
	switch {
	case !k.Purged.IsZero():
		return errPurged
	case k.Hold != "":
		return errHeld
	case k.IsOpen():
		return errOpen
	}
	return nil
}

// decide is the word of the second person, or the one use of what was agreed to.
func (c *Console) decide(x echo.Context) error {
	ctx, id := x.Request().Context(), x.Param("id")
	switch deed := x.Param("deed"); deed {
	case "agree", "refuse":
		r, err := c.Pairs.Decide(ctx, id, deed == "agree")
		return c.sealBack(x, r.Ref, err, deed)
	case "use":
		return c.use(x, id)
	}
	return c.fault(x, flows.ErrNotFound)
}

// use takes an approval and does what it is for.
func (c *Console) use(x echo.Context, id string) error {
	ctx := x.Request().Context()
	list, err := c.Pairs.List(ctx)
	if err != nil {
		return c.fault(x, err)
	}
	i := slices.IndexFunc(list, func(r access.Request) bool { return r.ID == id })
	if i < 0 {
		return c.fault(x, flows.ErrNotFound)
	}
	r := list[i]
	if r.Verb == access.Delete { // an approval is spent when it is taken: ask before
		k, err := c.Guard.Case(ctx, r.Case)
		if err == nil {
			err = destructible(&k)
		}
		if err != nil {
			return c.sealBack(x, r.Ref, err, "")
		}
	}
	a, err := c.Pairs.Use(ctx, id)
	if err != nil {
		return c.sealBack(x, r.Ref, err, "")
	}
	switch r.Verb {
	case access.Export:
		return c.export(x, a)
	case access.Delete:
		err := c.Guard.Destroy(ctx, a, c.Custody.Destroy)
		return c.sealBack(x, r.Ref, err, "destroyed")
	}
	words, err := c.Guard.Reveal(ctx, a)
	if err != nil {
		return c.fault(x, err)
	}
	x.SetParamNames("ref")
	x.SetParamValues(string(r.Ref))
	p, err := c.sealOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	p.Words = words
	return c.render(x, http.StatusOK, "pair", p)
}

// export hands a case out as a file.
func (c *Console) export(x echo.Context, a access.Approval) error {
	f, err := c.Guard.Export(x.Request().Context(), a)
	if err != nil {
		return c.fault(x, err)
	}
	body, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("write a case: %w", err)
	}
	x.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+string(f.Case.Ref)+`.json"`)
	return x.Blob(http.StatusOK, echo.MIMEApplicationJSON, body)
}

// sealBack goes back to where requests are seen, with a word on what became of it.
func (c *Console) sealBack(x echo.Context, ref flows.Ref, err error, note string) error {
	for _, known := range []error{
		access.ErrReason, access.ErrOwn, access.ErrNotOpen, errChoose, errOpen, errHeld, errPurged, errOrder,
	} {
		if errors.Is(err, known) {
			err, note = nil, known.Error()
		}
	}
	if err != nil {
		return c.fault(x, err)
	}
	to := "/requests"
	if ref != "" {
		to = "/cases/" + string(ref) + "/seal"
	}
	return x.Redirect(http.StatusSeeOther, to+"?note="+note)
}

func (c *Console) sealNote(x echo.Context, w words) (text string, good bool) {
	done := []string{"asked", "agree", "refuse", "destroyed", "held", "lifted"}
	code := one(x.QueryParam("note"), append(done, "no_reason", "own_request", "not_open", "choose", "still_open", "under_hold", "gone_already", "no_order")...)
	if code == "" {
		return "", false
	}
	return w.T("seal.note." + code), slices.Contains(done, code)
}
