package gateway_test

import (
	"testing"

	"hotline/flows"
	"hotline/handlers/gateway"
	"hotline/handlers/handlertest"
	"hotline/handlers/wire"
)

func TestSend(t *testing.T) {
	sender := func(address string) handlertest.Sender {
		g, err := gateway.New(gateway.Config{
			Name: "demo", SendURL: address + "/send", SendKey: "key",
			Caller: wire.Caller{Client: handlertest.Client()},
		})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	m := flows.Message{ID: "07abc/1", Text: "GAP K7F4"}
	letter := handlertest.Letter{
		Message: m, To: "+84900000101", Path: "/send",
		Header: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer key"},
		JSON:   `{"id":"07abc/1","to":"+84900000101","text":"GAP K7F4"}`,
	}
	with := func(name string, change func(*handlertest.Letter)) handlertest.Letter {
		l := letter
		l.Name = name
		change(&l)
		return l
	}
	handlertest.RunLetters(t, sender, []handlertest.Letter{
		with("accepted with an id", func(l *handlertest.Letter) { l.With, l.Want = `{"id":"g1"}`, flows.Sending{Provider: "demo", ID: "g1"} }),
		with("accepted without a word", func(l *handlertest.Letter) { l.Want = flows.Sending{Provider: "demo", ID: "07abc/1"} }),
		with("too many", func(l *handlertest.Letter) { l.Respond, l.Reason, l.Temporary = 429, "busy", true }),
		with("down", func(l *handlertest.Letter) { l.Respond, l.Reason, l.Temporary = 503, "provider_down", true }),
		with("refused", func(l *handlertest.Letter) { l.Respond, l.Reason = 400, "refused" }),
		with("a proxy gave up", func(l *handlertest.Letter) { l.Respond, l.Reason, l.Temporary, l.Unknown = 504, "timeout", true, true }),
	})
}
