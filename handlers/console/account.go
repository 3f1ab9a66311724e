package console

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
)

// accountPage is one's own account: who one is here, where one is signed in, the
// password and the recovery codes.
type accountPage struct {
	Page
	In       account.SignedIn
	Place    string
	Sessions []account.Session
	Recovery []string // just drawn, shown once
	Why      string
	Wait     time.Duration
	Done     string
	Link     bool // whether the authority's sign-in can be connected
}

// Says is a refusal in words.
func (p accountPage) Says() string {
	return p.T("sign.why."+p.Why, "wait", p.Lasted(max(p.Wait, time.Second)))
}

// At reports whether the refusal belongs beside a field; "" is above the forms.
func (p accountPage) At(field string) bool {
	beside := fields()[p.Why]
	if p.Why == "old" {
		beside = "old"
	}
	return p.Why != "" && beside == field
}

// Current reports whether a session is the one that the page is shown in.
func (p accountPage) Current(s account.Session) bool { return s.ID == p.In.Session.ID }

func (c *Console) registerAccount(g *echo.Group) {
	g.POST("/signout", c.signOut)
	g.GET("/account", c.accountPage)
	g.POST("/account/password", c.changePassword)
	g.POST("/account/recovery", c.newRecovery)
	g.POST("/account/sessions/end", c.endOthers)
	g.POST("/account/sessions/:id/end", c.endSession)
	g.GET("/accounts", c.accountsPage)
	g.POST("/accounts", c.inviteMember)
	g.POST("/accounts/:name/:deed", c.manageAccount)
	g.GET("/tokens", c.tokensPage)
	g.POST("/tokens", c.makeToken)
	g.POST("/tokens/:id/:deed", c.manageToken)
	if c.Authority != nil {
		g.GET("/account/authority", c.connectAuthority)
	}
}

// accountRefusal parts an error in what the accounts refused, which a page tells with
// its status, and what went wrong.
func accountRefusal(err error) (account.Refused, int, error) {
	refused, ok := errors.AsType[*account.Refused](err)
	switch {
	case ok:
		return *refused, http.StatusUnprocessableEntity, nil
	case err != nil:
		return account.Refused{}, 0, err
	}
	return account.Refused{}, http.StatusOK, nil
}

// own shows the page of one's account, after something was done or refused.
func (c *Console) own(x echo.Context, p accountPage, err error) error {
	refused, status, err := accountRefusal(err)
	if err != nil {
		return c.fault(x, err)
	}
	p.Why, p.Wait = refused.Why, refused.Wait
	if p.In, err = c.session(x); err != nil {
		return c.fault(x, err)
	}
	p.Page = c.page(x, "console.account.title")
	if p.In.Who.Member.Place != "" {
		p.Place = c.Place(p.In.Who.Member.Place)
	}
	p.Link = c.Authority != nil
	if p.Done == "" {
		p.Done = one(x.QueryParam("done"), "password", "session", "sessions", "authority")
	}
	if p.Sessions, err = c.Accounts.Sessions(x.Request().Context(), p.In.Account.Name); err != nil {
		return c.fault(x, err)
	}
	return c.render(x, status, "account", p)
}

func (c *Console) accountPage(x echo.Context) error { return c.own(x, accountPage{}, nil) }

func (c *Console) changePassword(x echo.Context) error {
	in, err := c.session(x)
	if err == nil && x.FormValue("password") != x.FormValue("again") {
		err = &account.Refused{Why: "differ"}
	}
	if err == nil {
		err = c.Accounts.ChangePassword(x.Request().Context(), in, x.FormValue("old"), x.FormValue("password"), c.caller(x))
		c.proofs.forgetAccount(in.Account.Name)
	}
	if err != nil {
		return c.own(x, accountPage{}, err)
	}
	return x.Redirect(http.StatusSeeOther, "/account?done=password")
}

func (c *Console) newRecovery(x echo.Context) error {
	in, err := c.session(x)
	var p accountPage
	if err == nil {
		p.Recovery, err = c.Accounts.Recover(x.Request().Context(), in, clip(x.FormValue("code"), 64), c.caller(x))
	}
	return c.own(x, p, err)
}

func (c *Console) endSession(x echo.Context) error {
	in, err := c.session(x)
	if err == nil {
		err = c.Accounts.End(x.Request().Context(), in, clip(x.Param("id"), 64))
		c.proofs.forgetAccount(in.Account.Name)
	}
	if err != nil {
		return c.fault(x, err)
	}
	return x.Redirect(http.StatusSeeOther, "/account?done=session")
}

func (c *Console) endOthers(x echo.Context) error {
	in, err := c.session(x)
	if err == nil {
		err = c.Accounts.EndOthers(x.Request().Context(), in)
		c.proofs.forgetAccount(in.Account.Name)
	}
	if err != nil {
		return c.fault(x, err)
	}
	return x.Redirect(http.StatusSeeOther, "/account?done=sessions")
}

func (c *Console) signOut(x echo.Context) error {
	c.proofs.forget(cookie(x, cookieSession))
	if err := c.Accounts.Out(x.Request().Context(), cookie(x, cookieSession)); err != nil {
		return c.fault(x, err)
	}
	setCookie(x, cookieSession, "", 0)
	return x.Redirect(http.StatusSeeOther, "/signin")
}

// accountsPage lists the accounts that the reader may manage, and invites.
type accountsPage struct {
	Page
	List    []accountRow
	Roles   []access.Role
	Members []flows.Member
	Code    string // an invitation just made, shown once
	For     string
	Why     string
	Done    string
}

// Unchosen reports whether nobody was chosen to be invited, which is said beside
// the list of people. Other refusals are about an account and stand above all.
func (p accountsPage) Unchosen() bool { return p.Why == "choose" }

type accountRow struct {
	account.Account
	Who   string
	Place string
	Mine  bool // whether the reader may manage it
}

func (c *Console) accounts(x echo.Context, p accountsPage, err error) error {
	refused, status, err := accountRefusal(err)
	if err != nil {
		return c.fault(x, err)
	}
	if p.Why = refused.Why; p.Why == "invite" {
		status = http.StatusForbidden
	}
	who, places := access.From(x.Request().Context()), c.Guard.Places()
	p.Page = c.page(x, "console.accounts.title")
	p.Done = one(x.QueryParam("done"), "close", "open")
	all, err := c.Accounts.Accounts(x.Request().Context())
	if err != nil {
		return c.fault(x, err)
	}
	for _, a := range all {
		m, _ := c.Member(a.Member)
		r := accountRow{Account: a, Who: m.Name, Mine: c.Accounts.MayManage(who, a)}
		if m.Place != "" {
			r.Place = c.Place(m.Place)
		}
		if r.Mine || a.Name == who.Account {
			p.List = append(p.List, r)
		}
	}
	for _, r := range []access.Role{access.Operator, access.Auditor} {
		if account.MayInvite(who, r, access.Thing{}) {
			p.Roles = append(p.Roles, r)
		}
	}
	if c.Members != nil {
		for _, m := range c.Members() {
			if account.MayInvite(who, access.RoleOf(m.Level), places.Of(m.Place)) {
				p.Members = append(p.Members, m)
			}
		}
	}
	return c.render(x, status, "accounts", p)
}

func (c *Console) accountsPage(x echo.Context) error { return c.accounts(x, accountsPage{}, nil) }

// inviteMember makes an invitation for a member of the directory, in the role of
// their level, or for one of the roles that see no case.
func (c *Console) inviteMember(x echo.Context) error {
	in := account.Invitation{Role: access.Role(one(x.FormValue("for"), "role:operator", "role:auditor"))}
	if in.Role != "" {
		in.Role = in.Role[len("role:"):]
	} else {
		m, ok := c.Member(flows.MemberID(clip(x.FormValue("for"), 100)))
		if !ok {
			return c.accounts(x, accountsPage{}, &account.Refused{Why: "choose"})
		}
		in.Role, in.Member = access.RoleOf(m.Level), m.ID
	}
	return c.showInvitation(x, in, c.nameOf(in))
}

func (c *Console) nameOf(in account.Invitation) string {
	if in.Member != "" {
		return c.name(in.Member)
	}
	return in.Name
}

func (c *Console) showInvitation(x echo.Context, in account.Invitation, name string) error {
	ctx := x.Request().Context()
	code, err := c.Accounts.Invite(ctx, access.From(ctx), in)
	return c.accounts(x, accountsPage{Code: code, For: name}, err)
}

func (c *Console) manageAccount(x echo.Context) error {
	ctx := x.Request().Context()
	name, deed := clip(x.Param("name"), 64), x.Param("deed")
	switch deed {
	case "again":
		return c.showInvitation(x, account.Invitation{Name: name}, name)
	case "close", "open":
		if err := c.Accounts.Close(ctx, access.From(ctx), name, deed == "close"); err != nil {
			return c.accounts(x, accountsPage{}, err)
		}
		c.proofs.forgetAccount(name)
		return x.Redirect(http.StatusSeeOther, "/accounts?done="+deed)
	}
	return c.fault(x, flows.ErrNotFound)
}
