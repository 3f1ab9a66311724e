package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"
)

// alive answers while the process can answer at all. It checks nothing: a probe
// that restarts the program when Redis is away would only add to the trouble.
func (s *server) alive(c echo.Context) error {
	return c.String(http.StatusOK, "ok\n")
}

// ready answers 200 when every check passes, else 503 and the names of those
// that do not. Why they do not is in the log: it may hold addresses.
func (s *server) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), s.Timeout)
	defer cancel()
	status, checks := http.StatusOK, map[string]string{}
	for i, err := range s.assess(ctx) {
		name := s.Checks[i].Name
		checks[name] = "ok"
		if err != nil {
			status, checks[name] = http.StatusServiceUnavailable, "down"
			s.Log.Warn("not ready", zap.String("check", name), zap.Error(err))
		}
	}
	page := map[string]any{"ready": status == http.StatusOK, "checks": checks}
	if s.Details != nil {
		page["details"] = s.Details(ctx)
	}
	return c.JSON(status, page)
}

// scrape runs the checks before it shows the metrics, so that what monitoring
// reads of readiness is never older than its own question.
func (s *server) scrape() echo.HandlerFunc {
	show := s.metrics.handler()
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), s.Timeout)
		defer cancel()
		s.assess(ctx)
		return show(c)
	}
}

// assess runs the checks and remembers what they said.
func (s *server) assess(ctx context.Context) []error {
	errs := s.check(ctx)
	for i, err := range errs {
		s.metrics.check(s.Checks[i].Name, err == nil)
	}
	return errs
}

// check runs all checks side by side, so that two slow ones cost the time of
// one.
func (s *server) check(ctx context.Context) []error {
	type result struct {
		i   int
		err error
	}
	results := make(chan result, len(s.Checks))
	for i, c := range s.Checks {
		go func() { results <- result{i, runCheck(ctx, c)} }()
	}
	errs := make([]error, len(s.Checks))
	for i := range errs {
		errs[i] = errSlowCheck
	}
	for range s.Checks {
		select {
		case r := <-results:
			errs[r.i] = r.err
		case <-ctx.Done():
			return errs
		}
	}
	return errs
}

var errSlowCheck = errors.New("no answer in time")

func runCheck(ctx context.Context, c Check) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
	}()
	return c.Ready(ctx)
}
