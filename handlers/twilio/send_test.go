package twilio_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers/handlertest"
	"hotline/handlers/twilio"
)

func TestSend(t *testing.T) {
	sender := func(address string) handlertest.Sender {
		return provider(t, func(c *twilio.Config) { c.APIURL, c.RedactTexts, c.RedactNumbers = address, true, true })
	}
	letter := handlertest.Letter{
		Message: flows.Message{ID: "07abc/1", Channel: flows.SMS, Text: "GAP K7F4"}, To: "+84900000101",
		Path: "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json",
		Header: map[string]string{
			"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("AC00000000000000000000000000000000:"+token)),
			"Content-Type":  "application/x-www-form-urlencoded",
		},
		Form: url.Values{
			"To": {"+84900000101"}, "From": {"HOTLINE"}, "Body": {"GAP K7F4"}, "ContentRetention": {"discard"},
			"AddressRetention": {"obfuscate"}, "StatusCallback": {publicURL + "/twilio/status?m=07abc%2F1"},
		},
	}
	refused := func(name string, status int, body, reason string, temporary bool) handlertest.Letter {
		l := letter
		l.Name, l.Respond, l.With, l.Reason, l.Temporary = name, status, body, reason, temporary
		return l
	}
	accepted := letter
	accepted.Name, accepted.Respond, accepted.With = "accepted", 201, `{"sid":"SM77","status":"queued"}`
	accepted.Want = flows.Sending{Provider: "twilio", ID: "SM77"}
	garbled := refused("accepted with nonsense", 201, `<html>`, "unreadable_answer", true)
	garbled.Unknown = true
	noSID := refused("accepted without a sid", 201, `{}`, "unreadable_answer", true)
	noSID.Unknown = true
	handlertest.RunLetters(t, sender, []handlertest.Letter{
		accepted, garbled, noSID,
		refused("a number that is none", 400, `{"code":21211,"message":"The 'To' number +84900000101 is not valid","status":400}`, "bad_number", false),
		refused("a STOP", 400, `{"code":21610,"message":"unsubscribed +84900000101"}`, "opted_out", false),
		refused("a country that is closed", 400, `{"code":21408}`, "no_route", false),
		refused("a wrong token", 401, `{"code":20003}`, "credentials", true),
		refused("too many", 429, `{"code":20429}`, "busy", true),
		refused("too many without a code", 429, ``, "busy", true),
		refused("down", 503, `oops`, "provider_down", true),
		refused("a code nobody knows", 400, `{"code":12}`, "refused", false),
	})
}

// hang is a Twilio that takes a request and says nothing.
func hang(t *testing.T) string {
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	t.Cleanup(func() { close(done); server.Close() })
	return server.URL
}

func TestSendUnknownAfterTimeout(t *testing.T) {
	address := hang(t)
	p := provider(t, func(c *twilio.Config) { c.APIURL, c.Caller.Timeout = address, time.Second })
	_, err := p.Send(t.Context(), flows.Message{ID: "07abc/1", Text: "x"}, handlertest.Phone("+84900000101"))
	wantError(t, err, flows.SendError{Temporary: true, Unknown: true, Reason: "timeout"})
}

func TestSendEndsWithItsContext(t *testing.T) {
	address := hang(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // it must have left by then
	defer cancel()
	_, err := provider(t, func(c *twilio.Config) { c.APIURL = address }).Send(ctx, flows.Message{ID: "07abc/1"}, handlertest.Phone("+84900000101"))
	wantError(t, err, flows.SendError{Temporary: true, Unknown: true, Reason: "timeout"})
}

func TestSendNeverLeft(t *testing.T) {
	_, err := provider(t, func(c *twilio.Config) { c.APIURL = "http://127.0.0.1:1" }).
		Send(t.Context(), flows.Message{ID: "07abc/1"}, handlertest.Phone("+84900000101"))
	wantError(t, err, flows.SendError{Temporary: true, Reason: "unreachable"})
	// The real address is refused by the test's network.
	_, err = provider(t, nil).Send(t.Context(), flows.Message{ID: "07abc/1"}, handlertest.Phone("+84900000101"))
	wantError(t, err, flows.SendError{Temporary: true, Reason: "unreachable"})
}

func wantError(t *testing.T, err error, want flows.SendError) {
	t.Helper()
	var got *flows.SendError
	if !errors.As(err, &got) || got.Temporary != want.Temporary || got.Unknown != want.Unknown || got.Reason != want.Reason {
		t.Errorf("error %v, want %+v", err, want)
	}
	handlertest.NoCanary(t, err.Error(), "900000101", token, "AC0000")
}
