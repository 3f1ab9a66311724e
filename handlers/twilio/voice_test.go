package twilio_test

import (
	"encoding/xml"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
	"hotline/handlers/twilio"
)

// words are short, so that the tests read well.
var words = flows.Texts{
	"vi": {"alert.voice.urgent": "Khẩn cấp {spelled}. Bấm 1.", "alert.voice.normal": "Việc mới {spelled}. Bấm 1.", "voice.goodbye": "Tạm biệt.", "voice.code": "Mã {code}."},
	"en": {"alert.voice.urgent": "Urgent {spelled}. Press 1.", "alert.voice.normal": "New {spelled}. Press 1.", "voice.goodbye": "Goodbye."},
}

// twimlDoc is what a call is told to do.
type twimlDoc struct {
	Gather []struct {
		Action    string `xml:"action,attr"`
		NumDigits string `xml:"numDigits,attr"`
		Say       said
	}
	Say    []said
	Hangup []struct{}
}

type said struct {
	Language string `xml:"language,attr"`
	Words    string `xml:",chardata"`
}

// dial posts a signed request of a call and returns what the call is told.
func dial(t *testing.T, desk *handlertest.Desk, path, body string) twimlDoc {
	t.Helper()
	p := provider(t, func(c *twilio.Config) { c.Texts = words })
	public, log := handlertest.Public(desk, handlers.Options{Twilio: p})
	w := httptest.NewRecorder()
	public.ServeHTTP(w, signed("", path, body).Request())
	if w.Code != 200 {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	handlertest.NoCanary(t, log.String(), "K7F4", "07abc", "900000101", "CA01")
	var doc twimlDoc
	if err := xml.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return doc
}

const inCall = "CallSid=CA01&From=%2B84240000000&To=%2B84900000101"

func TestVoiceAsks(t *testing.T) {
	for _, tt := range []struct{ name, query, language, words, goodbye string }{
		{"urgent in Vietnamese", "l=vi&m=07abc%2F2&r=K7F4&u=1", "vi-VN", "Khẩn cấp K, 7, F, 4. Bấm 1.", "Tạm biệt."},
		{"not urgent in English", "l=en&m=07abc%2F2&r=K7F4", "en-US", "New K, 7, F, 4. Press 1.", "Goodbye."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			desk := &handlertest.Desk{}
			doc := dial(t, desk, "/twilio/voice/ask?"+tt.query, inCall+"&AnsweredBy=human")
			if len(doc.Gather) != 3 {
				t.Fatalf("asked %d times, want 3", len(doc.Gather))
			}
			for _, g := range doc.Gather {
				if g.Say != (said{tt.language, tt.words}) || g.NumDigits != "1" || g.Action != publicURL+"/twilio/voice/press?"+tt.query {
					t.Errorf("asks %+v", g)
				}
			}
			if diff := cmp.Diff([]said{{tt.language, tt.goodbye}}, doc.Say); diff != "" {
				t.Error(diff)
			}
			if got := desk.Inbounds(); len(got) != 0 {
				t.Errorf("somebody said %v", got)
			}
		})
	}
}

func TestVoiceTellsAMachineNothing(t *testing.T) {
	for _, by := range []string{"machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax"} {
		doc := dial(t, &handlertest.Desk{}, "/twilio/voice/ask?l=vi&r=K7F4", inCall+"&AnsweredBy="+by)
		if len(doc.Gather) != 0 || len(doc.Say) != 0 || len(doc.Hangup) != 1 {
			t.Errorf("%s: told %+v", by, doc)
		}
	}
}

func TestVoiceKeys(t *testing.T) {
	const path = "/twilio/voice/press?l=vi&m=07abc%2F2&r=K7F4&u=1"
	answer := func(digits, text string) *flows.Inbound {
		return &flows.Inbound{
			Provider: "twilio", Channel: flows.Voice, Signal: flows.Input, From: handlertest.Phone("+84900000101"),
			To: "+84240000000", ID: "CA01/" + digits, Text: text, At: handlertest.Now,
		}
	}
	for _, tt := range []struct {
		name, digits string
		want         *flows.Inbound
	}{
		{"one takes it", "1", answer("1", "1 K7F4")},
		{"two cannot", "2", answer("2", "0 K7F4")},
		{"three is there", "3", answer("3", "3 K7F4")},
		{"four hands it on", "4", answer("4", "4 K7F4")},
		{"a star repeats", "*", nil},
		{"another key repeats", "7", nil},
		{"no key repeats", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			desk := &handlertest.Desk{Reply: flows.Reply{Text: "K7F4 là của bạn.", End: true}}
			doc := dial(t, desk, path, inCall+"&Digits="+url.QueryEscape(tt.digits))
			if tt.want == nil {
				if len(doc.Gather) != 3 || !strings.HasPrefix(doc.Gather[0].Say.Words, "Khẩn cấp") {
					t.Errorf("told %+v, want the question again", doc)
				}
				return
			}
			if diff := cmp.Diff([]flows.Inbound{*tt.want}, desk.Inbounds(), handlertest.SamePhones()); diff != "" {
				t.Error(diff)
			}
			if len(doc.Hangup) != 1 || len(doc.Say) != 1 || doc.Say[0].Words != "K7F4 là của bạn." {
				t.Errorf("told %+v, want the reply and a hang-up", doc)
			}
		})
	}
}

// TestVoiceWaitsForAnotherKey: a reply that does not end the call is read out
// with the same question open.
func TestVoiceWaitsForAnotherKey(t *testing.T) {
	desk := &handlertest.Desk{Reply: flows.Reply{Text: "K7F4 là của bạn. Bấm 3."}}
	const path = "/twilio/voice/press?l=vi&m=07abc%2F2&r=K7F4&u=1"
	doc := dial(t, desk, path, inCall+"&Digits=1")
	if len(doc.Gather) != 1 || doc.Gather[0].Say.Words != "K7F4 là của bạn. Bấm 3." || doc.Gather[0].Action != publicURL+path || len(doc.Hangup) != 1 {
		t.Errorf("told %+v, want the reply, a key, then a hang-up", doc)
	}
}

func TestVoiceStatus(t *testing.T) {
	desk := &handlertest.Desk{}
	public, _ := handlertest.Public(desk, handlers.Options{Twilio: provider(t, nil)})
	const path = "/twilio/voice/status?m=07abc%2F2"
	hook := func(status, by string, d flows.Delivery, reason string) handlertest.Hook {
		h := signed(status+" "+by, path, "CallSid=CA01&CallStatus="+status+"&AnsweredBy="+by)
		h.Status, h.Receipt = 200, &flows.Status{Provider: "twilio", ID: "CA01", Message: "07abc/2", Delivery: d, Reason: reason}
		return h
	}
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		hook("ringing", "", flows.Sent, ""),
		hook("completed", "human", flows.Delivered, ""),
		hook("completed", "unknown", flows.Delivered, ""),
		hook("completed", "machine_end_beep", flows.Undelivered, "machine"),
		hook("completed", "fax", flows.Undelivered, "machine"),
		hook("busy", "", flows.Undelivered, "busy"),
		hook("no-answer", "", flows.Undelivered, "no_answer"),
		hook("failed", "", flows.Undelivered, "failed"),
		hook("dreaming", "", flows.Undelivered, "unknown_status"),
	})
}

func TestSendCall(t *testing.T) {
	sender := func(address string) handlertest.Sender {
		return provider(t, func(c *twilio.Config) { c.APIURL, c.VoiceFrom = address, "+84240000000" })
	}
	handlertest.RunLetters(t, sender, []handlertest.Letter{{
		Name:    "an urgent alert",
		Message: flows.Message{ID: "07abc/2", Ref: "K7F4", Channel: flows.Voice, Urgent: true, Language: "vi", Text: "GAP K7F4"},
		To:      "+84900000101",
		Path:    "/2010-04-01/Accounts/AC00000000000000000000000000000000/Calls.json",
		Form: url.Values{
			"To": {"+84900000101"}, "From": {"+84240000000"}, "MachineDetection": {"Enable"}, "Timeout": {"30"}, "TimeLimit": {"120"},
			"Url":            {publicURL + "/twilio/voice/ask?l=vi&m=07abc%2F2&r=K7F4&u=1"},
			"StatusCallback": {publicURL + "/twilio/voice/status?m=07abc%2F2"},
		},
		Respond: 201, With: `{"sid":"CA77"}`, Want: flows.Sending{Provider: "twilio", ID: "CA77"},
	}})
}

// TestNoCallFromAName: without a number to call from, no request leaves, and the
// reason is no word about the member.
func TestNoCallFromAName(t *testing.T) {
	tw, _, p := story(t, func(c *twilio.Config) { c.VoiceFrom = "" })
	_, err := p.Send(t.Context(), flows.Message{ID: "07abc/2", Ref: "K7F4", Channel: flows.Voice}, responder)
	wantError(t, err, flows.SendError{Reason: "no_route"})
	if n := len(tw.Orders()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

// TestACallReadsACode: whose phone it is is proven by what they heard, so no key
// is asked for and no alert is spoken.
func TestACallReadsACode(t *testing.T) {
	desk := &handlertest.Desk{}
	doc := dial(t, desk, "/twilio/voice/ask?k=1&l=vi&m=&r=4821", inCall+"&AnsweredBy=human")
	want := []said{{"vi-VN", "Mã 4, 8, 2, 1."}, {"vi-VN", "Mã 4, 8, 2, 1."}}
	if diff := cmp.Diff(want, doc.Say); diff != "" || len(doc.Gather) != 0 {
		t.Errorf("asks %d times; says %s", len(doc.Gather), diff)
	}
}
