package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/handlers/wire"
)

// failure is how an error leaves: a status and a reason that names no content.
type failure struct {
	Status int    `json:"-"`
	Reason string `json:"reason"`
}

// failureOf is the one place that maps errors to HTTP. A reason is one of ours,
// or the text of a status: never the text of an error, which may quote.
func failureOf(err error) failure {
	var (
		refused *wire.Refusal
		tooLong *http.MaxBytesError
		echoed  *echo.HTTPError
		broke   *panicError
	)
	switch {
	case errors.As(err, &refused):
		return failure{refused.Status, refused.Reason}
	case errors.As(err, &tooLong):
		return failure{http.StatusRequestEntityTooLarge, "body over 64 KB"}
	case errors.Is(err, errSlow):
		return failure{http.StatusRequestTimeout, errSlow.Error()}
	case errors.Is(err, flows.ErrUnavailable):
		return failure{http.StatusServiceUnavailable, "not available now"}
	case errors.As(err, &echoed):
		return failure{echoed.Code, strings.ToLower(http.StatusText(echoed.Code))}
	case errors.As(err, &broke):
		return failure{http.StatusInternalServerError, "panic"}
	default:
		return failure{http.StatusInternalServerError, "internal"}
	}
}

// errSlow says that the body did not arrive in time.
var errSlow = errors.New("the body came too slowly")

// unavailable marks an error that goes away by itself: the provider may repeat.
func unavailable(err error) error { return errors.Join(flows.ErrUnavailable, err) }

// panicError is a recovered panic. It keeps the kind of value and not the value,
// which may quote what a caller typed.
type panicError struct{ kind string }

func (p *panicError) Error() string { return "panic: " + p.kind }

func panicked(v any) error {
	if err, ok := v.(error); ok && isRuntime(err) {
		return &panicError{kind: "runtime error"}
	}
	return &panicError{kind: fmt.Sprintf("%T", v)}
}

func isRuntime(err error) bool {
	var r interface{ RuntimeError() }
	return errors.As(err, &r)
}

// onError writes the response of a request that went wrong. It is Echo's error
// handler and runs inside the request log.
func onError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	f := failureOf(err)
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(f.Status)
		return
	}
	_ = c.JSON(f.Status, f)
}
