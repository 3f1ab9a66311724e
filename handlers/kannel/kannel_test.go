package kannel_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
	"hotline/handlers/kannel"
	"hotline/handlers/wire"
)

func provider(t *testing.T, sendsms string, change func(*kannel.Config)) *kannel.Provider {
	t.Helper()
	c := kannel.Config{
		Tokens: []string{"secret-path"}, Numbers: wire.Numbers{Region: "VN"}, SendURL: sendsms, User: "hotline", Password: "secret-word",
		From: "1111", SMSC: "op", ReportURL: "http://127.0.0.1:8080", Caller: wire.Caller{Client: handlertest.Client()},
	}
	if change != nil {
		change(&c)
	}
	p, err := kannel.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// smsbox is a sendsms that accepts and keeps what it was given.
type smsbox struct{ sent []map[string]string }

func (b *smsbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	got := map[string]string{"text": string(body), "address": r.URL.RequestURI()}
	for _, h := range []string{"Username", "Password", "From", "To", "Smsc", "Binfo", "Coding", "Meta-Data", "Dlr-Mask", "Dlr-Url"} {
		if v := r.Header.Get("X-Kannel-" + h); v != "" {
			got[h] = v
		}
	}
	b.sent = append(b.sent, got)
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, "0: Accepted for delivery")
}

// screen is a reply as sendsms is given it.
func screen(change map[string]string) []map[string]string {
	m := map[string]string{
		"address": "/cgi-bin/sendsms", "Username": "hotline", "Password": "secret-word",
		"From": "1111", "To": "+84901234567", "Smsc": "op", "Coding": "0",
	}
	maps.Copy(m, change)
	return []map[string]string{m}
}

// headers are those of a captured post-url request.
func headers(change map[string]string) map[string]string {
	m := map[string]string{
		"User-Agent": "Kannel/1.4.5", "X-Kannel-From": "+84901234567", "X-Kannel-To": "1111", "X-Kannel-Time": "2026-11-23 08:00:00",
		"X-Kannel-SMSC": "op", "X-Kannel-PID": "0", "X-Kannel-Alt-DCS": "0", "X-Kannel-Coding": "0", "X-Kannel-Compress": "0",
		"X-Kannel-Service": "default", "X-Kannel-Meta-Data": "?smpp?",
	}
	maps.Copy(m, change)
	return m
}

func inbound(ch flows.Channel, signal flows.Signal, to, session, text string) *flows.Inbound {
	return &flows.Inbound{Provider: "kannel", Channel: ch, Signal: signal, From: handlertest.Phone("+84901234567"), To: to, Session: session, ID: "k1", Text: text, Sent: handlertest.Now}
}

const plain = `text/plain; charset="UTF-8"`

func TestSMS(t *testing.T) {
	box := &smsbox{}
	server := httptest.NewServer(box)
	defer server.Close()
	desk := &handlertest.Desk{}
	public, log := handlertest.Public(desk, handlers.Options{Kannel: provider(t, server.URL+"/cgi-bin/sendsms", nil)})
	const path = "/kannel/secret-path/sms?id=k1"
	for _, tt := range []struct {
		hook handlertest.Hook
		sent []map[string]string
	}{
		{handlertest.Hook{
			Name: "the 7-bit alphabet", Path: path, Type: plain, Header: headers(nil), Body: "be gai {€}",
			Reply: flows.Reply{Text: "Da nhan"}, Inbound: inbound(flows.SMS, flows.Input, "1111", "", "be gai {€}"),
		}, screen(map[string]string{"text": "Da nhan"})},
		{
			handlertest.Hook{
				Name: "Unicode", Path: path, Type: `text/plain; charset="UTF-16BE"`, Header: headers(map[string]string{"X-Kannel-Coding": "2"}),
				Body: "\x00b\x00\xe9\x01\x11\xd8\x3d\xde\x22", Reply: flows.Reply{Text: "Đã nhận"}, Inbound: inbound(flows.SMS, flows.Input, "1111", "", "béđ😢"),
			},
			screen(map[string]string{"text": "Đã nhận", "Coding": "2"}),
		},
		{handlertest.Hook{Name: "Latin 1", Path: path, Type: `text/plain; charset=ISO-8859-1`, Header: headers(nil), Body: "b\xe9", Inbound: inbound(flows.SMS, flows.Input, "1111", "", "bé")}, nil},
		{handlertest.Hook{Name: "no words", Path: path, Type: plain, Header: headers(nil), Inbound: inbound(flows.SMS, flows.Input, "1111", "", "")}, nil},
		{handlertest.Hook{
			Name: "half a character", Path: path, Type: `text/plain; charset="UTF-16BE"`, Header: headers(nil), Body: "\x00b\x00", Status: 400,
			Answer: `{"reason":"malformed UTF-16"}`,
		}, nil},
		{handlertest.Hook{
			Name: "octets", Path: path, Type: "application/octet-stream", Header: headers(nil), Body: "\x00", Status: 415,
			Answer: `{"reason":"wrong content type, want text/plain"}`,
		}, nil},
		{handlertest.Hook{
			Name: "send-sender was forgotten", Path: path, Type: plain, Header: headers(map[string]string{"X-Kannel-From": ""}), Status: 400,
			Answer: `{"reason":"missing field: X-Kannel-From"}`,
		}, nil},
		{handlertest.Hook{Name: "a wrong token", Path: "/kannel/other/sms", Type: plain, Status: 404, Answer: `{"reason":"not found"}`}, nil},
	} {
		box.sent = nil
		handlertest.RunHooks(t, public, desk, []handlertest.Hook{tt.hook})
		if diff := cmp.Diff(tt.sent, box.sent); diff != "" {
			t.Errorf("%s: sent (-want +got)\n%s", tt.hook.Name, diff)
		}
	}
	handlertest.NoCanary(t, log.String(), "901234567", "secret", "be gai")
}

// TestATextThatCannotBeTaken stays with Kannel, which offers it again; its writer
// hears kind words once, and the reply when it is taken.
func TestATextThatCannotBeTaken(t *testing.T) {
	box := &smsbox{}
	server := httptest.NewServer(box)
	defer server.Close()
	away := true
	desk := &handlertest.Desk{Handler: func(context.Context, flows.Inbound) (flows.Reply, error) {
		if away {
			return flows.Reply{}, flows.ErrUnavailable
		}
		return flows.Reply{Text: "Da nhan"}, nil
	}}
	public, _ := handlertest.Public(desk, handlers.Options{Kannel: provider(t, server.URL+"/cgi-bin/sendsms", nil)})
	offer := func(id string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/kannel/secret-path/sms?id="+id, strings.NewReader("be gai"))
		r.Header.Set("Content-Type", plain)
		for k, v := range headers(nil) {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		public.ServeHTTP(w, r)
		return w.Code
	}
	codes := []int{offer("k1"), offer("k1"), offer("k2"), offer("")}
	away = false
	codes = append(codes, offer("k1"))
	var texts []string
	for _, sent := range box.sent {
		texts = append(texts, sent["text"])
	}
	kind := "Goi 111 / 113. Call 111 / 113."
	// One without an id cannot be told from another: it is answered, and not kept.
	if diff := cmp.Diff([]int{503, 503, 503, 200, 200}, codes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{kind, kind, kind, "Da nhan"}, texts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// ofPart is the inbound of one part of a long text.
func ofPart(text string, p flows.Part) *flows.Inbound {
	in := inbound(flows.SMS, flows.Input, "1111", "", text)
	in.Part = p
	return in
}

// TestPartsOfALongText: which part it is stands in the user data header. A header
// that says something else, or nothing that can be read, is no part.
func TestPartsOfALongText(t *testing.T) {
	box := &smsbox{}
	server := httptest.NewServer(box)
	defer server.Close()
	desk := &handlertest.Desk{}
	public, _ := handlertest.Public(desk, handlers.Options{Kannel: provider(t, server.URL+"/cgi-bin/sendsms", nil)})
	for name, c := range map[string]struct {
		udh  string
		want flows.Part
	}{
		"a reference of one octet":        {"%05%00%03*%03%02", flows.Part{Ref: "op/2a/3", Number: 2, Of: 3}},
		"escaped throughout":              {"%05%00%03%2a%03%03", flows.Part{Ref: "op/2a/3", Number: 3, Of: 3}},
		"a reference of two octets":       {"%06%08%04%1F*%02%01", flows.Part{Ref: "op/1f2a/2", Number: 1, Of: 2}},
		"behind another element":          {"%0A%25%03%01%02%03%00%03*%02%01", flows.Part{Ref: "op/2a/2", Number: 1, Of: 2}},
		"a language of the alphabet only": {"%03%24%01%01", flows.Part{}},
		"one part of one":                 {"%05%00%03*%01%01", flows.Part{}},
		"part 4 of 3":                     {"%05%00%03*%03%04", flows.Part{}},
		"part 0":                          {"%05%00%03*%03%00", flows.Part{}},
		"too short":                       {"%05%00%03*", flows.Part{}},
		"an element longer than it":       {"%05%00%FF*%03%02", flows.Part{}},
		"badly escaped":                   {"%zz", flows.Part{}},
		"a space for 0x20":                {"%05%00%03+%02%01", flows.Part{Ref: "op/20/2", Number: 1, Of: 2}},
		"none":                            {"", flows.Part{}},
	} {
		handlertest.RunHooks(t, public, desk, []handlertest.Hook{{
			Name: name, Path: "/kannel/secret-path/sms?id=k1", Type: plain, Header: headers(map[string]string{"X-Kannel-UDH": c.udh}),
			Body: "nh, ban Lac", Inbound: ofPart("nh, ban Lac", c.want),
		}})
	}
	// Cut between the halves of an emoji: neither is lost.
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{{
		Name: "half an emoji", Path: "/kannel/secret-path/sms?id=k1", Type: `text/plain; charset="UTF-16BE"`,
		Header: headers(map[string]string{"X-Kannel-UDH": "%05%00%03*%02%01"}), Body: "\x00b\xd8\x3d",
		Inbound: ofPart("b\xed\xa0\xbd", flows.Part{Ref: "op/2a/2", Number: 1, Of: 2}),
	}})
}

func TestUSSD(t *testing.T) {
	odd := kannel.Dialect{Begin: []int{1}, Hangup: []int{33}, More: 2, End: 3, Session: "user_message_reference"}
	box := &smsbox{}
	server := httptest.NewServer(box)
	defer server.Close()
	desk := &handlertest.Desk{}
	public, _ := handlertest.Public(desk, handlers.Options{Kannel: provider(t, server.URL+"/cgi-bin/sendsms", func(c *kannel.Config) {
		c.Dialects = map[string]kannel.Dialect{"odd": odd}
	})})
	hook := func(name, smsc, meta, text string, reply flows.Reply, signal flows.Signal, session, want string) handlertest.Hook {
		return handlertest.Hook{
			Name: name, Path: "/kannel/secret-path/ussd?id=k1", Type: plain, Body: text, Reply: reply,
			Header:  headers(map[string]string{"X-Kannel-To": "*1111#", "X-Kannel-SMSC": smsc, "X-Kannel-BInfo": "USSD", "X-Kannel-Meta-Data": meta}),
			Inbound: inbound(flows.USSD, signal, "*1111#", session, want),
		}
	}
	ask, last := flows.Reply{Text: "Xa nao?"}, flows.Reply{Text: "Cam on", End: true}
	sent := func(smsc, text, meta string) []map[string]string {
		return screen(map[string]string{"From": "*1111#", "Smsc": smsc, "Binfo": "USSD", "text": text, "Meta-Data": meta})
	}
	for _, tt := range []struct {
		hook handlertest.Hook
		sent []map[string]string
	}{
		{
			hook("a caller dials", "op", "?smpp?ussd_service_op=%01&its_session_info=%07%02&", "*1111#", ask, flows.Begin, "07", ""),
			sent("op", "Xa nao?", "?smpp?ussd_service_op=2&its_session_info=%07%02"),
		},
		{
			hook("a caller dials deeper", "op", "?smpp?ussd_service_op=%01&its_session_info=%07%02&", "*1111*2#", ask, flows.Begin, "07", "*1111*2#"),
			sent("op", "Xa nao?", "?smpp?ussd_service_op=2&its_session_info=%07%02"),
		},
		{
			hook("an answer, and the last word", "op", "?smpp?ussd_service_op=%12&its_session_info=%07%04&", "1", last, flows.Input, "07", "1"),
			sent("op", "Cam on", "?smpp?ussd_service_op=17&its_session_info=%07%05"),
		},
		{hook("an answer without a session", "op", "?smpp?ussd_service_op=%12&", "1", ask, flows.Input, "", "1"), sent("op", "Xa nao?", "?smpp?ussd_service_op=2")},
		{
			hook("a dialect of its own", "odd", "?smpp?ussd_service_op=%12&user_message_reference=%01%02", "1", last, flows.Input, "0102", "1"),
			sent("odd", "Cam on", "?smpp?ussd_service_op=3&user_message_reference=%01%02"),
		},
		{hook("the operator ends it", "odd", "?smpp?ussd_service_op=%21&user_message_reference=%01%02", "canary", last, flows.Hangup, "0102", ""), nil},
		{hook("an operation nobody knows, with words", "op", "?smpp?ussd_service_op=%40&", "1", ask, flows.Input, "", "1"), sent("op", "Xa nao?", "?smpp?ussd_service_op=2")},
		{hook("an operation nobody knows, without", "op", "?smpp?ussd_service_op=%40&", "", ask, flows.Hangup, "", ""), nil},
	} {
		box.sent = nil
		handlertest.RunHooks(t, public, desk, []handlertest.Hook{tt.hook})
		if diff := cmp.Diff(tt.sent, box.sent); diff != "" {
			t.Errorf("%s: sent (-want +got)\n%s", tt.hook.Name, diff)
		}
	}
	bad := hook("the TLV is not configured", "op", "?smpp?", "1", ask, "", "", "")
	bad.Inbound, bad.Status, bad.Answer = nil, 400, `{"reason":"missing field: ussd_service_op"}`
	none := hook("no meta-data", "op", "", "1", ask, "", "", "")
	none.Inbound, none.Status, none.Answer = nil, 400, `{"reason":"missing field: X-Kannel-Meta-Data"}`
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{bad, none})
}

func TestStatus(t *testing.T) {
	desk := &handlertest.Desk{}
	public, _ := handlertest.Public(desk, handlers.Options{Kannel: provider(t, "", nil)})
	report := func(name, bit string, d flows.Delivery, reason string) handlertest.Hook {
		return handlertest.Hook{
			Name: name, Method: "GET", Path: "/kannel/secret-path/status?d=" + bit + "&m=07abc%2F1", Status: 200,
			Receipt: &flows.Status{Provider: "kannel", ID: "07abc/1", Message: "07abc/1", Delivery: d, Reason: reason},
		}
	}
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		report("delivered", "1", flows.Delivered, ""),
		report("failed", "2", flows.Undelivered, "failed"),
		report("kept by the SMSC", "4", flows.Sent, ""),
		report("accepted by the SMSC", "8", flows.Sent, ""),
		report("rejected by the SMSC", "16", flows.Undelivered, "rejected"),
		report("a bit nobody knows", "64", flows.Undelivered, "unknown_status"),
		{Name: "no message", Method: "GET", Path: "/kannel/secret-path/status?d=1", Status: 400, Answer: `{"reason":"missing field: m"}`},
		{Name: "a wrong token", Method: "GET", Path: "/kannel/other/status?d=1&m=x", Status: 404, Answer: `{"reason":"not found"}`},
	})
}

func TestSend(t *testing.T) {
	letter := handlertest.Letter{
		Message: flows.Message{ID: "07abc/1", Text: "GAP K7F4"}, To: "+84900000101", Path: "/cgi-bin/sendsms",
		Header: map[string]string{
			"X-Kannel-Username": "hotline", "X-Kannel-To": "+84900000101", "X-Kannel-From": "1111", "X-Kannel-SMSC": "op", "X-Kannel-Coding": "0",
			"X-Kannel-DLR-Mask": "31", "X-Kannel-DLR-Url": "http://127.0.0.1:8080/kannel/secret-path/status?d=%d&m=07abc%%2F1",
		},
	}
	gave := func(name string, status int, reason string, temporary bool) handlertest.Letter {
		l := letter
		l.Name, l.Respond, l.Reason, l.Temporary = name, status, reason, temporary
		if reason == "" {
			l.Want = flows.Sending{Provider: "kannel", ID: "07abc/1"}
		}
		return l
	}
	sender := func(address string) handlertest.Sender { return provider(t, address+"/cgi-bin/sendsms", nil) }
	handlertest.RunLetters(t, sender, []handlertest.Letter{
		gave("accepted", 202, "", false),
		gave("a number on a list", 400, "refused", false),
		gave("a wrong password", 403, "credentials", true),
		gave("for now not", 503, "provider_down", true),
	})
}
