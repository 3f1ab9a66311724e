package wire

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
)

// Body is the body of a request that was read whole. Whoever checks a signature
// and whoever reads the form ask for the same bytes and the same form, which is
// parsed once.
type Body struct {
	bytes.Reader
	raw  []byte
	form url.Values // nil: not parsed yet
}

// NewBody makes a body of its bytes.
func NewBody(raw []byte) *Body {
	b := &Body{raw: raw}
	b.Reset(raw)
	return b
}

// Close does nothing.
func (*Body) Close() error { return nil }

// Whole is the body of r, which can be read again afterwards.
func Whole(r *http.Request) (*Body, error) {
	if b, ok := r.Body.(*Body); ok {
		return b, nil
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	b := NewBody(raw)
	r.Body = b
	return b, nil
}

// Bytes are all of the body. They must not be changed.
func (b *Body) Bytes() []byte { return b.raw }

// Form is the body as a form. It must not be changed.
func (b *Body) Form() (url.Values, error) {
	if b.form == nil {
		form, err := url.ParseQuery(string(b.raw))
		if err != nil {
			return nil, Malformed("form")
		}
		b.form = form
	}
	return b.form, nil
}
