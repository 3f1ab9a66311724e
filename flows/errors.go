package flows

import (
	"errors"
	"fmt"
)

// The sentinels that packages compare with errors.Is.
var (
	// ErrConflict says that a case or session has moved on since it was read.
	// The caller reads it again and decides anew.
	ErrConflict = errors.New("it has changed since it was read")
	// ErrTaken says that the short reference or receipt belongs to another
	// case. The caller draws another; it is never mistaken for a retry.
	ErrTaken = errors.New("the reference is taken")
	// ErrNotFound says that there is no such thing.
	ErrNotFound = errors.New("not found")
	// ErrUnavailable says that the store cannot be reached; nothing was written
	// that was confirmed.
	ErrUnavailable = errors.New("the store is not available")
)

// SendError says why a message did not leave.
type SendError struct {
	// Temporary is true when the same message may succeed later.
	Temporary bool
	// Unknown is true when the provider may have accepted the message: a
	// timeout after the request was written.
	Unknown bool
	// Elsewhere is true when this provider will not take the message, now or
	// later, but another one may. Without it and Temporary, give up.
	Elsewhere bool
	// Reason is one of a closed set of words, fit for a metric label:
	// "refused", "busy", "timeout", "unreachable", "no_phone", "no_route", ….
	Reason string
	// Err is the cause. It holds no number and no text of a message.
	Err error
}

func (e *SendError) Error() string {
	if e.Err == nil {
		return "send: " + e.Reason
	}
	return fmt.Sprintf("send: %s: %v", e.Reason, e.Err)
}

func (e *SendError) Unwrap() error { return e.Err }
