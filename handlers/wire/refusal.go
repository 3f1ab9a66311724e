package wire

import (
	"errors"
	"net/http"
)

// ErrNobody says that the sender is no person with a phone: a short code, a
// company's name. Nothing can be answered, so nothing is done and the provider
// hears 200, or it would try again.
var ErrNobody = errors.New("the sender is no phone")

// Refusal says why a request was turned away. The reason names fields and
// rules, never what was sent.
type Refusal struct {
	Status int
	Reason string
}

func (r *Refusal) Error() string { return r.Reason }

// Missing refuses a request that lacks a field.
func Missing(field string) error {
	return &Refusal{http.StatusBadRequest, "missing field: " + field}
}

// Malformed refuses a request that cannot be read; what names the part.
func Malformed(what string) error {
	return &Refusal{http.StatusBadRequest, "malformed " + what}
}

// WrongType refuses a body of another content type than the one wanted.
func WrongType(want string) error {
	return &Refusal{http.StatusUnsupportedMediaType, "wrong content type, want " + want}
}

// Forged refuses a request whose signature or credentials do not fit.
func Forged(what string) error {
	return &Refusal{http.StatusForbidden, "bad " + what}
}

// Unknown answers as if nothing were here. A secret path that is wrong must look
// like one that does not exist.
func Unknown() error {
	return &Refusal{http.StatusNotFound, "not found"}
}
