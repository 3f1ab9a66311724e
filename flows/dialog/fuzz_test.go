package dialog_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hotline/flows"
	"hotline/flows/sms"
)

// mostAnswers is how many answers a conversation takes before it must end.
const mostAnswers = 100

// sound holds what must be true after any input: one case at most, an open case
// has a timer, and what is said fits its screen.
func sound(t interface {
	Helper()
	Fatalf(string, ...any)
}, w *world, ch flows.Channel, reply flows.Reply,
) {
	t.Helper()
	if n := sms.Units(reply.Text); sms.Class(reply.Text) != sms.GSM7 || n > 160 {
		t.Fatalf("%s of %d units: %q", ch, n, reply.Text)
	}
	cases, err := w.store.Open(context.Background())
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, c := range cases {
		if len(c.Timers) == 0 {
			t.Fatalf("case %s is %s and has no timer", c.Ref, c.Status)
		}
	}
}

// FuzzUSSD plays a transcript at once and answer by answer: no panic, no screen
// over its budget, no filed case without a timer, and the same case both ways.
func FuzzUSSD(f *testing.F) {
	for _, s := range []string{
		"", "1", "2", "2*1*Mai Chau*2*2", "1*1*mai chau*1*1", "9*1*2", "3*48219037*551208", "4*2*1", "1*00*99*98", "***", "1**1",
		"cuu voi*1*2*0*5*2", "1*1*Phong Phu*2*1*1", "7*7*7*7", "1*2*\x00*\xff", "1*2*😭*3", "1*2*" + strings.Repeat("x", 200), "2*6*Xyz*Xyz*Xyz*Xyz*1*1",
	} {
		f.Add(s)
	}
	w := newWorld(f, province(f))
	n := 0
	f.Fuzz(func(t *testing.T, transcript string) {
		if len(transcript) > 2000 {
			return
		}
		n++
		whole, step := hop(t, w, "whole", transcript), hop(t, w, "step", "")
		whole.From, step.From = phone(t, "+8490"+digits7(2*n)), phone(t, "+8490"+digits7(2*n+1))
		sound(t, w, flows.USSD, must(t, w, whole))
		sound(t, w, flows.USSD, must(t, w, step))
		at := 0
		for part := range strings.SplitSeq(transcript, "*") {
			at += len(part)
			step.Text = transcript[:at]
			if step.Text != "" {
				reply := must(t, w, step)
				sound(t, w, flows.USSD, reply)
				if reply.End {
					break
				}
			}
			at++
		}
		if err := w.closeAll(); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzSMS sends two texts: any text is a case, kept as it came.
func FuzzSMS(f *testing.F) {
	for _, s := range []string{
		"", "1", "DUNG", "tro giup", "MA 4821 9037 551208", "be gai nha ben bi danh, ban Lac, xa Mai Chau", "bij ddanhs", "😭", "\x00", "\xff\xfe",
		"ساعدوني", "bi\u0323 \u0111a\u0301nh", "BAO x", "khong", "Phong Phu", strings.Repeat("a b ", 700), "1 K7F4", "48219037 551208",
	} {
		f.Add(s, "1")
		f.Add("cuu voi", s)
	}
	w := newWorld(f, province(f))
	n := 0
	f.Fuzz(func(t *testing.T, first, second string) {
		if len(first)+len(second) > 20_000 {
			return
		}
		n++
		from := phone(t, "+8491"+digits7(n))
		for i, text := range []string{first, second, second, "0", "1"} {
			in := flows.Inbound{
				Provider: "twilio", Channel: flows.SMS, From: from, To: "1111", At: w.Now().Add(time.Duration(i) * time.Minute),
				ID: digits7(10*n + i), Text: text,
			}
			sound(t, w, flows.SMS, must(t, w, in))
		}
		for _, text := range []string{first, second} {
			in := flows.Inbound{
				Provider: "twilio", Channel: flows.SMS, From: phone(t, "+84900000101"), To: "1111", At: w.Now(),
				ID: "duty-" + digits7(n), Text: text,
			}
			sound(t, w, flows.SMS, must(t, w, in))
		}
		if err := w.closeAll(); err != nil {
			t.Fatal(err)
		}
	})
}

func digits7(n int) string {
	b := []byte("0000000")
	for i := len(b) - 1; i >= 0 && n > 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return string(b)
}

// closeAll ends every case, so that a long run does not read them again.
func (w *world) closeAll() error {
	ctx := context.Background()
	cases, err := w.store.Open(ctx)
	if err != nil {
		return err
	}
	for _, c := range cases {
		ch := flows.BeginChange(w.Now(), c)
		ch.Case.Status, ch.Case.Closed = flows.StatusClosed, w.Now()
		ch.DisarmAll("closed")
		if _, err := w.store.Commit(ctx, ch); err != nil {
			return err
		}
	}
	return nil
}

// TestAnyCallEndsAndLeavesNothingWithoutATimer draws whole lives of callers:
// answers, drops, redials, retries and time that passes.
func TestAnyCallEndsAndLeavesNothingWithoutATimer(t *testing.T) {
	scene := province(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, scene)
		ctx := context.Background()
		from := phone(t, "+84900000001")
		answer := rapid.OneOf(
			rapid.SampledFrom([]string{"0", "1", "2", "3", "4", "5", "6", "9", "00", "98", "99", "", "mai chau", "Phong Phu", "Tan Lc", "cuu voi", "4821 9037", "551208"}),
			rapid.StringN(0, 12, 40),
		)
		reply, err := w.Dial(ctx, from, "")
		for i := 0; i < rapid.IntRange(1, 25).Draw(rt, "length"); i++ {
			if err != nil {
				rt.Fatal(err)
			}
			sound(rt, w, flows.USSD, reply)
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0:
				reply, err = w.Dial(ctx, from, "")
			case 1:
				before := reply
				if reply, err = w.Again(ctx); reply != before {
					rt.Fatalf("a retry got %q, first it was %q", reply.Text, before.Text)
				}
			case 2:
				err = w.Advance(ctx, time.Duration(rapid.IntRange(1, 20).Draw(rt, "minutes"))*time.Minute)
			case 3:
				err = w.Hangup(ctx, from)
			default:
				reply, err = w.Answer(ctx, from, answer.Draw(rt, "answer"))
			}
		}
		if err != nil {
			rt.Fatal(err)
		}
		for range mostAnswers {
			if reply.End {
				break
			}
			if reply, err = w.Answer(ctx, from, answer.Draw(rt, "answer")); err != nil {
				rt.Fatal(err)
			}
		}
		if !reply.End {
			rt.Fatalf("after %d more answers the call has not ended", mostAnswers)
		}
		// Whatever was filed is routed in the end.
		if err := w.Advance(ctx, 20*time.Minute); err != nil {
			rt.Fatal(err)
		}
		for _, c := range openCases(t, w) {
			if c.Status == flows.StatusIntake {
				rt.Fatalf("case %s was never routed", c.Ref)
			}
		}
	})
}
