package africastalking_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/africastalking"
	"hotline/handlers/handlertest"
	"hotline/handlers/wire"
)

// account is a provider whose API is on this machine.
func account(t *testing.T, address string) *africastalking.Provider {
	t.Helper()
	p, err := africastalking.New(africastalking.Config{
		Tokens: []string{"secret-path"}, Numbers: wire.Numbers{Region: "VN"}, Username: "sandbox", APIKey: "atsk",
		From: "HOTLINE", APIURL: address, Caller: wire.Caller{Client: handlertest.Client()},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const accepted = `{"SMSMessageData":{"Message":"Sent to 1/1 Total Cost: KES 0.8000","Recipients":[` +
	`{"statusCode":101,"number":"+84901234567","status":"Success","cost":"KES 0.8000","messageId":"ATXid_1"}]}}`

// smsAPI is an API that gives one answer and keeps what it was asked.
func smsAPI(t *testing.T, status int, with string) (address string, asked *[]url.Values) {
	t.Helper()
	asked = new([]url.Values)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		*asked = append(*asked, r.PostForm)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, with)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestSMS(t *testing.T) {
	const path = "/africastalking/secret-path/sms"
	const body = "id=at-1&text=be+g%C3%A1i&from=%2B84901234567&to=1111&date=2026-11-23+08%3A00%3A00&linkId=x&networkCode=45204"
	in := &flows.Inbound{
		Provider: "africastalking", Channel: flows.SMS, Signal: flows.Input, From: handlertest.Phone("+84901234567"),
		To: "1111", ID: "at-1", Text: "be gái",
	}
	reply := flows.Reply{Text: "Da nhan"}
	hook := handlertest.Hook{Path: path, Body: body, Reply: reply, Inbound: in}
	sent := []url.Values{{"username": {"sandbox"}, "to": {"+84901234567"}, "message": {"Da nhan"}, "from": {"1111"}}}
	for _, tt := range []struct {
		name   string
		status int
		with   string
		want   int
		answer string
		sent   []url.Values
		quiet  bool
	}{
		{"the reply leaves as a text", 201, accepted, 200, "", sent, false},
		{"no words, no text", 201, accepted, 200, "", nil, true},
		{"the reply could not leave, so the webhook comes again", 503, "", 503, `{"reason":"not available now"}`, sent, false},
		{"the reply will never leave", 201, `{"SMSMessageData":{"Recipients":[{"statusCode":406}]}}`, 200, "", sent, false},
		{"the reply may have left", 201, `oops`, 200, "", sent, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address, asked := smsAPI(t, tt.status, tt.with)
			desk := &handlertest.Desk{}
			public, log := handlertest.Public(desk, handlers.Options{AfricasTalking: account(t, address)})
			h := hook
			h.Status, h.Answer = tt.want, tt.answer
			if tt.quiet {
				h.Reply = flows.Reply{}
			}
			handlertest.RunHooks(t, public, desk, []handlertest.Hook{h})
			if diff := cmp.Diff(tt.sent, *asked); diff != "" {
				t.Errorf("sent (-want +got)\n%s", diff)
			}
			handlertest.NoCanary(t, log.String(), "901234567", "atsk", "Da nhan")
		})
	}
	desk := &handlertest.Desk{}
	public, _ := handlertest.Public(desk, handlers.Options{AfricasTalking: account(t, "http://127.0.0.1:1")})
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		{Name: "no id", Path: path, Body: "text=x&from=%2B84901234567&to=1111", Status: 400, Answer: `{"reason":"missing field: id"}`},
		{Name: "no text", Path: path, Body: "id=1&from=%2B84901234567&to=1111", Status: 400, Answer: `{"reason":"missing field: text"}`},
		{Name: "a company texts", Path: path, Body: "id=1&from=VIETTEL&to=1111&text=x"},
	})
}

func TestStatus(t *testing.T) {
	desk := &handlertest.Desk{}
	public, _ := handlertest.Public(desk, handlers.Options{AfricasTalking: provider(t)})
	const path = "/africastalking/secret-path/status"
	report := func(name, body string, d flows.Delivery, reason string) handlertest.Hook {
		return handlertest.Hook{
			Name: name, Path: path, Body: "id=ATXid_1&phoneNumber=%2B84900000101&networkCode=45204&" + body, Status: 200,
			Receipt: &flows.Status{Provider: "africastalking", ID: "ATXid_1", Delivery: d, Reason: reason},
		}
	}
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		report("on the handset", "status=Success&retryCount=0", flows.Delivered, ""),
		report("with the network", "status=Sent", flows.Sent, ""),
		report("kept for a handset that is off", "status=Buffered", flows.Sent, ""),
		report("failed for a reason", "status=Failed&failureReason=UserInBlackList", flows.Undelivered, "opted_out"),
		report("failed for a reason nobody knows", "status=Failed&failureReason=Moon", flows.Undelivered, "failed"),
		report("expired", "status=Expired", flows.Undelivered, "expired"),
		report("a word nobody knows", "status=Pondering", flows.Undelivered, "unknown_status"),
		{Name: "no id", Path: path, Body: "status=Success", Status: 400, Answer: `{"reason":"missing field: id"}`},
		{Name: "no status", Path: path, Body: "id=1", Status: 400, Answer: `{"reason":"missing field: status"}`},
	})
}

func TestSend(t *testing.T) {
	letter := handlertest.Letter{
		Message: flows.Message{ID: "07abc/1", Channel: flows.SMS, Text: "GAP K7F4"}, To: "+84900000101", Path: "/version1/messaging",
		Header: map[string]string{"apiKey": "atsk", "Accept": "application/json"},
		Form:   url.Values{"username": {"sandbox"}, "to": {"+84900000101"}, "message": {"GAP K7F4"}, "from": {"HOTLINE"}},
	}
	gave := func(name string, status int, with, reason string, temporary, unknown bool) handlertest.Letter {
		l := letter
		l.Name, l.Respond, l.With, l.Reason, l.Temporary, l.Unknown = name, status, with, reason, temporary, unknown
		return l
	}
	code := func(name, code, reason string, temporary bool) handlertest.Letter {
		return gave(name, 201, `{"SMSMessageData":{"Recipients":[{"statusCode":`+code+`,"number":"+84900000101"}]}}`, reason, temporary, false)
	}
	good := gave("accepted", 201, accepted, "", false, false)
	good.Want = flows.Sending{Provider: "africastalking", ID: "ATXid_1"}
	handlertest.RunLetters(t, func(address string) handlertest.Sender { return account(t, address) }, []handlertest.Letter{
		good,
		code("held as a risk", "401", "refused", false),
		code("a sender name that is not ours", "402", "credentials", true),
		code("a number that is none", "403", "bad_number", false),
		code("no money", "405", "credentials", true),
		code("a STOP", "406", "opted_out", false),
		code("no route", "407", "no_route", false),
		code("broken inside", "500", "provider_down", true),
		code("a code nobody knows", "999", "refused", false),
		gave("refused whole", 201, `{"SMSMessageData":{"Message":"InvalidSenderId","Recipients":[]}}`, "refused", false, false),
		gave("accepted with nonsense", 201, `<html>`, "unreadable_answer", true, true),
		gave("a wrong key", 401, `The supplied authentication is invalid`, "credentials", true, false),
		gave("too many", 429, ``, "busy", true, false),
		gave("down", 502, ``, "provider_down", true, false),
	})
}
