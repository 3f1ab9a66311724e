package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hotline/handlers/wire"
	"net/http"
	"strings"
)

// Auth is how a gateway proves itself. Kinds that are set must all fit; with
// none set anybody who knows the name may speak for it.
type Auth struct {
	Bearer string // token of "Authorization: Bearer …"
	// HMACKey checks the SHA-256 HMAC of the body, in hexadecimal, in HMACHeader.
	HMACKey    string
	HMACHeader string // X-Signature unless set
}

// verify refuses a request that does not prove itself.
func (a Auth) verify(r *http.Request, body []byte) error {
	if a.Bearer != "" {
		have, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || !same(have, a.Bearer) {
			return wire.Forged("bearer token")
		}
	}
	if a.HMACKey != "" {
		header := a.HMACHeader
		if header == "" {
			header = "X-Signature"
		}
		if !same(strings.ToLower(strings.TrimPrefix(r.Header.Get(header), "sha256=")), sign(a.HMACKey, body)) {
			return wire.Forged("signature")
		}
	}
	return nil
}

func sign(key string, body []byte) string {
	h := hmac.New(sha256.New, []byte(key))
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
