package account

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 names it, and all apps speak it
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The code that changes: RFC 6238 with the values that every app knows.
const (
	totpPeriod = 30 // seconds
	secretSize = 20 // bytes, RFC 4226 §4
	// slack is how many steps a phone's clock may be off either way.
	slack = 1
)

// Code is the code of a step (RFC 4226 §5.3).
func Code(secret []byte, step int64) string {
	h := hmac.New(sha1.New, secret)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 15
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// Step is the step of a moment.
func Step(now time.Time) int64 { return now.Unix() / totpPeriod }

// Match finds the step whose code this is, later than the last one used.
func Match(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	code = strings.Join(strings.Fields(code), "")
	for d := int64(-slack); d <= slack; d++ {
		s := Step(now) + d
		if subtle.ConstantTimeCompare([]byte(Code(secret, s)), []byte(code)) == 1 && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}

var plain32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// SecretText is a secret as people type it into an app, in groups of four.
func SecretText(secret []byte) string { return groups(plain32.EncodeToString(secret), 4, " ") }

// KeyURI is what the picture for the app says (the otpauth form of Google
// Authenticator).
func KeyURI(issuer, name string, secret []byte) string {
	q := url.Values{"secret": {plain32.EncodeToString(secret)}, "issuer": {issuer}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+name) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}
