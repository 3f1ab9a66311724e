package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/handlers/kannel"
)

const twoProviders = `
public_url: https://hotline.example.org
twilio: {account: AC1, token: abc, from: "+15550100", redact: {texts: REDACT}}
africastalking: {token: abcd, username: sandbox, api_key: k}
routes:
  sms: [africastalking, twilio]
  only:
    - {purpose: alert, channel: sms, prefix: "+8496", providers: [twilio]}
    - {purpose: notice, providers: [twilio]}
limits:
  - {provider: twilio, per_second: 20, per_minute: 600}
  - {prefix: "+84", per_minute: 60}
`

func settings(t *testing.T, text string) configs.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "h.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := configs.Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRoutesAndLimitsOfTheSettings(t *testing.T) {
	c := settings(t, strings.Replace(twoProviders, "REDACT", "false", 1))
	want := []dispatch.Route{
		{Purpose: flows.PurposeAlert, Channel: flows.SMS, Prefix: "+8496", Providers: []string{"twilio"}},
		{Purpose: flows.PurposeNotice, Channel: flows.SMS, Providers: []string{"twilio"}},
		{Purpose: flows.PurposeNotice, Channel: flows.Voice, Providers: []string{"twilio"}},
		{Channel: flows.SMS, Providers: []string{"africastalking", "twilio"}},
		{Channel: flows.Voice, Providers: []string{}},
	}
	if d := cmp.Diff(want, routes(c.Routes)); d != "" {
		t.Errorf("routes (-want +got):\n%s", d)
	}
	limited := []dispatch.Limit{
		{Provider: "twilio", Most: 20, Per: time.Second},
		{Provider: "twilio", Most: 600, Per: time.Minute},
		{Prefix: "+84", Most: 60, Per: time.Minute},
	}
	if d := cmp.Diff(limited, limits(c.Limits)); d != "" {
		t.Errorf("limits (-want +got):\n%s", d)
	}
	if n := billed("Trẻ bị nhốt, cần người đến ngay. Địa chỉ ở xã Mai Châu, nhà sàn cạnh suối lớn."); n != 2 {
		t.Errorf("an accented text of 79 characters is billed as %d", n)
	}
}

// TestWhoIsAskedWhetherItHasAMessage: a provider that forgets texts cannot be.
func TestWhoIsAskedWhetherItHasAMessage(t *testing.T) {
	for redact, want := range map[string]int{"false": 1, "true": 0} {
		p, err := newProviders(settings(t, strings.Replace(twoProviders, "REDACT", redact, 1)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.finders) != want || len(p.senders) != 2 {
			t.Errorf("redact %s: %d of %d can be asked", redact, len(p.finders), len(p.senders))
		}
	}
}

// TestWhatCannotBeAskedHasOneMessageAtATime unless the settings allow more.
func TestWhatCannotBeAskedHasOneMessageAtATime(t *testing.T) {
	for _, c := range []struct {
		redact, more string
		want         map[string]int
	}{
		{"false", "", map[string]int{"africastalking": 1}},
		{"true", "", map[string]int{"africastalking": 1, "twilio": 1}},
		{"false", "  - {provider: africastalking, at_once: 8}\n", map[string]int{"africastalking": 8}},
	} {
		cfg := settings(t, strings.Replace(twoProviders, "REDACT", c.redact, 1)+c.more)
		p, err := newProviders(cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, p.router(cfg, realTime, zap.NewNop(), newFigures()).AtOnce); d != "" {
			t.Errorf("redact %s, %q: at once (-want +got):\n%s", c.redact, c.more, d)
		}
	}
}

const ownDialect = `
sms:
  fields: {from: sender}
signature: {timestamp: X-Time}
`

// TestChannelsBySettingsAlone: an aggregator and an operator that nobody here
// knows need no code.
func TestChannelsBySettingsAlone(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.yaml"), filepath.Join(dir, "bad.yaml")
	for file, text := range map[string]string{good: ownDialect, bad: "sms:\n  fields: {form: sender}\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const text = `
kannel: {token: abcd, dialects: {viettel: {hangup: [19], no_end_bit: true}}}
gateways: [{name: gw, preset: plain, dialect: DIALECT, hmac_key: key, networks: [203.0.113.0/24]}]
`
	c := settings(t, strings.Replace(text, "DIALECT", good, 1))
	p, err := newProviders(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if g := p.gateways[0]; g.Near("198.51.100.1") || !g.Near("203.0.113.9") {
		t.Error("the gateway may call from elsewhere, or not from where it is")
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/gateway/gw/sms", strings.NewReader(`{"text":"x"}`))
	r.Header.Set("Content-Type", "application/json")
	if _, err := p.gateways[0].SMS(r); err == nil || !strings.Contains(err.Error(), "sender") {
		t.Errorf("a text without the field of the dialect: %v", err)
	}
	want := map[string]kannel.Dialect{"viettel": {Hangup: []int{19}, NoEndBit: true}}
	if d := cmp.Diff(want, dialects(c.Kannel.Dialects)); d != "" {
		t.Errorf("dialects (-want +got):\n%s", d)
	}
	_, err = newProviders(settings(t, strings.Replace(text, "DIALECT", bad, 1)), nil)
	if err == nil || !strings.Contains(err.Error(), bad) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a fault of a dialect: %v", err)
	}
}

// TestWhereKannelReports: to the listener beside it, whatever the world calls us.
func TestWhereKannelReports(t *testing.T) {
	for text, want := range map[string]string{
		"public_url: https://hotline.example.org":                      "http://127.0.0.1:8080",
		"listen: 0.0.0.0:8081":                                         "http://127.0.0.1:8081",
		"listen: \":8082\"":                                            "http://127.0.0.1:8082",
		"listen: 192.0.2.7:8083":                                       "http://192.0.2.7:8083",
		"kannel: {token: abcd, report_url: \"http://10.0.0.5:8080/\"}": "http://10.0.0.5:8080",
	} {
		if got := reportURL(settings(t, text)); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
