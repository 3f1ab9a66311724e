package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
)

// mostBody is the most that a request may hold.
const mostBody = 64 << 10

// call is one request on its way to a handler: the token has been checked, and
// the person behind it is in the context.
type call struct {
	echo.Context
	op    *operation
	ctx   context.Context
	who   access.Who
	token account.Token
	now   time.Time
	raw   []byte // the body
}

// serve surrounds a handler with what every operation needs.
func (a *API) serve(op *operation) echo.HandlerFunc {
	return func(x echo.Context) error {
		h := x.Response().Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		answer, err := a.answer(op, x)
		if err != nil {
			p := problemOf(err)
			if p == nil { // the log gets the error, the reader a problem
				_ = send(x, &problem{Status: http.StatusInternalServerError, Code: "internal"})
				return err
			}
			return send(x, p)
		}
		if kept, ok := answer.(*kept); ok {
			return x.Blob(kept.Status, kept.kind(), kept.Body)
		}
		return x.JSON(http.StatusOK, answer)
	}
}

func (a *API) answer(op *operation, x echo.Context) (any, error) {
	c := &call{Context: x, op: op, ctx: x.Request().Context(), now: a.Now()}
	if !op.Open {
		if err := a.enter(c); err != nil {
			return nil, err
		}
	}
	for name := range x.QueryParams() {
		if !slices.Contains(op.query, name) {
			return nil, bad("parameter", "there is no such parameter here")
		}
	}
	if err := c.read(); err != nil {
		return nil, err
	}
	return op.handle(c)
}

// enter finds out whose token it is, counts the request, and asks the table.
func (a *API) enter(c *call) error {
	scheme, secret, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return a.stranger(c)
	}
	who, token, err := a.Tokens.ByToken(c.ctx, strings.TrimSpace(secret))
	if errors.Is(err, flows.ErrNotFound) {
		return a.stranger(c)
	}
	if err != nil {
		return err
	}
	if err := a.count(c, "token "+token.ID, a.PerMinute); err != nil {
		return err
	}
	c.ctx = access.With(c.ctx, who)
	c.SetRequest(c.Request().WithContext(c.ctx))
	c.who, c.token = who, token
	if c.op.Verb == "" {
		return nil
	}
	return a.Guard.May(c.ctx, c.op.Verb, access.Thing{})
}

// stranger is a request without a token that opens anything. Its address is
// counted, so that nobody tries many.
func (a *API) stranger(c *call) error {
	if err := a.count(c, "address "+c.RealIP(), strangers); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="hotline"`)
	return &problem{Status: http.StatusUnauthorized, Code: "token", Detail: "give a token that is in use, as Authorization: Bearer hotline_…"}
}

// read reads the body of a post. One without a body has none to read.
func (c *call) read() error {
	if c.op.Method != http.MethodPost {
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, mostBody))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return &problem{Status: http.StatusRequestEntityTooLarge, Code: "body_size", Detail: "at most 64 KB"}
	}
	if err != nil {
		return bad("body", "it did not arrive whole")
	}
	c.raw = body
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if len(body) > 0 && (err != nil || kind != echo.MIMEApplicationJSON) {
		return &problem{Status: http.StatusUnsupportedMediaType, Code: "body_type", Detail: "expected application/json"}
	}
	return nil
}

// decode reads the body into v, and refuses what is not in the document.
func (c *call) decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(c.raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil || d.More() {
		return bad("body", "expected the object that the document describes")
	}
	return nil
}

// empty refuses a body where none is expected; an empty object is none.
func (c *call) empty() error {
	if len(bytes.TrimSpace(c.raw)) == 0 {
		return nil
	}
	return c.decode(&struct{}{})
}

// moment is a parameter that is a moment; otherwise, when it is left out.
func (c *call) moment(name string, otherwise time.Time) (time.Time, error) {
	s := c.QueryParam(name)
	if s == "" {
		return otherwise, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, bad("parameter", name+": expected a moment, as 2026-11-23T08:00:00Z")
	}
	return t, nil
}

// one is a parameter that is one of some words, or empty.
func (c *call) one(name string, of ...string) (string, error) {
	s := c.QueryParam(name)
	if s != "" && !slices.Contains(of, s) {
		return "", bad("parameter", name+": expected one of "+strings.Join(of, ", "))
	}
	return s, nil
}

// limit is how many things a page holds.
func (c *call) limit() (int, error) {
	s := c.QueryParam("limit")
	if s == "" {
		return 50, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 200 {
		return 0, bad("parameter", "limit: expected 1 to 200")
	}
	return n, nil
}
