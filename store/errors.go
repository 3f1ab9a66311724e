package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// errMalformed says that a script refused its arguments before it wrote
// anything. It is a mistake of this package.
var errMalformed = errors.New("the script refused its arguments")

// unavailable is an error of the way to Redis, or of a Redis that cannot serve
// now. It is flows.ErrUnavailable and keeps its cause.
type unavailable struct {
	op    string
	cause error
}

func (e *unavailable) Error() string {
	return e.op + ": " + flows.ErrUnavailable.Error() + ": " + e.cause.Error()
}

func (e *unavailable) Unwrap() []error { return []error{flows.ErrUnavailable, e.cause} }

// answered is an error that Redis itself gave. Only what names it is kept: some
// of its texts repeat the arguments of the command.
type answered struct{ text string }

func (e *answered) Error() string { return e.text }

// passing are the first words of the answers of a Redis that is starting,
// failing over, full or refusing writes: they go by without us.
var passing = []string{
	"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "NOREPLICAS",
	"MISCONF", "OOM", "NOAUTH", "WRONGPASS", "MOVED", "ASK", "UNBLOCKED",
	"ERR max number of clients reached", "ERR Protocol error: unauthenticated",
}

// wrap says what was being done. It returns nil for nil.
func wrap(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.Nil):
		return fmt.Errorf("%s: %w", op, flows.ErrNotFound)
	case isNetwork(err):
		return &unavailable{op, err}
	}
	clean := &answered{firstWords(err.Error())}
	for _, p := range passing {
		if strings.HasPrefix(err.Error(), p) {
			return &unavailable{op, clean}
		}
	}
	return fmt.Errorf("%s: %w", op, clean)
}

// isNetwork reports whether the error is of the connection, not an answer.
func isNetwork(err error) bool {
	_, answered := errors.AsType[redis.Error](err)
	return !answered
}

// firstWords cuts an answer of Redis before it repeats what was sent.
func firstWords(s string) string {
	s, _, _ = strings.Cut(s, ", with args")
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > 120 {
		s = s[:120]
	}
	return s
}

// malformed reports an argument that no caller may send. It names the field, not
// its value.
func malformed(op, what string) error { return fmt.Errorf("%s: %s", op, what) }
