package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows/account"
)

// Authority is a sign-in that is not ours: OpenID Connect.
type Authority interface {
	// Title is what people call it.
	Title() string
	// Begin returns where the browser goes, and what it brings back unread.
	Begin(ctx context.Context) (address, memo string, err error)
	// End says who came back.
	End(ctx context.Context, memo string, query url.Values) (account.Subject, error)
}

// authorityPatience is how long somebody may be away at their authority.
const authorityPatience = 10 * time.Minute

// The two ends of the way there: to sign in, or to connect one's account.
const (
	wayIn      = "in"
	wayConnect = "connect"
)

func (c *Console) toAuthority(x echo.Context) error {
	return c.leave(x, wayIn, goal(x.QueryParam("to")))
}

func (c *Console) connectAuthority(x echo.Context) error { return c.leave(x, wayConnect, "/account") }

func (c *Console) leave(x echo.Context, way, to string) error {
	address, memo, err := c.Authority.Begin(x.Request().Context())
	if err != nil {
		return c.answer(x, c.signPage(x, "password"), &account.Refused{Why: "authority"})
	}
	setCookie(x, cookieAuthority, strings.Join([]string{way, memo, url.QueryEscape(to)}, "|"), authorityPatience)
	return x.Redirect(http.StatusSeeOther, address)
}

// fromAuthority is where the browser comes back to.
func (c *Console) fromAuthority(x echo.Context) error {
	ctx, p := x.Request().Context(), c.signPage(x, "password")
	parts := strings.Split(cookie(x, cookieAuthority), "|")
	setCookie(x, cookieAuthority, "", 0)
	if len(parts) != 3 {
		return c.answer(x, p, &account.Refused{Why: "authority"})
	}
	subject, err := c.Authority.End(ctx, parts[1], x.QueryParams())
	if err != nil {
		return c.answer(x, p, &account.Refused{Why: "authority"})
	}
	if parts[0] == wayConnect {
		in, err := c.session(x)
		if err == nil {
			err = c.Accounts.Connect(ctx, in, subject)
		}
		if err != nil {
			return c.answer(x, p, err)
		}
		return x.Redirect(http.StatusSeeOther, "/account?done=authority")
	}
	token, err := c.Accounts.Vouched(ctx, subject, c.caller(x))
	if err != nil {
		return c.answer(x, p, err)
	}
	c.let(x, token, "")
	to, err := url.QueryUnescape(parts[2])
	if err != nil {
		to = "/"
	}
	return x.Redirect(http.StatusSeeOther, goal(to))
}
