package handlers_test

import (
	"errors"
	"testing"

	"hotline/flows"
	"hotline/handlers/africastalking"
	"hotline/handlers/gateway"
	"hotline/handlers/handlertest"
	"hotline/handlers/kannel"
)

// TestACallDoesNotLeaveAsAText: a route without a channel names its providers for
// calls too. What is to be heard must not arrive as a text that asks for keys, and
// that it cannot be said is no word about the member.
func TestACallDoesNotLeaveAsAText(t *testing.T) {
	at, err1 := africastalking.New(africastalking.Config{Tokens: []string{"path"}, Username: "sandbox"})
	k, err2 := kannel.New(kannel.Config{Tokens: []string{"path"}, SendURL: "http://127.0.0.1:1"})
	g, err3 := gateway.New(gateway.Config{Name: "gw", Preset: "infobip", SendURL: "http://127.0.0.1:1"})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]handlertest.Sender{"africastalking": at, "kannel": k, "a gateway": g} {
		_, err := p.Send(t.Context(), flows.Message{ID: "07abc/2", Channel: flows.Voice, Text: "Khẩn cấp. Bấm 1."}, handlertest.Phone("+84900000101"))
		var refused *flows.SendError
		if !errors.As(err, &refused) || refused.Reason != "no_route" || refused.Temporary || refused.Unknown || !refused.Elsewhere {
			t.Errorf("%s: %v", name, err)
		}
	}
}
