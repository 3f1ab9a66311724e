package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
)

// rights is what each page asks of its reader before it does anything: one line
// for each route behind the sign-in. A route that is not here is nobody's. What a
// page shows or does of a single case is asked again below it, by access.Guard.
func rights() map[string]access.Verb {
	return map[string]access.Verb{
		"GET /":            access.Self, // leads to the first page that the reader may see
		"GET /demo":        access.See,
		"GET /demo/story":  access.See,
		"POST /demo/speed": access.Self,
		"POST /demo/role":  access.Self,

		"GET /board":             access.See,
		"GET /board/live":        access.See,
		"GET /board/several":     access.Answer,
		"POST /board/several":    access.Answer,
		"GET /deliveries":        access.See,
		"GET /cases/:ref":        access.See,
		"GET /cases/:ref/live":   access.See,
		"POST /cases/:ref/:deed": access.Answer,
		"POST /cases/:ref/ask":   access.Ask,
		"GET /cases/:ref/seal":   access.See,
		"POST /cases/:ref/words": access.Read,
		"POST /cases/:ref/hold":  access.Hold,
		"GET /times":             access.Figures,
		"GET /times.csv":         access.Figures,
		"GET /times.xlsx":        access.Figures,
		"GET /report":            access.Figures,
		"GET /report.pdf":        access.Figures,
		"GET /report.xlsx":       access.Figures,
		"GET /times.json":        access.Figures,
		"GET /duty":              access.Rota,
		"GET /workload":          access.Workload,
		"GET /workload.csv":      access.Workload,
		"GET /providers":         access.Service,
		"GET /providers/live":    access.Service,

		"GET /cases/:ref/print":               access.See,
		"GET /cases/:ref/forms/:form":         access.Enter,
		"POST /cases/:ref/forms/:form":        access.Enter,
		"POST /cases/:ref/forms/:form/finish": access.Enter,
		"GET /cases/:ref/forms/:form/print":   access.Enter,
		"POST /cases/:ref/refer":              access.Enter,
		"POST /duty":                          access.Arrange,
		"GET /drills":                         access.Rota,
		"GET /drills.json":                    access.Rota,
		"POST /drills":                        access.Drill,
		"POST /cases/:ref/join":               access.Lead,
		"GET /directory":                      access.Directory,
		"POST /directory/preview":             access.Import,
		"POST /directory/import":              access.Import,
		"POST /directory/code":                access.Import,
		"POST /directory/resend":              access.Import,
		"GET /directory/files/:file":          access.Import,
		"GET /health":                         access.Service,

		"POST /cases/:ref/requests": access.Agree, // for the case it asks again
		"GET /requests":             access.Agree,
		"POST /requests/:id/:deed":  access.Agree,

		"POST /signout":                  access.Self,
		"GET /account":                   access.Self,
		"GET /account/authority":         access.Self,
		"POST /account/password":         access.Self,
		"POST /account/recovery":         access.Self,
		"POST /account/sessions/end":     access.Self,
		"POST /account/sessions/:id/end": access.Self,
		"GET /accounts":                  access.Invite,
		"POST /accounts":                 access.Invite,
		"POST /accounts/:name/:deed":     access.Invite,
		"GET /audit":                     access.Audit,
		"GET /papers":                    access.Self,
		"GET /papers/:sheet":             access.Self,
		"GET /tokens":                    access.Tokens,
		"POST /tokens":                   access.Tokens,
		"POST /tokens/:id/:deed":         access.Tokens,
		"GET /ready":                     access.Service,
		"GET /settings":                  access.Settings,
		"GET /settings/flow/:file":       access.Settings,
	}
}

// Rights lists the routes behind the sign-in with what they ask, for the tests
// that compare them with the routes that are served.
func Rights() map[string]access.Verb { return rights() }

// enter finds out who is behind a request. Nobody is led to the sign-in.
func (c *Console) enter(next echo.HandlerFunc) echo.HandlerFunc {
	return func(x echo.Context) error {
		who, err := c.Who(x)
		switch {
		case errors.Is(err, flows.ErrNotFound):
			return c.stranger(x)
		case err != nil:
			return c.fault(x, err)
		}
		r := x.Request()
		x.SetRequest(r.WithContext(access.With(r.Context(), who)))
		return next(x)
	}
}

// still reports whether the reader of a page that stays open is still signed in.
// While the store is away they are.
func (c *Console) still(x echo.Context) bool {
	_, err := c.Who(x)
	return !errors.Is(err, flows.ErrNotFound)
}

// homePage is the first page of those who see cases, and leads others to theirs.
func (c *Console) homePage(home echo.HandlerFunc) echo.HandlerFunc {
	return func(x echo.Context) error {
		switch {
		case c.may(x, access.See):
			return home(x)
		case c.Deeds != nil && c.may(x, access.Audit):
			return x.Redirect(http.StatusSeeOther, "/audit")
		case c.Ready != nil && c.may(x, access.Service):
			return x.Redirect(http.StatusSeeOther, "/ready")
		case c.Accounts != nil && c.may(x, access.Invite):
			return x.Redirect(http.StatusSeeOther, "/accounts")
		}
		return x.Redirect(http.StatusSeeOther, "/account")
	}
}

// allow asks the table whether the reader may use a route at all. The refusal is
// written down.
func (c *Console) allow(next echo.HandlerFunc) echo.HandlerFunc {
	table := rights()
	return func(x echo.Context) error {
		verb, listed := table[x.Request().Method+" "+x.Path()]
		if !listed {
			verb = "unlisted route"
		}
		if err := c.Guard.May(x.Request().Context(), verb, access.Thing{}); err != nil {
			return c.fault(x, err)
		}
		return next(x)
	}
}

// may reports whether the reader of a page may do something, for what the page
// offers. What it lets through is asked again where it is done.
func (c *Console) may(x echo.Context, v access.Verb) bool {
	return access.Allowed(access.From(x.Request().Context()), v, access.Thing{}).OK
}

// viewer is the member who looks at a page; false for people who are none.
func (c *Console) viewer(x echo.Context) (flows.Member, bool) {
	m := access.From(x.Request().Context()).Member
	return m, m.ID != ""
}

// refused is the status and the text key of a refusal, if an error is one.
func refused(err error) (status int, key string, ok bool) {
	var denied *access.Denied
	switch {
	case errors.Is(err, errSignIn):
		return http.StatusUnauthorized, "sign.first", true
	case errors.Is(err, flows.ErrNotFound):
		return http.StatusNotFound, "case.none", true
	case errors.As(err, &denied):
		return http.StatusForbidden, "denied", true
	}
	return 0, "", false
}
