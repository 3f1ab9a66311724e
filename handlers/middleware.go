package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"hotline/handlers/wire"
)

// maxBody is the most that a webhook may hold. The longest text that a provider
// joins is 1,600 characters.
const maxBody = 64 << 10

// echo makes a listener with what every route needs.
func (s *server) echo() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = onError
	e.IPExtractor = addressOf(s.Trusted)
	// Both would print addresses and paths; requests are logged below instead.
	e.Logger.SetOutput(io.Discard)
	e.StdLogger = log.New(io.Discard, "", 0)
	e.Server.ReadHeaderTimeout, e.Server.IdleTimeout = 5*time.Second, time.Minute
	e.Server.MaxHeaderBytes = 16 << 10
	e.Use(requestID, s.logged, s.recovered)
	return e
}

// addressOf reads a client's address: from the connection, or from the header
// that trusted proxies write. Nobody else can choose it.
func addressOf(trusted []*net.IPNet) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	rules := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, n := range trusted {
		rules = append(rules, echo.TrustIPRange(n))
	}
	return echo.ExtractIPFromXFFHeader(rules...)
}

// requestID names a request for the log and for whoever asks about it. A name
// that came with the request is not believed: it would be logged.
func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := strings.ToLower(rand.Text())
		c.Request().Header.Del(echo.HeaderXRequestID)
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

// logged writes one line per request, from an allow-list: no address, no path as
// it was asked for, no query, no form. A token is in the path, a report in the
// form, and both would stay in logs for years.
func (s *server) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := s.Now()
		err := next(c)
		reason := ""
		if err != nil {
			reason = failureOf(err).Reason
			c.Error(err)
		}
		route, status, took := routeOf(c), c.Response().Status, s.Now().Sub(began)
		s.metrics.request(route, status, took)
		fields := []zap.Field{
			zap.String("method", methodOf(c)), zap.String("route", route), zap.Int("status", status),
			zap.Duration("latency", took), zap.String("request", c.Response().Header().Get(echo.HeaderXRequestID)),
		}
		if reason != "" {
			fields = append(fields, zap.String("reason", reason))
		}
		if status >= http.StatusInternalServerError {
			s.Log.Error("request", append(fields, zap.Error(err))...)
		} else {
			s.Log.Info("request", fields...)
		}
		return nil
	}
}

// routeOf is the template of the route, as "/africastalking/:token/ussd".
func routeOf(c echo.Context) string {
	if c.Path() == "" {
		return "unmatched"
	}
	return c.Path()
}

// methodOf leaves out methods that somebody made up.
func methodOf(c echo.Context) string {
	switch m := c.Request().Method; m {
	case http.MethodGet, http.MethodPost, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions:
		return m
	}
	return "other"
}

// recovered turns a panic into an error that keeps nothing of its value.
func (s *server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = panicked(v)
				s.Log.Error("recovered a panic", zap.Error(err), zap.Stack("stack"))
			}
		}()
		return next(c)
	}
}

// webhook sets the limits of a provider's request: its size, and the time from
// its first byte to its answer. A caller who hangs up does not stop it, since
// what was said must still be filed.
func (s *server) webhook(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), s.Timeout)
		defer cancel()
		body, err := readBody(ctx, c)
		if err != nil {
			return err
		}
		r := c.Request().WithContext(ctx)
		r.Body = wire.NewBody(body)
		c.SetRequest(r)
		return next(c)
	}
}

// readBody reads the whole body within ctx. A read cannot be cancelled, but a
// deadline in the past ends it.
func readBody(ctx context.Context, c echo.Context) ([]byte, error) {
	conn := http.NewResponseController(c.Response())
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case err == nil, errors.As(err, &tooLong):
		return body, err
	case errors.Is(err, os.ErrDeadlineExceeded), ctx.Err() != nil:
		return nil, errSlow
	default:
		return nil, wire.Malformed("body")
	}
}

// secret hides the routes below a path token: a wrong one finds nothing.
func secret(allows func(token string) bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !allows(c.Param("token")) {
				return wire.Unknown()
			}
			return next(c)
		}
	}
}

// nearby refuses addresses that are not the provider's.
func nearby(near func(address string) bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !near(c.RealIP()) {
				return wire.Forged("address")
			}
			return next(c)
		}
	}
}

// verified lets through what the provider signed.
func verified(verify func(*http.Request) error) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := verify(c.Request()); err != nil {
				return err
			}
			return next(c)
		}
	}
}
