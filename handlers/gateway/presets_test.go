package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/gateway"
	"hotline/handlers/handlertest"
	"hotline/handlers/wire"
)

const jsonType = "application/json"

// speak makes a listener with one gateway of a preset, called gw.
func speak(t *testing.T, preset string, change func(*gateway.Config)) (http.Handler, *handlertest.Desk) {
	t.Helper()
	c := gateway.Config{Name: "gw", Preset: preset, Numbers: wire.Numbers{Region: "GH"}, Caller: wire.Caller{Client: handlertest.Client()}}
	if change != nil {
		change(&c)
	}
	g, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	desk := &handlertest.Desk{}
	public, _ := handlertest.Public(desk, handlers.Options{Gateways: []*gateway.Gateway{g}})
	return public, desk
}

// caller is an inbound of a USSD session of gw.
func caller(signal flows.Signal, to, session, text string) *flows.Inbound {
	return &flows.Inbound{Provider: "gw", Channel: flows.USSD, Signal: signal, From: handlertest.Phone("+233241234567"), To: to, Session: session, Text: text}
}

var (
	ask  = flows.Reply{Text: "Where? \"A\" & <B>"}
	last = flows.Reply{Text: "Thank you", End: true}
)

func TestHubtel(t *testing.T) {
	public, desk := speak(t, "hubtel", nil)
	post := func(name, kind, text string, reply flows.Reply, answer string, in *flows.Inbound) handlertest.Hook {
		return handlertest.Hook{
			Name: name, Path: "/gateway/gw/ussd", Type: jsonType, Reply: reply, Answer: answer, Inbound: in,
			Body: `{"Type":"` + kind + `","Mobile":"233241234567","SessionId":"3c796dac28174f739de4262d08409c51","ServiceCode":"713","Message":"` + text +
				`","Operator":"mtn","Sequence":2,"ClientState":"","Platform":"USSD"}`,
		}
	}
	const session = "3c796dac28174f739de4262d08409c51"
	more := `{"SessionId":"` + session + `","Type":"response","Message":"Where? \"A\" \u0026 \u003cB\u003e","Label":"","ClientState":"","DataType":"input","FieldType":"text"}`
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		post("begins", "Initiation", "*713#", ask, more, caller(flows.Begin, "713", session, "*713#")),
		post("answers", "Response", "2", ask, more, caller(flows.Input, "713", session, "2")),
		post("ends", "Response", "3", last, `{"SessionId":"`+session+`","Type":"release","Message":"Thank you","Label":"","ClientState":"","DataType":"input","FieldType":"text"}`,
			caller(flows.Input, "713", session, "3")),
		post("hangs up", "Release", "canary", flows.Reply{}, `{"SessionId":"`+session+`","Type":"response","Message":"","Label":"","ClientState":"","DataType":"input","FieldType":"text"}`,
			caller(flows.Hangup, "713", session, "")),
		post("times out", "Timeout", "", flows.Reply{}, `{"SessionId":"`+session+`","Type":"response","Message":"","Label":"","ClientState":"","DataType":"input","FieldType":"text"}`,
			caller(flows.Hangup, "713", session, "")),
		{Name: "no number", Path: "/gateway/gw/ussd", Type: jsonType, Body: `{"Type":"Response","SessionId":"1","Message":"1"}`, Status: 400, Answer: `{"reason":"missing field: Mobile"}`},
		{Name: "no session", Path: "/gateway/gw/ussd", Type: jsonType, Body: `{"Type":"Response","Mobile":"233241234567","Message":"1"}`, Status: 400, Answer: `{"reason":"missing field: SessionId"}`},
		{Name: "no message", Path: "/gateway/gw/ussd", Type: jsonType, Body: `{"Type":"Response","Mobile":"233241234567","SessionId":"1"}`, Status: 400, Answer: `{"reason":"missing field: Message"}`},
		{Name: "a text, which it does not send", Path: "/gateway/gw/sms", Type: jsonType, Body: `{}`, Status: 404, Answer: `{"reason":"not found"}`},
	})
}

func TestArkesel(t *testing.T) {
	public, desk := speak(t, "arkesel", nil)
	post := func(name, first, text string, reply flows.Reply, tail string, in *flows.Inbound) handlertest.Hook {
		return handlertest.Hook{
			Name: name, Path: "/gateway/gw/ussd", Type: jsonType, Reply: reply, Inbound: in,
			Body:   `{"sessionID":"165","userID":"AB_1","newSession":` + first + `,"msisdn":"233241234567","userData":"` + text + `","network":"MTN"}`,
			Answer: `{"sessionID":"165","userID":"AB_1","msisdn":"233241234567",` + tail + `}`,
		}
	}
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		post("begins", "true", "*928*1#", flows.Reply{Text: "Hi"}, `"message":"Hi","continueSession":true`, caller(flows.Begin, "", "165", "*928*1#")),
		post("answers", "false", "2", flows.Reply{Text: "Hi"}, `"message":"Hi","continueSession":true`, caller(flows.Input, "", "165", "2")),
		post("ends", "false", "3", last, `"message":"Thank you","continueSession":false`, caller(flows.Input, "", "165", "3")),
	})
}

func TestNalo(t *testing.T) {
	public, desk := speak(t, "nalo", nil)
	post := func(name, first, text string, reply flows.Reply, tail string, in *flows.Inbound) handlertest.Hook {
		return handlertest.Hook{
			Name: name, Path: "/gateway/gw/ussd", Type: jsonType, Reply: reply, Inbound: in,
			Body:   `{"USERID":"NALOTest","MSISDN":233241234567,"USERDATA":"` + text + `","MSGTYPE":` + first + `,"NETWORK":"MTN","SESSIONID":"16590115252429751"}`,
			Answer: `{"USERID":"NALOTest","MSISDN":233241234567,"USERDATA":"` + text + `",` + tail + `}`,
		}
	}
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		post("begins, with a number that is a number", "true", "*920*55#", flows.Reply{Text: "Hi"}, `"MSG":"Hi","MSGTYPE":true`, caller(flows.Begin, "", "16590115252429751", "*920*55#")),
		post("answers", "false", "3", flows.Reply{Text: "Hi"}, `"MSG":"Hi","MSGTYPE":true`, caller(flows.Input, "", "16590115252429751", "3")),
		post("ends", "false", "3", last, `"MSG":"Thank you","MSGTYPE":false`, caller(flows.Input, "", "16590115252429751", "3")),
	})
}

func TestSafaricom(t *testing.T) {
	public, desk := speak(t, "safaricom", func(c *gateway.Config) { c.Numbers.Region = "KE" })
	in := func(text string) *flows.Inbound {
		return &flows.Inbound{Provider: "gw", Channel: flows.USSD, Signal: flows.Input, From: handlertest.Phone("+254711000111"), To: "*384#", Session: "91", Text: text, Cumulative: true}
	}
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		{Name: "by GET", Method: "GET", Path: "/gateway/gw/ussd?ORIG=254711000111&DEST=*384%23&SESSION_ID=91&USSD_PARAMS=", Reply: ask, Answer: "CON " + ask.Text, Inbound: in("")},
		{Name: "by GET, with a plus that became a space", Method: "GET", Path: "/gateway/gw/ussd?ORIG=+254711000111&DEST=*384%23&SESSION_ID=91&USSD_PARAMS=1*2", Reply: ask, Answer: "CON " + ask.Text, Inbound: in("1*2")},
		{Name: "as a form", Path: "/gateway/gw/ussd", Body: "ORIG=254711000111&DEST=*384%23&SESSION_ID=91&USSD_PARAMS=1*2*Mai+Chau", Reply: last, Answer: "END Thank you", Inbound: in("1*2*Mai Chau")},
		{Name: "no parameters", Method: "GET", Path: "/gateway/gw/ussd", Status: 400, Answer: `{"reason":"missing field: ORIG"}`},
	})
}

func TestInfobip(t *testing.T) {
	sent := make(chan string, 10)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		sent <- r.Header.Get("Authorization") + " " + string(b)
		_, _ = io.WriteString(w, `{"messages":[{"to":"233241234567","status":{"groupId":1,"groupName":"PENDING"},"messageId":"2250be2d"}]}`)
	}))
	defer api.Close()
	public, desk := speak(t, "infobip", func(c *gateway.Config) { c.SendURL, c.SendKey, c.Sender = api.URL, "secret", "HOTLINE" })
	text := func(id, text string) *flows.Inbound {
		return &flows.Inbound{Provider: "gw", Channel: flows.SMS, Signal: flows.Input, From: handlertest.Phone("+233241234567"), To: "1111", ID: id, Text: text}
	}
	one := func(id, text string) string {
		return `{"messageId":"` + id + `","from":"233241234567","to":"1111","text":"` + text + `","cleanText":"x","keyword":"","receivedAt":"2026-11-23T08:00:00.000+0000","smsCount":1}`
	}
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		{
			Name: "a session starts", Path: "/gateway/gw/ussd/54/start", Type: jsonType, Body: `{"msisdn":"233241234567","text":"*1111#","shortCode":"*1111#"}`,
			Reply: flows.Reply{Text: "Hi"}, Answer: `{"ussdMenu":"Hi","shouldClose":false,"responseExitCode":200,"responseMessage":""}`, Inbound: caller(flows.Begin, "*1111#", "54", ""),
		},
		{
			Name: "an answer", Method: "PUT", Path: "/gateway/gw/ussd/54/response", Type: jsonType, Body: `{"msisdn":"233241234567","text":"1","shortCode":"*1111#"}`,
			Reply: last, Answer: `{"ussdMenu":"Thank you","shouldClose":true,"responseExitCode":200,"responseMessage":""}`, Inbound: caller(flows.Input, "*1111#", "54", "1"),
		},
		{
			Name: "an end that does not say whose", Method: "PUT", Path: "/gateway/gw/ussd/54/end", Type: jsonType, Body: `{"exitCode":200,"reason":"user"}`,
			Answer: `{"ussdMenu":"","shouldClose":false,"responseExitCode":200,"responseMessage":""}`,
		},
		{Name: "a text", Path: "/gateway/gw/sms", Type: jsonType, Body: `{"results":[` + one("m1", "be gai") + `],"messageCount":1}`, Inbound: text("m1", "be gai"), Reply: flows.Reply{Text: "Da nhan"}},
		{Name: "no list", Path: "/gateway/gw/sms", Type: jsonType, Body: `{}`, Status: 400, Answer: `{"reason":"missing field: results"}`},
		{
			Name: "a report", Path: "/gateway/gw/status", Type: jsonType, Status: 200,
			Body:    `{"results":[{"bulkId":"b","messageId":"2250be2d","to":"233241234567","callbackData":"07abc/1","status":{"groupId":3,"groupName":"DELIVERED","name":"DELIVERED_TO_HANDSET"}}]}`,
			Receipt: &flows.Status{Provider: "gw", ID: "2250be2d", Message: "07abc/1", Delivery: flows.Delivered},
		},
		{
			Name: "a report of failure", Path: "/gateway/gw/status", Type: jsonType, Status: 200, Body: `{"results":[{"messageId":"2250be2d","status":{"groupName":"UNDELIVERABLE"}}]}`,
			Receipt: &flows.Status{Provider: "gw", ID: "2250be2d", Delivery: flows.Undelivered, Reason: "undelivered"},
		},
	})
	if got, want := <-sent, `App secret {"messages":[{"from":"1111","destinations":[{"to":"233241234567"}],"text":"Da nhan","callbackData":"m1"}]}`; got != want {
		t.Errorf("the reply left as %s, want %s", got, want)
	}

	// Two texts at once are two turns and one response.
	desk.Reply = flows.Reply{}
	w := httptest.NewRecorder()
	public.ServeHTTP(w, handlertest.Hook{Path: "/gateway/gw/sms", Type: jsonType, Body: `{"results":[` + one("m2", "a") + `,` + one("m3", "b") + `]}`}.Request())
	if got := desk.Inbounds(); w.Code != 200 || len(got) != 2 || got[0].ID != "m2" || got[1].ID != "m3" {
		t.Errorf("%d and %v, want 200 and two texts", w.Code, got)
	}
}

func TestInfobipSend(t *testing.T) {
	sender := func(address string) handlertest.Sender {
		g, err := gateway.New(gateway.Config{
			Name: "gw", Preset: "infobip", SendURL: address + "/sms/2/text/advanced", SendKey: "secret", Sender: "HOTLINE",
			Caller: wire.Caller{Client: handlertest.Client()},
		})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	letter := handlertest.Letter{
		Message: flows.Message{ID: "07abc/1", Text: "GAP $text K7F4"}, To: "+233241234567", Path: "/sms/2/text/advanced",
		Header: map[string]string{"Authorization": "App secret", "Accept": "application/json"},
		JSON:   `{"messages":[{"from":"HOTLINE","destinations":[{"to":"233241234567"}],"text":"GAP $text K7F4","callbackData":"07abc/1"}]}`,
	}
	good, refused := letter, letter
	good.Name, good.With, good.Want = "accepted", `{"messages":[{"status":{"groupName":"PENDING"},"messageId":"2250be2d"}]}`, flows.Sending{Provider: "gw", ID: "2250be2d"}
	refused.Name, refused.With, refused.Reason = "refused", `{"messages":[{"status":{"groupName":"REJECTED","name":"REJECTED_DESTINATION"},"messageId":"x"}]}`, "refused"
	handlertest.RunLetters(t, sender, []handlertest.Letter{good, refused})
}

func TestEveryPresetIsTested(t *testing.T) {
	tested := []string{"arkesel", "hubtel", "infobip", "nalo", "plain", "safaricom"}
	if got := gateway.Presets(); !slices.Equal(got, tested) {
		t.Errorf("presets %v, tested %v", got, tested)
	}
	if _, err := gateway.Preset("../auth"); err == nil || !strings.Contains(err.Error(), "plain") {
		t.Errorf("an unknown preset gives %v, want the names of those that exist", err)
	}
}
