package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hotline/handlers/wire"
)

// Signature says how an aggregator signs what it sends: the SHA-256 HMAC of
// Signed, in hexadecimal or base64, in a header. The key is in the settings.
//
// With a Timestamp a request is believed for a while only. It has to be part of
// what is signed: anybody could write a new one over an old request otherwise.
type Signature struct {
	Header    string `yaml:"header,omitempty"`    // X-Signature unless set
	Prefix    string `yaml:"prefix,omitempty"`    // before the signature, as sha256=
	Timestamp string `yaml:"timestamp,omitempty"` // header of the moment of signing
	// Signed is what is signed: $body, $timestamp as it came and $path with its
	// query. $body unless set, or $timestamp.$body with a timestamp.
	Signed string `yaml:"signed,omitempty"`
	// Window is how far the timestamp may be from now, either way; 5 minutes
	// unless set. Clocks of two companies differ.
	Window time.Duration `yaml:"window,omitempty"`
}

// whole is the signature with everything set.
func (s *Signature) whole() Signature {
	var w Signature
	if s != nil {
		w = *s
	}
	if w.Header == "" {
		w.Header = "X-Signature"
	}
	if w.Signed == "" && w.Timestamp != "" {
		w.Signed = "$timestamp.$body"
	}
	if w.Signed == "" {
		w.Signed = "$body"
	}
	if w.Window == 0 {
		w.Window = 5 * time.Minute
	}
	return w
}

// verify refuses a request with another signature, or one from another time. The
// signature goes first: what is not signed says nothing about a clock.
func (s Signature) verify(r *http.Request, key, body []byte, now func() time.Time) error {
	have, ok := strings.CutPrefix(r.Header.Get(s.Header), s.Prefix)
	stamp := r.Header.Get(s.Timestamp)
	h := hmac.New(sha256.New, key)
	before, after, _ := strings.Cut(s.Signed, "$body")
	fill := strings.NewReplacer("$timestamp", stamp, "$path", r.URL.RequestURI())
	for _, part := range [][]byte{[]byte(fill.Replace(before)), body, []byte(fill.Replace(after))} {
		_, _ = h.Write(part)
	}
	sum := h.Sum(nil)
	if !ok || !same(strings.ToLower(have), hex.EncodeToString(sum)) && !same(have, base64.StdEncoding.EncodeToString(sum)) {
		return wire.Forged("signature")
	}
	if s.Timestamp == "" {
		return nil
	}
	if stamp == "" {
		return wire.Missing(s.Timestamp)
	}
	at, ok := moment(stamp)
	if !ok {
		return wire.Malformed(s.Timestamp)
	}
	if age := now().Sub(at); age > s.Window || age < -s.Window {
		return wire.Forged("timestamp")
	}
	return nil
}

// moment reads a timestamp: Unix seconds or milliseconds, RFC 3339, or a date as
// HTTP writes it.
func moment(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n > 1e11 { // seconds until the year 5138
			return time.UnixMilli(n), true
		}
		return time.Unix(n, 0), true
	}
	for _, layout := range []string{time.RFC3339, http.TimeFormat, time.RFC1123Z} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// check finds a timestamp that would protect nothing.
func (s *Signature) check(fault func(format string, args ...any)) {
	if s == nil {
		return
	}
	w := s.whole()
	if !strings.Contains(w.Signed, "$body") {
		fault("signature.signed is %q, want $body in it", w.Signed)
	}
	if w.Timestamp != "" && !strings.Contains(w.Signed, "$timestamp") {
		fault("signature.signed is %q, want $timestamp in it: anybody could write a new one", w.Signed)
	}
	if w.Window < time.Second || w.Window > time.Hour {
		fault("signature.window is %s, want 1s to 1h", w.Window)
	}
}
