package wire

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// The content types that providers send.
const (
	TypeForm = "application/x-www-form-urlencoded"
	TypeJSON = "application/json"
	TypeXML  = "application/xml"
)

// Form reads the body as a form. The query is not part of it: what is in a URL
// ends in access logs, so no provider may put a report there.
func Form(r *http.Request) (url.Values, error) {
	if !IsType(r, TypeForm) {
		return nil, WrongType(TypeForm)
	}
	b, err := Whole(r)
	if err != nil {
		return nil, err
	}
	return b.Form()
}

// IsType reports whether the body of r is of a content type, whatever its
// parameters say.
func IsType(r *http.Request, want ...string) bool {
	have, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return false
	}
	for _, w := range want {
		if strings.EqualFold(have, w) {
			return true
		}
	}
	return false
}

// Need refuses a form in which one of the fields is absent or empty.
func Need(form url.Values, fields ...string) error {
	for _, f := range fields {
		if form.Get(f) == "" {
			return Missing(f)
		}
	}
	return nil
}

// Present refuses a form without the field. The field may be empty, as the text
// of a first USSD hop is.
func Present(form url.Values, field string) error {
	if !form.Has(field) {
		return Missing(field)
	}
	return nil
}
