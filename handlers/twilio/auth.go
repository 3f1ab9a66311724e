package twilio

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/twilio/twilio-go/client"

	"hotline/handlers/wire"
)

// Verify refuses a request that Twilio did not sign. The URL that is signed is
// the configured public one: what a request says of its own scheme and host is
// the sender's to choose. The body can be read again afterwards.
func (p *Provider) Verify(r *http.Request) error {
	body, err := wire.Whole(r)
	if err != nil {
		return err
	}
	signature := r.Header.Get("X-Twilio-Signature")
	if signature == "" {
		return wire.Forged("signature")
	}
	at := p.config.PublicURL + r.URL.RequestURI()
	for _, token := range p.config.Tokens {
		ok, err := signed(r, token, at, body, signature)
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
	}
	return wire.Forged("signature")
}

// signed checks one token, so that two can be valid while one replaces the
// other. A JSON body is signed by its digest in the query, a form by its fields.
func signed(r *http.Request, token, at string, body *wire.Body, signature string) (bool, error) {
	v := client.NewRequestValidator(token)
	if wire.IsType(r, wire.TypeJSON) {
		return r.URL.Query().Has("bodySHA256") && v.ValidateBody(at, body.Bytes(), signature), nil
	}
	if !wire.IsType(r, wire.TypeForm) {
		return false, wire.WrongType(wire.TypeForm)
	}
	form, err := body.Form()
	if err != nil {
		return false, err
	}
	return v.Validate(at, flat(form), signature), nil
}

// flat makes one value of a repeated field. Twilio signs each distinct value
// with the name before it, in order; the library knows the first value alone and
// writes name and value without anything between, so the names go inside.
func flat(form url.Values) map[string]string {
	m := make(map[string]string, len(form))
	for name, values := range form {
		distinct := slices.Compact(slices.Sorted(slices.Values(values)))
		m[name] = strings.Join(distinct, name)
	}
	return m
}

// publicURL checks the address that Twilio was told.
func publicURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", fmt.Errorf("twilio: the public URL must be like https://hotline.example.org")
	}
	return strings.TrimSuffix(s, "/"), nil
}
