package console

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
)

// tokensPage is where people make tokens for programs, and end them.
type tokensPage struct {
	Page
	List   []tokenRow
	Verbs  []access.Verb
	Posts  []flows.Place
	Form   tokenForm
	Secret string // a token just made, shown once
	Why    string
	Wait   time.Duration
	Done   string
}

// tokenForm is what was typed, so that a mistake costs nothing.
type tokenForm struct {
	Name  string
	Verbs []access.Verb
	Place flows.PlaceID
	Days  int
}

type tokenRow struct {
	account.Token
	Live   bool
	Places []string
}

// Says is a refusal in words.
func (p tokensPage) Says() string {
	return p.T("sign.why."+p.Why, "wait", p.Lasted(max(p.Wait, time.Second)))
}

// At reports whether the refusal is about a field; "" is above the form.
func (p tokensPage) At(field string) bool {
	of := map[string]string{"token_name": "name", "token_verbs": "verbs", "token_place": "place", "token_until": "days", "code": "code"}
	return p.Why != "" && of[p.Why] == field
}

// Wants reports whether a verb was chosen.
func (p tokensPage) Wants(v access.Verb) bool { return slices.Contains(p.Form.Verbs, v) }

// Days are the lifetimes to choose from.
func (tokensPage) Days() []int { return []int{30, 90, 365} }

func (c *Console) tokensPage(x echo.Context) error { return c.tokens(x, tokensPage{}, nil) }

func (c *Console) tokens(x echo.Context, p tokensPage, err error) error {
	refused, status, err := accountRefusal(err)
	if err != nil {
		return c.fault(x, err)
	}
	p.Why, p.Wait = refused.Why, refused.Wait
	who := access.From(x.Request().Context())
	p.Page, p.Verbs = c.page(x, "console.tokens.title"), access.Grantable(who.Role)
	if c.Rota != nil && who.Role.OfCases() {
		p.Posts = c.posts(x)
	}
	if p.Form.Days == 0 {
		p.Form.Days = 90
	}
	p.Done = one(x.QueryParam("done"), "revoke")
	all, err := c.Accounts.Tokens(x.Request().Context(), who)
	if err != nil {
		return c.fault(x, err)
	}
	for _, t := range all {
		r := tokenRow{Token: t, Live: t.Live(p.now)}
		for _, id := range t.Within {
			r.Places = append(r.Places, c.Place(id))
		}
		p.List = append(p.List, r)
	}
	return c.render(x, status, "tokens", p)
}

// makeToken makes a token of the reader and shows it once.
func (c *Console) makeToken(x echo.Context) error {
	days, _ := strconv.Atoi(x.FormValue("days"))
	f := tokenForm{Name: clip(x.FormValue("name"), 200), Place: flows.PlaceID(clip(x.FormValue("place"), 40)), Days: min(max(days, 0), 1000)}
	form, err := x.FormParams()
	if err != nil {
		return c.fault(x, err)
	}
	for _, v := range form["verb"] {
		f.Verbs = append(f.Verbs, access.Verb(clip(v, 40)))
	}
	in, err := c.session(x)
	if err != nil {
		return c.fault(x, err)
	}
	t := account.Token{Name: f.Name, Verbs: f.Verbs, Until: c.Now().AddDate(0, 0, f.Days)}
	if f.Place != "" {
		t.Within = []flows.PlaceID{f.Place}
	}
	secret, err := c.Accounts.NewToken(x.Request().Context(), in, t, clip(x.FormValue("code"), 64), c.caller(x))
	if err != nil {
		return c.tokens(x, tokensPage{Form: f}, err)
	}
	return c.tokens(x, tokensPage{Secret: secret}, nil)
}

func (c *Console) manageToken(x echo.Context) error {
	if x.Param("deed") != "revoke" {
		return c.fault(x, flows.ErrNotFound)
	}
	ctx := x.Request().Context()
	if err := c.Accounts.RevokeToken(ctx, access.From(ctx), clip(x.Param("id"), 64)); err != nil {
		return c.fault(x, err)
	}
	return x.Redirect(http.StatusSeeOther, "/tokens?done=revoke")
}
