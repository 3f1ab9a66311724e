package twilio_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/twilio/twilio-go/twiml"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
	"hotline/handlers/twilio"
	"hotline/handlers/wire"
)

const (
	publicURL = "https://hotline.example.org"
	token     = "12345678901234567890123456789012"
	nextToken = "abcdefabcdefabcdefabcdefabcdefab"
)

func provider(t *testing.T, change func(*twilio.Config)) *twilio.Provider {
	t.Helper()
	c := twilio.Config{
		AccountSID: "AC00000000000000000000000000000000", Tokens: []string{token, nextToken},
		PublicURL: publicURL, From: "HOTLINE", Numbers: wire.Numbers{Region: "VN"},
		Caller: wire.Caller{Client: handlertest.Client()},
	}
	if change != nil {
		change(&c)
	}
	p, err := twilio.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// signed is a hook that Twilio would send.
func signed(name, path, body string) handlertest.Hook {
	return handlertest.Hook{
		Name: name, Path: path, Body: body,
		Header: map[string]string{"X-Twilio-Signature": handlertest.SignTwilio(token, publicURL+path, body)},
	}
}

// with changes a hook.
func with(h handlertest.Hook, change func(*handlertest.Hook)) handlertest.Hook {
	change(&h)
	return h
}

const text = "ToCountry=VN&MessageSid=SM01&NumMedia=0&ToCity=&FromZip=&SmsSid=SM01&FromState=&FromCity=Ha+Noi" +
	"&Body=b%C3%A9+g%C3%A1i+%3Cnh%C3%A0+b%C3%AAn%3E&FromCountry=VN&To=1111&From=%2B84901234567&ApiVersion=2010-04-01"

func sms() *flows.Inbound {
	return &flows.Inbound{
		Provider: "twilio", Channel: flows.SMS, Signal: flows.Input, From: handlertest.Phone("+84901234567"),
		To: "1111", ID: "SM01", Text: "bé gái <nhà bên>",
	}
}

func TestSMS(t *testing.T) {
	desk := &handlertest.Desk{}
	public, _ := handlertest.Public(desk, handlers.Options{Twilio: provider(t, nil)})
	const empty = `<?xml version="1.0" encoding="UTF-8"?><Response/>`
	good := with(signed("a text", "/twilio/sms", text), func(h *handlertest.Hook) {
		h.Reply, h.Inbound = flows.Reply{Text: "Da nhan <1> & 2"}, sms()
		h.Answer = `<?xml version="1.0" encoding="UTF-8"?><Response><Message>Da nhan &lt;1&gt; &amp; 2</Message></Response>`
	})
	forged := `{"reason":"bad signature"}`
	refused := func(name string, change func(*handlertest.Hook)) handlertest.Hook {
		return with(signed(name, "/twilio/sms", text), func(h *handlertest.Hook) {
			h.Status, h.Answer = 403, forged
			change(h)
		})
	}
	missing := func(field string) handlertest.Hook {
		form, _ := url.ParseQuery(text)
		form.Del(field)
		return with(signed("no "+field, "/twilio/sms", form.Encode()), func(h *handlertest.Hook) {
			h.Status, h.Answer = 400, `{"reason":"missing field: `+field+`"}`
		})
	}
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		good,
		with(good, func(h *handlertest.Hook) { h.Name, h.Reply, h.Answer = "no words to say", flows.Reply{}, empty }),
		with(good, func(h *handlertest.Hook) {
			h.Name = "the second token while rotating"
			h.Header = map[string]string{"X-Twilio-Signature": handlertest.SignTwilio(nextToken, publicURL+"/twilio/sms", text)}
		}),
		with(good, func(h *handlertest.Hook) {
			h.Name = "signed with the port of the scheme"
			h.Header = map[string]string{"X-Twilio-Signature": handlertest.SignTwilio(token, publicURL+":443/twilio/sms", text)}
		}),
		with(signed("a query in the URL", "/twilio/sms?a=1&b=%20", text), func(h *handlertest.Hook) { h.Answer, h.Inbound = empty, sms() }),
		with(signed("a repeated field", "/twilio/sms", text+"&Extra=b&Extra=a&Extra=b"), func(h *handlertest.Hook) { h.Answer, h.Inbound = empty, sms() }),
		with(signed("an empty text", "/twilio/sms", "MessageSid=SM01&From=%2B84901234567&To=1111&Body="), func(h *handlertest.Hook) {
			h.Answer, h.Inbound = empty, sms()
			h.Inbound.Text = ""
		}),
		with(signed("a company texts", "/twilio/sms", "MessageSid=SM01&From=VIETTEL&To=1111&Body=x"), func(*handlertest.Hook) {}),
		refused("no signature", func(h *handlertest.Hook) { h.Header = nil }),
		refused("another body", func(h *handlertest.Hook) { h.Body += "x" }),
		refused("another query", func(h *handlertest.Hook) { h.Path += "?x=1" }),
		refused("a signature of nobody", func(h *handlertest.Hook) { h.Header = map[string]string{"X-Twilio-Signature": "AAAA"} }),
		refused("signed for http", func(h *handlertest.Hook) {
			h.Header = map[string]string{"X-Twilio-Signature": handlertest.SignTwilio(token, "http://hotline.example.org/twilio/sms", text)}
		}),
		refused("signed for a host of the sender's choice", func(h *handlertest.Hook) {
			h.Header = map[string]string{"X-Twilio-Signature": handlertest.SignTwilio(token, "https://example.com/twilio/sms", text), "X-Forwarded-Host": "example.com"}
		}),
		missing("MessageSid"), missing("From"), missing("To"), missing("Body"),
		with(signed("a wrong type", "/twilio/sms", "x=1"), func(h *handlertest.Hook) {
			h.Type, h.Status, h.Answer = "text/plain", 415, `{"reason":"wrong content type, want application/x-www-form-urlencoded"}`
		}),
	})
}

// Twilio's own library must say the same of every reply.
func TestRepliesSayWhatTheLibraryOfTwilioWouldSay(t *testing.T) {
	said := func(doc string) string {
		var r struct {
			XMLName  xml.Name `xml:"Response"`
			Messages []string `xml:"Message"`
		}
		if err := xml.Unmarshal([]byte(doc), &r); err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		return fmt.Sprintf("%q", r.Messages)
	}
	for _, words := range []string{
		"", "Da nhan.", "Đã nhận. Cháu có đang gặp nguy hiểm?", "<Redirect>http://example.com</Redirect>", "a & b ]]> \"c\" 'd'",
		"hai\ndòng\tvà nữa", " ", "\x01\x0b", "a\xffb", "😀",
	} {
		desk := &handlertest.Desk{}
		public, _ := handlertest.Public(desk, handlers.Options{Twilio: provider(t, nil)})
		desk.Reply = flows.Reply{Text: words, End: true}
		got := httptest.NewRecorder()
		public.ServeHTTP(got, signed("a reply", "/twilio/sms", text).Request())
		var verbs []twiml.Element
		if words != "" {
			verbs = append(verbs, &twiml.MessagingMessage{Body: words})
		}
		want, err := twiml.Messages(verbs)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := said(got.Body.String()), said(want); got != want {
			t.Errorf("%q: got %s, want %s", words, got, want)
		}
	}
}

func TestVerifyJSON(t *testing.T) {
	p := provider(t, nil)
	body := `{"event":"x"}`
	sum := sha256.Sum256([]byte(body))
	path := "/twilio/events?bodySHA256=" + hex.EncodeToString(sum[:])
	request := func(path, body string) error {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Twilio-Signature", handlertest.SignTwilio(token, publicURL+path, ""))
		return p.Verify(r)
	}
	if err := request(path, body); err != nil {
		t.Errorf("signed JSON: %v", err)
	}
	if err := request(path, `{"event":"y"}`); err == nil {
		t.Error("another body was accepted")
	}
	if err := request("/twilio/events", body); err == nil {
		t.Error("JSON without a digest was accepted")
	}
}

func TestStatus(t *testing.T) {
	desk := &handlertest.Desk{}
	public, log := handlertest.Public(desk, handlers.Options{Twilio: provider(t, nil)})
	status := func(name, path, body string, want flows.Status) handlertest.Hook {
		return with(signed(name, path, body), func(h *handlertest.Hook) { h.Status, h.Receipt = 200, &want })
	}
	const ours = "/twilio/status?m=07abc%2F1"
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		status("sent", ours, "MessageSid=SM01&MessageStatus=sent&To=%2B84900000101", flows.Status{Provider: "twilio", ID: "SM01", Message: "07abc/1", Delivery: flows.Sent}),
		status("delivered", ours, "MessageSid=SM01&MessageStatus=delivered", flows.Status{Provider: "twilio", ID: "SM01", Message: "07abc/1", Delivery: flows.Delivered}),
		status("without our id", "/twilio/status", "MessageSid=SM01&MessageStatus=delivered", flows.Status{Provider: "twilio", ID: "SM01", Delivery: flows.Delivered}),
		status("undelivered with a code", ours, "MessageSid=SM01&MessageStatus=undelivered&ErrorCode=30005",
			flows.Status{Provider: "twilio", ID: "SM01", Message: "07abc/1", Delivery: flows.Undelivered, Reason: "bad_number"}),
		status("failed because of STOP", ours, "MessageSid=SM01&MessageStatus=failed&ErrorCode=21610",
			flows.Status{Provider: "twilio", ID: "SM01", Message: "07abc/1", Delivery: flows.Undelivered, Reason: "opted_out"}),
		status("a code nobody knows", ours, "MessageSid=SM01&MessageStatus=failed&ErrorCode=99999",
			flows.Status{Provider: "twilio", ID: "SM01", Message: "07abc/1", Delivery: flows.Undelivered, Reason: "failed"}),
		status("a word nobody knows", ours, "MessageSid=SM01&MessageStatus=pondering",
			flows.Status{Provider: "twilio", ID: "SM01", Message: "07abc/1", Delivery: flows.Undelivered, Reason: "unknown_status"}),
		status("the same word again", ours, "MessageSid=SM01&MessageStatus=pondering",
			flows.Status{Provider: "twilio", ID: "SM01", Message: "07abc/1", Delivery: flows.Undelivered, Reason: "unknown_status"}),
		with(signed("no id", ours, "MessageStatus=sent"), func(h *handlertest.Hook) { h.Status, h.Answer = 400, `{"reason":"missing field: MessageSid"}` }),
		with(signed("no status", ours, "MessageSid=SM01"), func(h *handlertest.Hook) {
			h.Status, h.Answer = 400, `{"reason":"missing field: MessageStatus"}`
		}),
	})
	if n := strings.Count(log.String(), "pondering"); n != 1 {
		t.Errorf("a strange word was logged %d times, want once", n)
	}
	handlertest.NoCanary(t, log.String(), "07abc", "SM01", "900000101")
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]twilio.Config{
		"no token":       {PublicURL: publicURL},
		"an empty token": {PublicURL: publicURL, Tokens: []string{""}},
		"no public URL":  {Tokens: []string{token}},
		"a path alone":   {Tokens: []string{token}, PublicURL: "/twilio"},
	} {
		if _, err := twilio.New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
