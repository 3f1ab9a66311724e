package api

import (
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// A cursor says where a list goes on: the key of the last thing on the page, with
// a proof that we wrote it for this token, this operation and these parameters. So
// nobody reads a list from elsewhere, or another's, by changing one.

// cursor writes one.
func (a *API) cursor(c *call, last string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(last)) + "." + a.proof(c, last)
}

// after reads one; "" when the list begins.
func (a *API) after(c *call) (string, error) {
	s := c.QueryParam("cursor")
	if s == "" {
		return "", nil
	}
	text, proof, _ := strings.Cut(s, ".")
	last, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(last) == 0 || subtle.ConstantTimeCompare([]byte(proof), []byte(a.proof(c, string(last)))) != 1 {
		return "", bad("cursor", "give back what stood in next, with the same other parameters")
	}
	return string(last), nil
}

func (a *API) proof(c *call, last string) string {
	q := c.QueryParams()
	others := make([]string, 0, len(c.op.query))
	for _, name := range c.op.query {
		if name != "cursor" && name != "limit" {
			others = append(others, name+"="+strings.Join(q[name], "\x1f"))
		}
	}
	return a.Sign("cursor", c.token.ID, c.op.ID, c.Param("ref"), strings.Join(others, "\x1e"), last)
}

// page cuts a list, in the order of its keys, behind the cursor of a request.
func page[T any](a *API, c *call, list []T, key func(T) string) (part []T, next string, err error) {
	n, err := c.limit()
	if err != nil {
		return nil, "", err
	}
	last, err := a.after(c)
	if err != nil {
		return nil, "", err
	}
	part = []T{}
	for _, v := range list {
		if last != "" && key(v) <= last {
			continue
		}
		if len(part) == n {
			return part, a.cursor(c, key(part[n-1])), nil
		}
		part = append(part, v)
	}
	return part, "", nil
}
