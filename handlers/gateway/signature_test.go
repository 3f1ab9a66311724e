package gateway_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers/gateway"
	"hotline/handlers/handlertest"
)

const textBody = `{"id":"8","from":"+84901234567","to":"1111","text":"x"}`

func mac(text string) []byte {
	h := hmac.New(sha256.New, []byte("key"))
	h.Write([]byte(text))
	return h.Sum(nil)
}

// TestSignatures: what was signed is believed, for a while, and what was taken
// from the wire and sent again later is not.
func TestSignatures(t *testing.T) {
	now := handlertest.Now
	stamp := fmt.Sprint(now.Unix())
	old, early := fmt.Sprint(now.Add(-5*time.Minute-time.Second).Unix()), fmt.Sprint(now.Add(6*time.Minute).Unix())
	const timed = "signature: {header: X-Hub, prefix: 'sha256=', timestamp: X-Time}"
	signed := func(stamp string) map[string]string {
		return map[string]string{"X-Time": stamp, "X-Hub": "sha256=" + hex.EncodeToString(mac(stamp+"."+textBody))}
	}
	for _, tt := range []struct {
		name, dialect string
		header        map[string]string
		status        int
		reason        string
	}{
		{"the body alone, in base64", "signature: {header: X-Hub, prefix: 'sha256='}", map[string]string{"X-Hub": "sha256=" + base64.StdEncoding.EncodeToString(mac(textBody))}, 200, ""},
		{"without its prefix", "signature: {header: X-Hub, prefix: 'sha256='}", map[string]string{"X-Hub": hex.EncodeToString(mac(textBody))}, 403, "bad signature"},
		{"with a timestamp", timed, signed(stamp), 200, ""},
		{"with one in milliseconds", timed, signed(fmt.Sprint(now.UnixMilli())), 200, ""},
		{"with one in words", timed, signed(now.Format(time.RFC3339)), 200, ""},
		{"five minutes ago", timed, signed(fmt.Sprint(now.Add(-5 * time.Minute).Unix())), 200, ""},
		{"longer ago", timed, signed(old), 403, "bad timestamp"},
		{"in the future", timed, signed(early), 403, "bad timestamp"},
		{"within a window of its own", timed[:len(timed)-1] + ", window: 10m}", signed(old), 200, ""},
		{"an old request with a new timestamp", timed, map[string]string{"X-Time": stamp, "X-Hub": signed(old)["X-Hub"]}, 403, "bad signature"},
		{"no timestamp", timed, map[string]string{"X-Hub": signed("")["X-Hub"]}, 400, "missing field: X-Time"},
		{"a timestamp that is none", timed, signed("yesterday"), 400, "malformed X-Time"},
		{"the path too", "signature: {timestamp: X-Time, signed: '$timestamp$path$body'}", map[string]string{"X-Time": stamp, "X-Signature": hex.EncodeToString(mac(stamp + "/gateway/gw/sms" + textBody))}, 200, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			public, desk := speak(t, "", func(c *gateway.Config) {
				c.Dialect, c.Auth.HMACKey, c.Now = parse(t, "plain", tt.dialect), "key", func() time.Time { return now }
			})
			h := handlertest.Hook{Name: "asked", Path: "/gateway/gw/sms", Type: "application/json", Body: textBody, Header: tt.header, Status: tt.status}
			if h.Answer = `{"reason":"` + tt.reason + `"}`; tt.status == 200 {
				h.Answer = `{"text":"","end":false}`
				h.Inbound = &flows.Inbound{
					Provider: "gw", Channel: flows.SMS, Signal: flows.Input, From: handlertest.Phone("+84901234567"), To: "1111", ID: "8", Text: "x",
				}
			}
			handlertest.RunHooks(t, public, desk, []handlertest.Hook{h})
		})
	}
}

func TestSignaturesThatProtectNothing(t *testing.T) {
	for dialect, want := range map[string]string{
		"signature: {signed: $timestamp}":                 "want $body in it",
		"signature: {timestamp: X-Time, signed: $body}":   "anybody could write a new one",
		"signature: {timestamp: X-Time, window: 100h}":    "want 1s to 1h",
		"signature: {timestamp: X-Time, header: [1]}":     "line 1",
		"signature:\n  timestamp: X-Time\n  windows: 10m": "line 3",
	} {
		base, err := gateway.Preset("plain")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gateway.Parse(base, []byte(dialect)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", dialect, err, want)
		}
	}
}
