package twilio_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/handlers/handlertest"
	"hotline/handlers/twilio"
)

// TestOnlyWhatTwilioDocuments: every kind of request that we make has the fields
// and values of Twilio's OpenAPI document, which the fake Twilio enforces.
func TestOnlyWhatTwilioDocuments(t *testing.T) {
	sms := flows.Message{ID: "07abc/1", Channel: flows.SMS, Text: "GẤP K7F4"}
	named := sms
	named.Sender = "CUUTRE"
	call := flows.Message{ID: "07abc/2", Ref: "K7F4", Channel: flows.Voice, Urgent: true, Language: "vi"}
	code := flows.Message{Ref: "4821", Channel: flows.Voice, Purpose: flows.PurposeNotice, Language: "vi"}
	for name, c := range map[string]struct {
		m      flows.Message
		change func(*twilio.Config)
		fields string
	}{
		"a text":                      {sms, nil, "Body From StatusCallback To"},
		"under a registered name":     {named, nil, "Body From StatusCallback To"},
		"by a messaging service":      {sms, func(c *twilio.Config) { c.Service = "MG" + strings.Repeat("0a", 16) }, "Body MessagingServiceSid StatusCallback To"},
		"forgotten words and numbers": {sms, func(c *twilio.Config) { c.RedactTexts, c.RedactNumbers = true, true }, "AddressRetention Body ContentRetention From StatusCallback To"},
		"a call":                      {call, nil, "From MachineDetection StatusCallback TimeLimit Timeout To Url"},
		"a call that reads a code":    {code, nil, "From MachineDetection StatusCallback TimeLimit Timeout To Url"},
	} {
		t.Run(name, func(t *testing.T) {
			tw, _, p := story(t, func(config *twilio.Config) {
				if c.change != nil {
					c.change(config)
				}
			})
			if _, err := p.Send(t.Context(), c.m, responder); err != nil {
				t.Fatal(err)
			}
			var fields []string
			for f := range tw.Orders()[0].Fields {
				fields = append(fields, f)
			}
			slices.Sort(fields)
			if got := strings.Join(fields, " "); got != c.fields {
				t.Errorf("fields %s, want %s", got, c.fields)
			}
			if _, _, err := p.Find(t.Context(), c.m, responder, handlertest.Now); err != nil && !strings.Contains(err.Error(), "redacted") {
				t.Errorf("look it up: %v", err)
			}
		})
	}
}

// TestTheFakeTwilioRefuses what the document does not have: else the test above
// could not fail.
func TestTheFakeTwilioRefuses(t *testing.T) {
	tw := handlertest.NewTwilio(t)
	text := url.Values{"To": {"+84900000101"}, "From": {"HOTLINE"}, "Body": {"x"}}
	call := url.Values{"To": {"+84900000101"}, "From": {"+84240000000"}, "Url": {publicURL + "/twilio/voice/ask"}}
	for _, c := range []struct {
		name, path, field, value string
		form                     url.Values
		want                     int
	}{
		{"nothing wrong", "Messages", "StatusCallback", publicURL, text, 201},
		{"nothing wrong with a call", "Calls", "Timeout", "30", call, 201},
		{"a field of nobody", "Messages", "Sender", "x", text, 400},
		{"a field of calls", "Messages", "Timeout", "30", text, 400},
		{"a national number", "Messages", "To", "0900000101", text, 400},
		{"no words", "Messages", "Body", "", text, 400},
		{"a word that it does not know", "Messages", "ContentRetention", "forget", text, 400},
		{"a callback without a scheme", "Messages", "StatusCallback", "hotline.example.org/x", text, 400},
		{"a service that is none", "Messages", "MessagingServiceSid", "SM01", text, 400},
		{"a call from a name", "Calls", "From", "HOTLINE", call, 400},
		{"a call that rings for an hour", "Calls", "Timeout", "3600", call, 400},
	} {
		form := maps.Clone(c.form)
		form.Set(c.field, c.value)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tw.URL()+"/2010-04-01/Accounts/"+tw.AccountSID+"/"+c.path+".json", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(tw.AccountSID, tw.Token)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := handlertest.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s: status %d, want %d", c.name, resp.StatusCode, c.want)
		}
	}
}

// TestEveryWordOfTwilioIsKnown: none of its states is a stranger here.
func TestEveryWordOfTwilioIsKnown(t *testing.T) {
	tw, desk, _ := story(t, nil)
	for _, o := range []struct {
		order *handlertest.Order
		words []string
	}{
		{&handlertest.Order{SID: "SM1", Callback: publicURL + "/twilio/status?m=07abc%2F1"}, handlertest.TwilioMessageWords},
		{&handlertest.Order{SID: "CA1", Callback: publicURL + "/twilio/voice/status?m=07abc%2F2"}, handlertest.TwilioCallWords},
	} {
		tw.Report(o.order, "", o.words...)
	}
	got := deliveries(desk)
	if len(got) != len(handlertest.TwilioMessageWords)+len(handlertest.TwilioCallWords) {
		t.Errorf("%d words came: %q", len(got), got)
	}
	for _, d := range got {
		if strings.Contains(d, "unknown_status") {
			t.Errorf("a word of Twilio's is not known: %q", got)
		}
	}
}
