package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
)

// The cookies of a sign-in. The prefix makes browsers take them only from this
// host, over TLS (RFC 6265bis §4.1.3.2).
const (
	cookieSession   = "__Host-hotline"
	cookieKnown     = "__Host-known"
	cookieAuthority = "__Host-authority"
)

// signPage is every page on the way in.
type signPage struct {
	Page
	Step      string // "password", "code", "welcome", "enrol", "recovery"
	To        string // where to go afterwards
	Name      string
	Code      string // of the invitation, as typed
	Why       string // why the last answer was refused; empty: it was not
	Wait      time.Duration
	Picture   picture // of the secret, for the app
	Secret    string
	Recovery  []string
	Authority string // what the sign-in of the authority is called; empty: there is none
}

// fields says beside which field a refusal is shown; what is not here stands above
// the form.
func fields() map[string]string {
	return map[string]string{
		"invitation": "invitation", "name_form": "name", "name_taken": "name",
		"short": "password", "long": "password", "common": "password", "name": "password", "differ": "again", "code": "code",
	}
}

// At reports whether the refusal belongs beside a field; "" is above the form.
func (p signPage) At(field string) bool { return p.Why != "" && fields()[p.Why] == field }

// Says is the refusal in words.
func (p signPage) Says() string {
	return p.T("sign.why."+p.Why, "wait", p.Lasted(max(p.Wait, time.Second)))
}

// registerSignIn adds the pages that one reaches without having signed in.
func (c *Console) registerSignIn(e *echo.Echo) {
	g := e.Group("", secure, sameOrigin, c.bounded)
	g.GET("/signin", c.signInPage)
	g.POST("/signin", c.signIn)
	g.GET("/signin/code", c.codePage)
	g.POST("/signin/code", c.giveCode)
	g.GET("/welcome", c.welcomePage)
	g.POST("/welcome", c.welcome)
	g.GET("/welcome/code", c.enrolPage)
	g.POST("/welcome/code", c.enrol)
	if c.Authority != nil {
		g.GET("/signin/authority", c.toAuthority)
		g.GET("/signin/authority/back", c.fromAuthority)
	}
}

// signedIn finds the person behind a request by the cookie of their session. While
// the store is away a page can be read on the proof that is held here.
func (c *Console) signedIn(x echo.Context) (access.Who, error) {
	in, err := c.session(x)
	if err == nil || errors.Is(err, flows.ErrNotFound) || x.Request().Method != http.MethodGet {
		return in.Who, err
	}
	if in, ok := c.proofs.find(cookie(x, cookieSession), c.Now(), c.Accounts.Limits); ok {
		return in.Who, nil
	}
	return access.Who{}, err
}

// session asks the store. It does not wait long for one that hangs.
func (c *Console) session(x echo.Context) (account.SignedIn, error) {
	byHand, token := !strings.HasSuffix(x.Path(), "/live"), cookie(x, cookieSession)
	ctx, cancel := context.WithTimeout(x.Request().Context(), patience)
	defer cancel()
	in, err := c.Accounts.Whose(ctx, token, byHand)
	switch {
	case err == nil:
		c.proofs.keep(token, in, c.Now())
	case errors.Is(err, flows.ErrNotFound):
		c.proofs.forget(token)
	}
	return in, err
}

func cookie(x echo.Context, name string) string {
	k, err := x.Cookie(name)
	if err != nil {
		return ""
	}
	return k.Value
}

// setCookie keeps a secret in the browser; an empty one is taken away.
func setCookie(x echo.Context, name, value string, keep time.Duration) {
	k := &http.Cookie{Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	switch {
	case value == "":
		k.MaxAge = -1
	case keep > 0:
		k.MaxAge = int(keep / time.Second)
	}
	x.SetCookie(k)
}

func (c *Console) caller(x echo.Context) account.Caller {
	return account.Caller{Address: network(x.RealIP()), Known: cookie(x, cookieKnown), Device: device(x.Request().UserAgent())}
}

// stranger leads somebody who has not signed in to the page where they can.
func (c *Console) stranger(x echo.Context) error {
	if c.Accounts == nil {
		return echo.ErrUnauthorized
	}
	r := x.Request()
	if r.Method != http.MethodGet || strings.HasSuffix(x.Path(), "/live") {
		return c.fault(x, errSignIn)
	}
	return x.Redirect(http.StatusSeeOther, "/signin?to="+url.QueryEscape(r.URL.RequestURI()))
}

// errSignIn says that somebody must sign in first.
var errSignIn = errors.New("not signed in")

// goal is a page of ours to go on to, or the first one.
func goal(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") || strings.HasPrefix(to, "/sign") {
		return "/"
	}
	return to
}

func (c *Console) signPage(x echo.Context, step string) signPage {
	p := signPage{Page: c.page(x, "console.sign.title"), Step: step, To: goal(x.FormValue("to")), Name: clip(x.FormValue("name"), 64), Code: clip(x.FormValue("invitation"), 1024)}
	if c.Authority != nil {
		p.Authority = c.Authority.Title()
	}
	p.Title = p.T("sign." + step)
	return p
}

// clip keeps what was typed within reason.
func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// answer shows a page again with the reason why the answer was refused.
func (c *Console) answer(x echo.Context, p signPage, err error) error {
	refused, ok := errors.AsType[*account.Refused](err)
	switch {
	case ok:
		p.Why, p.Wait = refused.Why, refused.Wait
	case errors.Is(err, flows.ErrNotFound):
		p.Step, p.Why = "password", "late"
		p.Title = p.T("sign.password")
	default:
		return c.fault(x, err)
	}
	status := http.StatusUnprocessableEntity
	if p.Why == "wait" {
		status = http.StatusTooManyRequests
	}
	return c.render(x, status, "signin", p)
}

func (c *Console) signInPage(x echo.Context) error {
	return c.render(x, http.StatusOK, "signin", c.signPage(x, "password"))
}

func (c *Console) signIn(x echo.Context) error {
	p := c.signPage(x, "password")
	token, err := c.Accounts.Enter(x.Request().Context(), p.Name, x.FormValue("password"), c.caller(x))
	if err != nil {
		return c.answer(x, p, err)
	}
	setCookie(x, cookieSession, token, 0)
	return x.Redirect(http.StatusSeeOther, "/signin/code?to="+url.QueryEscape(p.To))
}

func (c *Console) codePage(x echo.Context) error {
	return c.render(x, http.StatusOK, "signin", c.signPage(x, "code"))
}

func (c *Console) giveCode(x echo.Context) error {
	p := c.signPage(x, "code")
	token, known, err := c.Accounts.Finish(x.Request().Context(), cookie(x, cookieSession), clip(x.FormValue("code"), 64), c.caller(x))
	if err != nil {
		return c.answer(x, p, err)
	}
	c.let(x, token, known)
	return x.Redirect(http.StatusSeeOther, p.To)
}

// let lets a browser in.
func (c *Console) let(x echo.Context, token, known string) {
	setCookie(x, cookieSession, token, c.Accounts.Limits.Longest)
	if known != "" {
		setCookie(x, cookieKnown, known, 400*24*time.Hour)
	}
}

func (c *Console) welcomePage(x echo.Context) error {
	return c.render(x, http.StatusOK, "signin", c.signPage(x, "welcome"))
}

func (c *Console) welcome(x echo.Context) error {
	p := c.signPage(x, "welcome")
	password := x.FormValue("password")
	if password != x.FormValue("again") {
		return c.answer(x, p, &account.Refused{Why: "differ"})
	}
	token, err := c.Accounts.Welcome(x.Request().Context(), p.Code, p.Name, password, c.caller(x))
	if err != nil {
		return c.answer(x, p, err)
	}
	setCookie(x, cookieSession, token, 0)
	return x.Redirect(http.StatusSeeOther, "/welcome/code")
}

// secret puts the secret that is being set up on the page.
func (c *Console) secret(x echo.Context, p *signPage) error {
	name, secret, err := c.Accounts.Enrolling(x.Request().Context(), cookie(x, cookieSession))
	if err != nil {
		return err
	}
	p.Name, p.Secret = name, account.SecretText(secret)
	p.Picture, err = draw(account.KeyURI(p.T("product"), name, secret))
	return err
}

func (c *Console) enrolPage(x echo.Context) error {
	p := c.signPage(x, "enrol")
	if err := c.secret(x, &p); err != nil {
		return c.answer(x, p, err)
	}
	return c.render(x, http.StatusOK, "signin", p)
}

func (c *Console) enrol(x echo.Context) error {
	p := c.signPage(x, "enrol")
	if err := c.secret(x, &p); err != nil {
		return c.answer(x, p, err)
	}
	token, known, recovery, err := c.Accounts.Confirm(x.Request().Context(), cookie(x, cookieSession), clip(x.FormValue("code"), 64), c.caller(x))
	if err != nil {
		return c.answer(x, p, err)
	}
	c.let(x, token, known)
	p.Step, p.Recovery, p.Title = "recovery", recovery, p.T("sign.recovery")
	return c.render(x, http.StatusOK, "signin", p)
}
