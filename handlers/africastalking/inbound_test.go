package africastalking_test

import (
	"net/netip"
	"testing"
	"unicode/utf8"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/africastalking"
	"hotline/handlers/handlertest"
	"hotline/handlers/wire"
)

func provider(t *testing.T) *africastalking.Provider {
	t.Helper()
	p, err := africastalking.New(africastalking.Config{
		Tokens:  []string{"secret-path", "next-path"},
		Numbers: wire.Numbers{Region: "VN"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// hop is an inbound that the tables share.
func hop(signal flows.Signal, text string) *flows.Inbound {
	return &flows.Inbound{
		Provider: "africastalking", Channel: flows.USSD, Signal: signal, Cumulative: true,
		From: handlertest.Phone("+84901234567"), To: "*1111#", Session: "ATUid_4c8e", Text: text,
	}
}

const caller = "sessionId=ATUid_4c8e&serviceCode=*1111%23&networkCode=45204&phoneNumber="

func TestUSSD(t *testing.T) {
	desk := &handlertest.Desk{}
	public, _ := handlertest.Public(desk, handlers.Options{AfricasTalking: provider(t)})
	path := "/africastalking/secret-path/ussd"
	more := flows.Reply{Text: "Co tre gap nguy hiem?\n1 Co"}
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		{
			Name: "a session begins", Path: path, Body: caller + "%2B84901234567&text=", Reply: more,
			Answer: "CON Co tre gap nguy hiem?\n1 Co", Inbound: hop(flows.Begin, ""),
		},
		{
			Name: "an answer in a transcript", Path: path, Body: caller + "%2B84901234567&text=2*1*Mai+Chau", Reply: more,
			Answer: "CON Co tre gap nguy hiem?\n1 Co", Inbound: hop(flows.Input, "2*1*Mai Chau"),
		},
		{
			Name: "the last screen", Path: path, Body: caller + "%2B84901234567&text=3", Reply: flows.Reply{Text: " Ma 4821 9037", End: true},
			Answer: "END Ma 4821 9037", Inbound: hop(flows.Input, "3"),
		},
		{
			Name: "a plus that became a space", Path: path, Body: caller + "+84901234567&text=1", Reply: more,
			Answer: "CON Co tre gap nguy hiem?\n1 Co", Inbound: hop(flows.Input, "1"),
		},
		{
			Name: "a national number", Path: path, Body: caller + "0901234567&text=1", Reply: more,
			Answer: "CON Co tre gap nguy hiem?\n1 Co", Inbound: hop(flows.Input, "1"),
		},
		{
			Name: "the token of a rotation", Path: "/africastalking/next-path/ussd", Body: caller + "%2B84901234567&text=1", Reply: more,
			Answer: "CON Co tre gap nguy hiem?\n1 Co", Inbound: hop(flows.Input, "1"),
		},
		{
			Name: "text that is no UTF-8", Path: path, Body: caller + "%2B84901234567&text=%ff%00a", Reply: more,
			Answer: "CON Co tre gap nguy hiem?\n1 Co", Inbound: hop(flows.Input, "\xff\x00a"),
		},
		{
			Name: "unknown fields", Path: path, Body: caller + "%2B84901234567&text=1&new=thing", Reply: more,
			Answer: "CON Co tre gap nguy hiem?\n1 Co", Inbound: hop(flows.Input, "1"),
		},
		{Name: "a wrong token", Path: "/africastalking/wrong/ussd", Body: caller + "%2B84901234567&text=", Status: 404, Answer: `{"reason":"not found"}`},
		{Name: "no session", Path: path, Body: "serviceCode=1&phoneNumber=%2B84901234567&text=", Status: 400, Answer: `{"reason":"missing field: sessionId"}`},
		{Name: "no number", Path: path, Body: "sessionId=1&serviceCode=1&text=", Status: 400, Answer: `{"reason":"missing field: phoneNumber"}`},
		{Name: "no service code", Path: path, Body: "sessionId=1&phoneNumber=%2B84901234567&text=", Status: 400, Answer: `{"reason":"missing field: serviceCode"}`},
		{Name: "no text", Path: path, Body: caller + "%2B84901234567", Status: 400, Answer: `{"reason":"missing field: text"}`},
		{Name: "fields in the query alone", Path: path + "?" + caller + "%2B84901234567&text=", Status: 400, Answer: `{"reason":"missing field: sessionId"}`},
		{Name: "a broken form", Path: path, Body: "sessionId=%zz", Status: 400, Answer: `{"reason":"malformed form"}`},
		{
			Name: "JSON", Path: path, Type: "application/json", Body: "{}", Status: 415,
			Answer: `{"reason":"wrong content type, want application/x-www-form-urlencoded"}`,
		},
		{Name: "GET", Method: "GET", Path: path, Status: 404, Answer: `{"reason":"not found"}`},
		{Name: "a short code calls", Path: path, Body: caller + "1111&text=", Answer: ""},
	})
}

func TestNetworks(t *testing.T) {
	for _, tt := range []struct {
		name, network string
		status        int
		answer        string
	}{
		{"from its own network", "192.0.2.0/24", 200, "CON Hi"},
		{"from another", "198.51.100.0/24", 403, `{"reason":"bad address"}`},
	} {
		p, err := africastalking.New(africastalking.Config{
			Tokens: []string{"secret-path"}, Numbers: wire.Numbers{Region: "VN"}, Networks: []netip.Prefix{netip.MustParsePrefix(tt.network)},
		})
		if err != nil {
			t.Fatal(err)
		}
		desk := &handlertest.Desk{}
		public, _ := handlertest.Public(desk, handlers.Options{AfricasTalking: p})
		h := handlertest.Hook{
			Name: tt.name, Path: "/africastalking/secret-path/ussd", Body: caller + "%2B84901234567&text=1",
			Header: map[string]string{"X-Forwarded-For": "198.51.100.1"}, Reply: flows.Reply{Text: "Hi"}, Status: tt.status, Answer: tt.answer,
		}
		if tt.status == 200 {
			h.Inbound = hop(flows.Input, "1")
		}
		handlertest.RunHooks(t, public, desk, []handlertest.Hook{h})
	}
}

func FuzzUSSD(f *testing.F) {
	f.Add(caller + "%2B84901234567&text=2*1*Mai+Chau")
	f.Add("sessionId=%zz")
	f.Fuzz(func(t *testing.T, body string) {
		p, err := africastalking.New(africastalking.Config{Tokens: []string{"x"}, Numbers: wire.Numbers{Region: "VN"}})
		if err != nil {
			t.Fatal(err)
		}
		x, err := p.USSD(handlertest.Hook{Path: "/", Body: body}.Request())
		if err == nil && (x.From.IsZero() || x.Session == "" || !utf8.ValidString(x.Text)) {
			t.Fatalf("read %+v", x.Inbound)
		}
	})
}

func TestEnd(t *testing.T) {
	desk := &handlertest.Desk{}
	public, log := handlertest.Public(desk, handlers.Options{AfricasTalking: provider(t)})
	over := hop(flows.Hangup, "")
	over.Cumulative = false
	handlertest.RunHooks(t, public, desk, []handlertest.Hook{
		{
			Name: "a notice that repeats the report", Path: "/africastalking/secret-path/ussd/end",
			Body: "date=2026-11-23+08%3A00%3A00&" + caller + "%2B84901234567&status=Success&cost=KES+0&durationInMillis=1000&hopsCount=3" +
				"&input=2*1*canary-text&lastAppResponse=END+canary-screen&errorMessage=",
			Reply: flows.Reply{Text: "nobody reads this"}, Answer: "", Inbound: over,
		},
		{Name: "no session", Path: "/africastalking/secret-path/ussd/end", Body: "status=Success", Status: 400, Answer: `{"reason":"missing field: sessionId"}`},
	})
	handlertest.NoCanary(t, log.String(), "canary", "901234567", "secret-path")
}

func TestNewRefusesNoToken(t *testing.T) {
	for _, tokens := range [][]string{nil, {""}, {"a", ""}} {
		if _, err := africastalking.New(africastalking.Config{Tokens: tokens}); err == nil {
			t.Errorf("New with tokens %q gave no error", tokens)
		}
	}
}
