package dialog_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/flows/escalation"
	"hotline/store/vault/relay"
)

var receiptOf = regexp.MustCompile(`(\d{4} \d{4})\D+PIN (\d{6})`)

// reported files a case by one call and returns its receipt and PIN.
func reported(t *testing.T, w *world, contact string) (number, pin string) {
	t.Helper()
	reply, err := w.Dial(context.Background(), phone(t, "+84900000001"), "*1111*2*1*Mai Chau*2*"+contact+"#")
	if err != nil {
		t.Fatal(err)
	}
	m := receiptOf.FindStringSubmatch(reply.Text)
	if m == nil {
		t.Fatalf("no receipt in %q", reply.Text)
	}
	return m[1], m[2]
}

func text(t *testing.T, w *world, from, s string) string {
	t.Helper()
	reply, err := w.Text(context.Background(), phone(t, from), s)
	if err != nil {
		t.Fatal(err)
	}
	return reply.Text
}

// ask puts a question to the reporter of the only case, as the console does.
func ask(t *testing.T, w *world, who flows.MemberID, key string) error {
	t.Helper()
	return w.Ask(context.Background(), who, openCases(t, w)[0].Ref, key)
}

// refusal is the reason of a refusal.
func refusal(err error) escalation.Refusal {
	if r, ok := errors.AsType[*escalation.Refused](err); ok {
		return r.Reason
	}
	return ""
}

func TestAQuestionOfTheStaffIsReadWithThePINAndAnswered(t *testing.T) {
	w := newWorld(t, province(t))
	ctx := context.Background()
	number, pin := reported(t, w, "2")
	if err := ask(t, w, "duty-member", "ask.hamlet"); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]escalation.Refusal{
		"ask.nonsense": dialog.RefusedTemplate, "sms.help": dialog.RefusedTemplate, "ask.hamlet": dialog.RefusedWaits,
	} {
		if err := ask(t, w, "duty-member", key); refusal(err) != want {
			t.Errorf("ask %s: %v", key, err)
		}
	}
	if err := ask(t, w, "lac-son-duty", "ask.when"); refusal(err) != escalation.RefusedNotYours {
		t.Errorf("a stranger asks: %v", err)
	}
	// Another phone, as long as it knows receipt and PIN.
	got := text(t, w, "+84900000009", "MA "+number+" "+pin)
	if !strings.HasSuffix(got, "Hoi: o thon, xom nao? Tra loi tin nay.") || len(got) > 160 {
		t.Errorf("status says %q", got)
	}
	if got := text(t, w, "+84900000009", "ban Lac, nha cuoi"); got != "Da ghi them. Cam on ban. Gap: goi 113." {
		t.Errorf("the answer gets %q", got)
	}
	c := openCases(t, w)[0]
	if len(openCases(t, w)) != 1 || len(c.Texts) != 1 || c.Waiting() != nil || c.Texts[0].Field != "answer/ask.hamlet/1" {
		t.Fatalf("case %+v", c)
	}
	plain, err := w.vault.Open(ctx, c.ID, c.Texts[0].Field, c.Texts[0].Data)
	if err != nil || string(plain) != "ban Lac, nha cuoi" {
		t.Errorf("kept %q, %v", plain, err)
	}
}

func TestAQuestionOfTheStaffIsAnsweredInACall(t *testing.T) {
	w := newWorld(t, province(t))
	ctx := context.Background()
	number, pin := reported(t, w, "2")
	if err := ask(t, w, "duty-member", "ask.when"); err != nil {
		t.Fatal(err)
	}
	from := phone(t, "+84900000008")
	if _, err := w.Dial(ctx, from, "*1111*3*"+strings.ReplaceAll(number, " ", "")+"#"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ answer, want string }{
		{pin, "Da bao nguoi truc, dang cho tra loi. Hoi: viec xay ra khi nao?"},
		{"toi qua, khoang 9 gio", "Da ghi them. Cam on ban."},
	} {
		reply, err := w.Answer(ctx, from, c.answer)
		if err != nil {
			t.Fatal(err)
		}
		begins(t, reply, c.want)
	}
	if c := openCases(t, w)[0]; c.Waiting() != nil || len(c.Texts) != 1 || c.Texts[0].Field != "answer/ask.when/1" {
		t.Errorf("case %+v", c)
	}
	if again, err := w.Again(ctx); err != nil || !strings.HasPrefix(again.Text, "Da ghi them.") {
		t.Errorf("the same again: %q, %v", again.Text, err)
	}
	if n := len(openCases(t, w)[0].Texts); n != 1 {
		t.Errorf("%d texts after a retry", n)
	}
}

func TestAReporterIsOnlyTextedWithPermissionAndAtTheirHours(t *testing.T) {
	w := newWorld(t, province(t))
	reported(t, w, "1")
	c := openCases(t, w)[0]
	m, _ := w.Guide().World.Roster.Member("duty-member")
	for _, q := range []struct {
		hours            flows.Hours
		asked, at, until string
	}{
		{flows.ByDay, "09:00", "23 09:00", "23 20:00"},
		{flows.ByDay, "21:30", "24 08:00", "24 20:00"},
		{flows.ByDay, "06:00", "23 08:00", "23 20:00"},
		{flows.ByDay, "19:59", "23 19:59", "23 20:00"},
		{flows.ByDay, "20:00", "24 08:00", "24 20:00"},
		{flows.Morning, "09:00", "23 09:00", "23 11:00"},
		{flows.Morning, "12:00", "24 07:00", "24 11:00"},
		{flows.Afternoon, "09:00", "23 13:00", "23 17:00"},
		{flows.Evening, "20:30", "23 20:30", "23 21:00"},
		{flows.Evening, "23:30", "24 18:00", "24 21:00"},
		{"of another edition", "21:30", "24 08:00", "24 20:00"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+q.asked, w.Settings.Zone)
		if err != nil {
			t.Fatal(err)
		}
		c.Hours = q.hours
		ch, err := w.Service.Ask("ask.still")(at, c, m, flows.SMS, w.Guide().World)
		if err != nil || len(ch.Send) != 1 {
			t.Fatalf("ask: %v, %d messages", err, len(ch.Send))
		}
		msg := ch.Send[0]
		clock := func(x time.Time) string { return x.In(w.Settings.Zone).Format("02 15:04") }
		if clock(msg.Due) != q.at || clock(msg.Until) != q.until || !msg.Next.After(msg.Until) || msg.Due.Before(at) {
			t.Errorf("%q asked at %s: text from %s to %s, want %s to %s", q.hours, q.asked, clock(msg.Due), clock(msg.Until), q.at, q.until)
		}
		if id, ok := msg.To.Reporter(); !ok || id != c.ID {
			t.Errorf("it goes to %s", msg.To)
		}
		if a := w.Asking(at, c, true); a.Notice != msg.Text || !a.Due.Equal(msg.Due) {
			t.Errorf("the page says %q at %s", a.Notice, clock(a.Due))
		}
	}
	c.Contact = false
	ch, err := w.Service.Ask("ask.still")(w.Now(), c, m, flows.SMS, w.Guide().World)
	if err != nil || len(ch.Send) != 0 {
		t.Errorf("without permission: %v, %d messages", err, len(ch.Send))
	}
}

// TestTheHoursThatAreOfferedAreKept: what callers read is what the settings do.
func TestTheHoursThatAreOfferedAreKept(t *testing.T) {
	w := newWorld(t, province(t))
	for key, hours := range map[string]flows.Hours{
		"report.contact.1": flows.ByDay, "report.contact.3": flows.Morning,
		"report.contact.4": flows.Afternoon, "report.contact.5": flows.Evening,
	} {
		span := w.Settings.Hours[hours]
		if text, want := w.Texts.Text("vi", key), fmt.Sprintf("%d-%d gio", span.From/60, span.To/60); !strings.HasSuffix(text, want) {
			t.Errorf("%s reads %q, and the hours are %s", key, text, want)
		}
	}
}

func TestTheNumberIsKeptByPermissionAndForgottenByStop(t *testing.T) {
	w := newWorld(t, province(t))
	ctx := context.Background()
	numbers := w.Relay.(*relay.Relay)
	reported(t, w, "1")
	c := openCases(t, w)[0]
	if p, err := numbers.Phone(ctx, w.Now(), c.ID); err != nil || p != phone(t, "+84900000001") {
		t.Fatalf("the number is not kept: %v", err)
	}
	if got := text(t, w, "+84900000001", " dừng. "); !strings.HasPrefix(got, "Da xoa") {
		t.Errorf("stop gets %q", got)
	}
	if _, err := numbers.Phone(ctx, w.Now(), c.ID); !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("the number is still there: %v", err)
	}
	if c = openCases(t, w)[0]; c.Contact {
		t.Error("the case still says that its reporter may be texted")
	}
}

func TestWithoutPermissionNoNumberIsKept(t *testing.T) {
	w := newWorld(t, province(t))
	reported(t, w, "2")
	_, err := w.Relay.(*relay.Relay).Phone(context.Background(), w.Now(), openCases(t, w)[0].ID)
	if !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("a number was kept: %v", err)
	}
}

func other(pin string) string {
	if pin == "000000" {
		return "0001"
	}
	return "000000"
}
