package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/flows/transcript"
	"hotline/handlers/handlertest"
	"hotline/handlers/twilio"
	"hotline/handlers/wire"
)

// byTwilio is a world whose texts and calls go by Twilio: what leaves is posted to
// its API, and what comes is signed and goes through the public listener.
type byTwilio struct {
	*world
	tw     *handlertest.Twilio
	told   int
	texted bool // the last turn was a text
}

func newByTwilio(t *testing.T, scene transcript.Scene, patience time.Duration) *byTwilio {
	t.Helper()
	w, err := newWorld(t.Context(), scene, configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	tw := handlertest.NewTwilio(t)
	tw.Now = w.Now().Format(time.RFC1123Z)
	p, err := twilio.New(twilio.Config{
		AccountSID: tw.AccountSID, Tokens: []string{tw.Token, "thenextone"}, PublicURL: tw.PublicURL, From: "HOTLINE", VoiceFrom: "+84240000000",
		Numbers: wire.Numbers{Region: "VN"}, Texts: w.app.data.texts, APIURL: tw.URL(),
		Caller: wire.Caller{Client: handlertest.Client(), Timeout: patience},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.app.mail.Sender = &dispatch.Router{
		Senders: map[string]dispatch.Sender{twilio.Name: p}, Now: w.Now, Trip: 5, Rest: 30 * time.Second,
		Routes: []dispatch.Route{{Channel: flows.SMS, Providers: []string{twilio.Name}}, {Channel: flows.Voice, Providers: []string{twilio.Name}}},
	}
	w.app.mail.Finders = map[string]dispatch.Finder{twilio.Name: p}
	w.app.cfg.WebhookTimeout = time.Minute // a busy machine is no part of a story
	l, err := newListeners(w.app, &providers{twilio: p})
	if err != nil {
		t.Fatal(err)
	}
	tw.Hotline = l.public
	return &byTwilio{world: w, tw: tw}
}

// Dial begins a call, which does not go by Twilio.
func (b *byTwilio) Dial(ctx context.Context, phone flows.Phone, code string) (flows.Reply, error) {
	b.texted = false
	return b.world.Dial(ctx, phone, code)
}

// Answer types into a call.
func (b *byTwilio) Answer(ctx context.Context, phone flows.Phone, text string) (flows.Reply, error) {
	b.texted = false
	return b.world.Answer(ctx, phone, text)
}

// Text is a signed webhook and the TwiML that answers it.
func (b *byTwilio) Text(ctx context.Context, phone flows.Phone, text string) (flows.Reply, error) {
	b.texted = true
	reply := b.tw.Text(phone.E164(), b.Short, text)
	return flows.Reply{Text: reply, End: true}, b.Work(ctx)
}

// Again delivers the last turn once more.
func (b *byTwilio) Again(ctx context.Context) (flows.Reply, error) {
	if !b.texted {
		return b.world.Again(ctx)
	}
	return flows.Reply{Text: b.tw.TextAgain(), End: true}, b.Work(ctx)
}

// Sent are the messages and calls that Twilio has accepted since.
func (b *byTwilio) Sent() []transcript.Sent {
	var sent []transcript.Sent
	orders := b.tw.Orders()
	for _, o := range orders[b.told:] {
		s := transcript.Sent{To: b.who(o), Via: flows.SMS, Text: o.Body}
		if o.URL != "" {
			s.Via = flows.Voice
		}
		sent = append(sent, s)
	}
	b.told = len(orders)
	return sent
}

func (b *byTwilio) who(o *handlertest.Order) flows.MemberID {
	phone, err := flows.ParsePhone(o.To)
	if err != nil {
		return ""
	}
	if m, ok := b.app.dir.view.Load().roster.ByPhone(phone); ok {
		return m.ID
	}
	return flows.MemberID(o.To)
}

// last is the last order to somebody.
func (b *byTwilio) last(who flows.MemberID, call bool) (*handlertest.Order, error) {
	for _, o := range slices.Backward(b.tw.Orders()) {
		if b.who(o) == who && (!call || o.URL != "") {
			return o, nil
		}
	}
	return nil, fmt.Errorf("Twilio has nothing for %s", who)
}

// Ring lets a human pick up the last call.
func (b *byTwilio) Ring(_ context.Context, who flows.MemberID) (flows.Reply, error) {
	o, err := b.last(who, true)
	if err != nil {
		return flows.Reply{}, err
	}
	return flows.Reply{Text: b.tw.Ring(o, "human"), End: true}, nil
}

// Press presses a key in it; a key that decides ends the call.
func (b *byTwilio) Press(ctx context.Context, who flows.MemberID, key string) (flows.Reply, error) {
	o, err := b.last(who, true)
	if err != nil {
		return flows.Reply{}, err
	}
	b.tw.Ring(o, "human")
	reply := flows.Reply{Text: b.tw.Press(o, key), End: true}
	if key == "1" || key == "2" {
		b.tw.HangUp(o, "completed", "human")
	}
	return reply, b.Work(ctx)
}

// Undelivered is Twilio's word on the last message: its callbacks come twice and
// in the wrong order.
func (b *byTwilio) Undelivered(ctx context.Context, who flows.MemberID) error {
	o, err := b.last(who, false)
	if err != nil {
		return err
	}
	if o.URL != "" {
		b.tw.HangUp(o, "no-answer", "")
	} else {
		b.tw.Report(o, "30005", "sent", "undelivered")
		b.tw.Report(o, "", "sent", "queued")
	}
	return b.Work(ctx)
}

// TestStoriesByTwilio plays every story with the fake Twilio as the network.
func TestStoriesByTwilio(t *testing.T) {
	dir := os.DirFS("../../flows/dialog/testdata")
	names, err := filepath.Glob("../../flows/dialog/testdata/*.txt")
	if err != nil || len(names) < 20 {
		t.Fatalf("%d stories, %v", len(names), err)
	}
	played := 0
	for _, name := range names {
		name = filepath.Base(name)
		text, err := os.ReadFile(filepath.Join("../../flows/dialog/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		lines := "\n" + string(text)
		if name == "province.txt" || !strings.Contains(lines, "\nsms ") && !strings.Contains(lines, "\nring ") && !strings.Contains(lines, "\npress ") && !strings.Contains(lines, "\nundelivered ") {
			continue
		}
		played++
		t.Run(strings.TrimSuffix(name, ".txt"), func(t *testing.T) {
			story, err := transcript.Read(dir, name)
			if err != nil {
				t.Fatal(err)
			}
			if err := transcript.Play(t.Context(), story, newByTwilio(t, story.Scene, time.Minute), nil); err != nil {
				t.Error(err)
			}
		})
	}
	if played < 20 {
		t.Errorf("only %d stories text or call", played)
	}
}

// TestAnAlertThatTwilioDidNotAnswer: whether it has the text is looked up before
// anything is sent again, so that the member gets it exactly once.
func TestAnAlertThatTwilioDidNotAnswer(t *testing.T) {
	for name, b := range map[string]handlertest.Behaviour{"it has the text": {Silent: true}, "it never got it": {Lost: true}} {
		t.Run(name, func(t *testing.T) {
			w := newByTwilio(t, transcript.Scene{Begin: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}, 2*time.Second)
			ctx := t.Context()
			reporter, err := flows.ParsePhone(demoReporter)
			if err != nil {
				t.Fatal(err)
			}
			w.tw.Next(b)
			if _, err := w.Dial(ctx, reporter, "*1111*1*1*mai chau*2*2#"); err != nil {
				t.Fatal(err)
			}
			cases, err := w.app.store.Open(ctx)
			if err != nil || len(cases) != 1 {
				t.Fatalf("%d cases, %v", len(cases), err)
			}
			unknown := 0
			for _, a := range cases[0].Alerts {
				if a.Delivery == flows.Unknown {
					unknown++
				}
			}
			asked := len(cases[0].Alerts)
			if unknown != 1 {
				t.Errorf("%d of %d alerts are in doubt: %+v", unknown, asked, cases[0].Alerts)
			}
			if err := w.Advance(ctx, 20*time.Second); err != nil {
				t.Fatal(err)
			}
			if cases, err = w.app.store.Open(ctx); err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for _, o := range w.tw.Orders() {
				got[o.To+o.Body]++
			}
			for _, a := range cases[0].Alerts {
				if a.Delivery != flows.Sent || a.SID == "" {
					t.Errorf("alert %+v", a)
				}
			}
			if len(got) != asked || len(w.tw.Orders()) != asked {
				t.Errorf("Twilio has %d texts, %d of them different, for %d alerts", len(w.tw.Orders()), len(got), asked)
			}
		})
	}
}

// TestAMailboxIsNoAnswer: it is told nothing, the call counts as one that did not
// arrive, and the next level is asked at its time.
func TestAMailboxIsNoAnswer(t *testing.T) {
	w := newByTwilio(t, transcript.Scene{Begin: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}, time.Minute)
	ctx := t.Context()
	if _, err := w.Dial(ctx, handlertest.Phone(demoReporter), "*1111*1*1*mai chau*2*2#"); err != nil {
		t.Fatal(err)
	}
	if err := w.Advance(ctx, 5*time.Minute); err != nil { // the text was not answered
		t.Fatal(err)
	}
	w.Sent()
	calls := 0
	for _, o := range w.tw.Orders() {
		if o.URL == "" {
			continue
		}
		calls++
		if said := w.tw.Ring(o, "machine_end_beep"); said != "" {
			t.Errorf("a mailbox hears %q", said)
		}
		w.tw.HangUp(o, "completed", "machine_end_beep")
	}
	if err := w.Work(ctx); err != nil {
		t.Fatal(err)
	}
	cases, err := w.app.store.Open(ctx)
	if err != nil || len(cases) != 1 || cases[0].Status != flows.StatusOpen {
		t.Fatalf("cases %+v, %v", cases, err)
	}
	for _, a := range cases[0].Alerts {
		if a.Channel == flows.Voice && (a.Delivery != flows.Undelivered || a.Reason != "machine") {
			t.Errorf("the call is %s, %s", a.Delivery, a.Reason)
		}
	}
	if err := w.Advance(ctx, 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if told := slices.ContainsFunc(w.Sent(), func(s transcript.Sent) bool { return s.To == "mai-chau-head" }); !told || calls == 0 {
		t.Errorf("after %d calls the head was told: %t", calls, told)
	}
}
