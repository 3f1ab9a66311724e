package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation"
)

// problem is what was wrong, as RFC 9457 writes it. Its code is one of a closed
// set, or the named refusal of a decision; it never quotes.
type problem struct {
	Status int
	Code   string
	Detail string // what was expected; from us, never from the request
}

func (p *problem) Error() string { return p.Code }

func (p *problem) body(request string) map[string]any {
	m := map[string]any{"type": "urn:hotline:problem:" + p.Code, "title": http.StatusText(p.Status), "status": p.Status, "code": p.Code}
	if p.Detail != "" {
		m["detail"] = p.Detail
	}
	if request != "" {
		m["instance"] = "urn:hotline:request:" + request
	}
	return m
}

// bad is a request that does not follow the document.
func bad(code, detail string) error {
	return &problem{Status: http.StatusBadRequest, Code: code, Detail: detail}
}

// unfit is a request that follows the document and cannot be meant.
func unfit(code, detail string) error {
	return &problem{Status: http.StatusUnprocessableEntity, Code: code, Detail: detail}
}

// problemOf is the one place that maps errors to problems. Nil: the error is for
// the log, and its request failed here.
func problemOf(err error) *problem {
	var (
		known   *problem
		refused *escalation.Refused
		denied  *access.Denied
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &refused) && refused.Reason == escalation.RefusedNotYours, errors.Is(err, flows.ErrNotFound):
		return &problem{Status: http.StatusNotFound, Code: "not_found"}
	case errors.As(err, &refused):
		return &problem{Status: http.StatusConflict, Code: string(refused.Reason)}
	case errors.As(err, &denied):
		return &problem{Status: http.StatusForbidden, Code: "denied"}
	case errors.Is(err, flows.ErrConflict):
		return &problem{Status: http.StatusConflict, Code: "changed", Detail: "it has changed meanwhile: read it and try again"}
	case errors.Is(err, flows.ErrUnavailable):
		return &problem{Status: http.StatusServiceUnavailable, Code: "unavailable"}
	}
	return nil
}

// send writes a problem.
func send(x echo.Context, p *problem) error {
	body, err := json.Marshal(p.body(x.Response().Header().Get(echo.HeaderXRequestID)))
	if err != nil {
		return err
	}
	return x.Blob(p.Status, "application/problem+json", body)
}
