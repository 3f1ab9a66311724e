package twilio_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
	"hotline/handlers/twilio"
)

// story is a hotline whose provider is the fake Twilio.
func story(t *testing.T, change func(*twilio.Config)) (*handlertest.Twilio, *handlertest.Desk, *twilio.Provider) {
	t.Helper()
	tw, desk := handlertest.NewTwilio(t), &handlertest.Desk{}
	p := provider(t, func(c *twilio.Config) {
		c.APIURL, c.Texts, c.VoiceFrom = tw.URL(), words, "+84240000000"
		if change != nil {
			change(c)
		}
	})
	tw.Hotline, _ = handlertest.Public(desk, handlers.Options{Twilio: p})
	return tw, desk, p
}

var responder = handlertest.Phone("+84900000101")

// deliveries are the states that reached the hotline.
func deliveries(d *handlertest.Desk) []string {
	var got []string
	for _, s := range d.Statuses() {
		got = append(got, strings.TrimSpace(string(s.Message)+" "+string(s.Delivery)+" "+s.Reason))
	}
	return got
}

func TestStoryOfAText(t *testing.T) {
	tw, desk, p := story(t, nil)
	alert := flows.Message{ID: "07abc/1", Channel: flows.SMS, Text: "GAP K7F4. Tra loi 1 K7F4"}

	// Twilio is busy, then down, then well.
	tw.Next(handlertest.Behaviour{Status: 429, Code: 20429}, handlertest.Behaviour{Status: 503})
	for _, reason := range []string{"busy", "provider_down"} {
		_, err := p.Send(t.Context(), alert, responder)
		wantError(t, err, flows.SendError{Temporary: true, Reason: reason})
	}
	sending, err := p.Send(t.Context(), alert, responder)
	if err != nil || len(tw.Orders()) != 1 || sending.ID != tw.Orders()[0].SID {
		t.Fatalf("sent %v %v, Twilio has %d", sending, err, len(tw.Orders()))
	}

	// Its callbacks come reversed and doubled, and fail in the end.
	order := tw.Orders()[0]
	if got := tw.Report(order, "30005", "delivered", "sent", "sent", "undelivered"); !slices.Equal(got, []int{200, 200, 200, 200}) {
		t.Errorf("callbacks were answered %v", got)
	}
	if got, want := deliveries(desk), []string{"07abc/1 delivered", "07abc/1 sent", "07abc/1 sent", "07abc/1 undelivered bad_number"}; !slices.Equal(got, want) {
		t.Errorf("deliveries %q, want %q", got, want)
	}

	desk.Reply = flows.Reply{Text: "K7F4 la cua ban."}
	if got := tw.Text(responder.E164(), "1111", "1 k7f4"); got != "K7F4 la cua ban." {
		t.Errorf("the reply is %q", got)
	}
	if got := desk.Inbounds(); len(got) != 1 || got[0].Text != "1 k7f4" {
		t.Errorf("came %v", got)
	}
}

func TestStoryOfATextThatIsAcceptedInSilence(t *testing.T) {
	tw, _, p := story(t, func(c *twilio.Config) { c.Caller.Timeout = 2 * time.Second })
	alert := flows.Message{ID: "07abc/1", Channel: flows.SMS, Text: "GAP K7F4"}
	tw.Next(handlertest.Behaviour{Silent: true})
	_, err := p.Send(t.Context(), alert, responder)
	wantError(t, err, flows.SendError{Temporary: true, Unknown: true, Reason: "timeout"})
	sending, found, err := p.Find(t.Context(), alert, responder, handlertest.Now)
	if err != nil || !found || sending.ID != tw.Orders()[0].SID {
		t.Errorf("looked it up: %v %t %v", sending, found, err)
	}
	other := alert
	other.Text = "GAP A3C4"
	if _, found, _ := p.Find(t.Context(), other, responder, handlertest.Now); found {
		t.Error("found a message that was never sent")
	}
}

func TestStoryOfACall(t *testing.T) {
	tw, desk, p := story(t, nil)
	alert := flows.Message{ID: "07abc/2", Ref: "K7F4", Channel: flows.Voice, Urgent: true, Language: "vi"}
	call := func() *handlertest.Order {
		t.Helper()
		if _, err := p.Send(t.Context(), alert, responder); err != nil {
			t.Fatal(err)
		}
		return tw.Orders()[len(tw.Orders())-1]
	}

	answered := call()
	if got := tw.Ring(answered, "human"); got != "Khẩn cấp K, 7, F, 4. Bấm 1." {
		t.Errorf("says %q", got)
	}
	if got := tw.Press(answered, "*"); got != "Khẩn cấp K, 7, F, 4. Bấm 1." {
		t.Errorf("after a star says %q", got)
	}
	desk.Reply = flows.Reply{Text: "Của bạn."}
	if got := tw.Press(answered, "1"); got != "Của bạn." {
		t.Errorf("after a one says %q", got)
	}
	if got := desk.Inbounds(); len(got) != 1 || got[0].Text != "1 K7F4" || got[0].Channel != flows.Voice {
		t.Errorf("came %v", got)
	}
	tw.HangUp(answered, "completed", "human")

	mailbox := call()
	if got := tw.Ring(mailbox, "machine_end_beep"); got != "" {
		t.Errorf("a mailbox hears %q", got)
	}
	tw.HangUp(mailbox, "completed", "machine_end_beep")
	tw.HangUp(call(), "no-answer", "")
	if got, want := deliveries(desk), []string{"07abc/2 delivered", "07abc/2 undelivered machine", "07abc/2 undelivered no_answer"}; !slices.Equal(got, want) {
		t.Errorf("deliveries %q, want %q", got, want)
	}
}

// TestLateAnswer lets the answer to a request come after its callback.
func TestLateAnswer(t *testing.T) {
	tw, desk, p := story(t, nil)
	hold := make(chan struct{})
	tw.Next(handlertest.Behaviour{Hold: hold})
	sent := make(chan error, 1)
	go func() {
		_, err := p.Send(t.Context(), flows.Message{ID: "07abc/3", Text: "x"}, responder)
		sent <- err
	}()
	early := &handlertest.Order{SID: "SM9", Callback: publicURL + "/twilio/status?m=07abc%2F3"}
	tw.Report(early, "", "delivered")
	if got := deliveries(desk); !slices.Equal(got, []string{"07abc/3 delivered"}) {
		t.Errorf("deliveries %q", got)
	}
	close(hold)
	if err := errors.Join(<-sent); err != nil {
		t.Error(err)
	}
}
