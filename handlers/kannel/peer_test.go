package kannel_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
	"hotline/handlers/kannel"
)

// handset is the caller, as operators spell numbers.
const handset = "84901234567"

// statuses hands deliveries to a channel.
type statuses chan flows.Status

func (s statuses) Status(_ context.Context, st flows.Status) error {
	s <- st
	return nil
}

// script answers texts with an accented reply, and USSD with five screens.
func script(_ context.Context, in flows.Inbound) (flows.Reply, error) {
	if p := in.Part; p.Of > 0 {
		return flows.Reply{Text: fmt.Sprintf("%x", fmt.Sprintf("phần %d/%d %s: %s", p.Number, p.Of, p.Ref, in.Text)), End: true}, nil
	}
	if in.Channel == flows.SMS {
		return flows.Reply{Text: "Đã nhận: " + in.Text, End: true}, nil
	}
	screens := map[string]string{"": "1 Co 2 Khong", "2": "Chuyen gi?", "1": "Xa nao?", "Mai Chau": "May tuoi?", "3": "Ma 4821 9037"}
	return flows.Reply{Text: screens[in.Text], End: in.Text == "3"}, nil
}

// TestPeerKannel runs Debian's Kannel between an operator's SMSC and the hotline:
// a text and its Unicode reply, a message out and its report, five screens of
// USSD by TLV, and an operator who is away for a while.
func TestPeerKannel(t *testing.T) {
	operator := handlertest.NewOperator(t, ".")
	reports := make(statuses, 20)
	listener := httptest.NewUnstartedServer(nil)
	gateway := handlertest.NewKannel(t, ".")
	gateway.Start(operator, listener.Listener.Addr().String(), "901234567", "bé gái")
	p := provider(t, gateway.SendURL, func(c *kannel.Config) { c.ReportURL = "http://" + listener.Listener.Addr().String() })
	listener.Config.Handler = handlers.NewPublic(handlers.Options{
		Kannel: p, Conversation: &handlertest.Desk{Handler: script}, Deliveries: reports, Now: func() time.Time { return handlertest.Now },
	})
	listener.Start()
	t.Cleanup(listener.Close)
	operator.Wait("bound")

	operator.Deliver(handlertest.Handset{From: handset, To: "1111", Text: "bé gái nhà bên {€}"})
	if got := operator.Wait("submit"); got.Text != "Đã nhận: bé gái nhà bên {€}" || got.Coding != 8 || got.To != "84901234567" || got.From != "1111" {
		t.Errorf("the reply to a text is %+v", got)
	}

	longText(t, operator)

	m := flows.Message{ID: "07abc/1", Text: "GAP K7F4. Tra loi 1 K7F4"}
	send(t, p, m)
	if got := operator.Wait("submit"); got.Text != m.Text || got.Coding != 0 || got.To != "84900000101" {
		t.Errorf("the message out is %+v", got)
	}
	waitDelivered(t, reports, m.ID)

	dialogue(t, operator)

	operator.Stop()
	late := flows.Message{ID: "07abc/2", Text: "sent while the operator is away"}
	send(t, p, late)
	operator.Start()
	operator.Wait("bound")
	if got := operator.Wait("submit"); got.Text != late.Text {
		t.Errorf("after the restart came %+v", got)
	}
	waitDelivered(t, reports, late.ID)
	dialogue(t, operator)
}

// longText delivers a text in two parts, the second first, cut between the halves
// of an emoji. Each reaches the hotline by itself and at once.
func longText(t *testing.T, operator *handlertest.Operator) {
	t.Helper()
	for _, part := range []struct{ udh, ucs2, want string }{
		{"0500032a0202", "de220021", "phần 2/2 op/2a/2: \xed\xb8\xa2!"},
		{"0500032a0201", "0062d83d", "phần 1/2 op/2a/2: b\xed\xa0\xbd"},
	} {
		operator.Deliver(handlertest.Handset{From: handset, To: "1111", UDH: part.udh, UCS2: part.ucs2})
		if got, want := operator.Wait("submit").Text, fmt.Sprintf("%x", part.want); got != want {
			t.Errorf("a part came as %q, want %q", got, want)
		}
	}
}

// dialogue plays five screens.
func dialogue(t *testing.T, operator *handlertest.Operator) {
	t.Helper()
	hops := []struct {
		op              int
		text, want      string
		wantOp          int
		session, answer string
	}{
		{1, "*1111#", "1 Co 2 Khong", 2, "2a02", "2a02"},
		{18, "2", "Chuyen gi?", 2, "2a04", "2a04"},
		{18, "1", "Xa nao?", 2, "2a06", "2a06"},
		{18, "Mai Chau", "May tuoi?", 2, "2a08", "2a08"},
		{18, "3", "Ma 4821 9037", 17, "2a0a", "2a0b"},
	}
	for i, h := range hops {
		operator.Deliver(handlertest.Handset{From: handset, To: "*1111#", Text: h.text, Op: &h.op, Session: h.session})
		got := operator.Wait("submit")
		if got.Text != h.want || got.Op != h.wantOp || got.Session != h.answer || got.Service != "USSD" {
			t.Errorf("screen %d is %+v, want %q with op %d and session %s", i+1, got, h.want, h.wantOp, h.answer)
		}
	}
}

func send(t *testing.T, p handlertest.Sender, m flows.Message) {
	t.Helper()
	if _, err := p.Send(t.Context(), m, handlertest.Phone("+84900000101")); err != nil {
		t.Fatal(err)
	}
}

func waitDelivered(t *testing.T, reports statuses, id flows.MessageID) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		select {
		case st := <-reports:
			if st.Message == id && st.Delivery == flows.Delivered {
				return
			}
		case <-ctx.Done():
			t.Fatalf("no report that %s was delivered", id)
		}
	}
}
