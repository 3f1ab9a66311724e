package gateway_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"testing"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/gateway"
	"hotline/handlers/handlertest"
	"hotline/handlers/wire"
)

func open(t *testing.T, auth gateway.Auth) (*handlertest.Desk, handlers.Options) {
	t.Helper()
	g, err := gateway.New(gateway.Config{Name: "demo", Auth: auth, Numbers: wire.Numbers{Region: "VN"}})
	if err != nil {
		t.Fatal(err)
	}
	return &handlertest.Desk{}, handlers.Options{Gateways: []*gateway.Gateway{g}}
}

func TestPlain(t *testing.T) {
	desk, o := open(t, gateway.Auth{})
	public, _ := handlertest.Public(desk, o)
	from := handlertest.Phone("+84901234567")
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		{
			Name: "a USSD answer", Path: "/gateway/demo/ussd", Type: "application/json; charset=utf-8",
			Body:  `{"id":"7","session":"s1","from":"+84901234567","to":"*1111#","text":"2","more":"unknown"}`,
			Reply: flows.Reply{Text: "Xa nao?"}, Answer: `{"text":"Xa nao?","end":false}`,
			Inbound: &flows.Inbound{Provider: "demo", Channel: flows.USSD, Signal: flows.Input, From: from, To: "*1111#", Session: "s1", ID: "7", Text: "2"},
		},
		{
			Name: "an empty text", Path: "/gateway/demo/ussd", Type: "application/json",
			Body: `{"session":"s1","from":"0901234567","to":"*1111#","text":""}`, Reply: flows.Reply{Text: "Het", End: true}, Answer: `{"text":"Het","end":true}`,
			Inbound: &flows.Inbound{Provider: "demo", Channel: flows.USSD, Signal: flows.Input, From: from, To: "*1111#", Session: "s1"},
		},
		{
			Name: "a text message", Path: "/gateway/demo/sms", Type: "application/json",
			Body: `{"id":"8","session":"","from":"+84901234567","to":"1111","text":"be gái"}`, Reply: flows.Reply{Text: "Da nhan", End: true}, Answer: `{"text":"Da nhan","end":true}`,
			Inbound: &flows.Inbound{Provider: "demo", Channel: flows.SMS, Signal: flows.Input, From: from, To: "1111", ID: "8", Text: "be gái"},
		},
		{
			Name: "a delivery report", Path: "/gateway/demo/status", Type: "application/json", Body: `{"id":"g1","message":"07abc/1","status":"Delivered"}`, Status: 200,
			Receipt: &flows.Status{Provider: "demo", ID: "g1", Message: "07abc/1", Delivery: flows.Delivered},
		},
		{
			Name: "a status word nobody knows", Path: "/gateway/demo/status", Type: "application/json", Body: `{"id":"g1","status":"pondering"}`, Status: 200,
			Receipt: &flows.Status{Provider: "demo", ID: "g1", Delivery: flows.Undelivered, Reason: "unknown_status"},
		},
		{Name: "a name nobody configured", Path: "/gateway/other/ussd", Type: "application/json", Body: `{}`, Status: 404, Answer: `{"reason":"not found"}`},
		{Name: "no number", Path: "/gateway/demo/ussd", Type: "application/json", Body: `{"session":"s","text":""}`, Status: 400, Answer: `{"reason":"missing field: from"}`},
		{Name: "no text", Path: "/gateway/demo/sms", Type: "application/json", Body: `{"from":"+84901234567"}`, Status: 400, Answer: `{"reason":"missing field: text"}`},
		{Name: "no session", Path: "/gateway/demo/ussd", Type: "application/json", Body: `{"from":"+84901234567","text":""}`, Status: 400, Answer: `{"reason":"missing field: session"}`},
		{Name: "broken JSON", Path: "/gateway/demo/ussd", Type: "application/json", Body: `{"from":`, Status: 400, Answer: `{"reason":"malformed JSON"}`},
		{Name: "a form", Path: "/gateway/demo/ussd", Body: "from=1", Status: 415, Answer: `{"reason":"wrong content type, want application/json"}`},
		{Name: "a report without an id", Path: "/gateway/demo/status", Type: "application/json", Body: `{"status":"sent"}`, Status: 400, Answer: `{"reason":"missing field: id"}`},
	})
}

func TestAuth(t *testing.T) {
	const body = `{"id":"8","from":"+84901234567","to":"1111","text":"x"}`
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte(body))
	sum := mac.Sum(nil)
	for _, tt := range []struct {
		name   string
		auth   gateway.Auth
		path   string
		header map[string]string
		status int
		reason string
	}{
		{"a bearer token", gateway.Auth{Bearer: "token"}, "", map[string]string{"Authorization": "Bearer token"}, 200, ""},
		{"another bearer token", gateway.Auth{Bearer: "token"}, "", map[string]string{"Authorization": "Bearer other"}, 403, "bad bearer token"},
		{"no bearer token", gateway.Auth{Bearer: "token"}, "", nil, 403, "bad bearer token"},
		{"user and password", gateway.Auth{User: "u", Password: "p"}, "", map[string]string{"Authorization": "Basic dTpw"}, 200, ""},
		{"another password", gateway.Auth{User: "u", Password: "q"}, "", map[string]string{"Authorization": "Basic dTpw"}, 403, "bad user or password"},
		{"a signature in hexadecimal", gateway.Auth{HMACKey: "key"}, "", map[string]string{"X-Signature": hex.EncodeToString(sum)}, 200, ""},
		{"a signature of another body", gateway.Auth{HMACKey: "key"}, "", map[string]string{"X-Signature": "00" + hex.EncodeToString(sum)[2:]}, 403, "bad signature"},
		{"no signature", gateway.Auth{HMACKey: "key"}, "", nil, 403, "bad signature"},
		{"a path token", gateway.Auth{Tokens: []string{"old", "new"}}, "/new", nil, 200, ""},
		{"another path token", gateway.Auth{Tokens: []string{"old"}}, "/new", nil, 404, "not found"},
		{"no path token", gateway.Auth{Tokens: []string{"old"}}, "", nil, 404, "not found"},
		{"the right network", gateway.Auth{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, "", nil, 200, ""},
		{"another network", gateway.Auth{Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}, "", nil, 403, "bad address"},
		{
			"an address of the sender's choice",
			gateway.Auth{Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}},
			"",
			map[string]string{"X-Forwarded-For": "198.51.100.1", "X-Real-IP": "198.51.100.1"},
			403, "bad address",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			desk, o := open(t, tt.auth)
			public, _ := handlertest.Public(desk, o)
			h := handlertest.Hook{Name: "asked", Path: "/gateway/demo" + tt.path + "/sms", Type: "application/json", Body: body, Header: tt.header, Status: tt.status}
			if tt.status == 200 {
				h.Answer = `{"text":"","end":false}`
				h.Inbound = &flows.Inbound{Provider: "demo", Channel: flows.SMS, Signal: flows.Input, From: handlertest.Phone("+84901234567"), To: "1111", ID: "8", Text: "x"}
			} else {
				h.Answer = `{"reason":"` + tt.reason + `"}`
			}
			handlertest.RunHooks(t, public, desk, []handlertest.Hook{h})
		})
	}
}

func TestNewRefusesNames(t *testing.T) {
	for _, name := range []string{"", "a/b", "A", ":name", "-", "0901234567"} {
		if _, err := gateway.New(gateway.Config{Name: name}); err == nil {
			t.Errorf("New(%q) gave no error", name)
		}
	}
}
