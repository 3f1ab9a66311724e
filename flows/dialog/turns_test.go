package dialog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/flows/engine"
	"hotline/flows/transcript"
)

// province is the scene that most tests share.
func province(t testing.TB) transcript.Scene {
	t.Helper()
	story, err := transcript.Read(os.DirFS("testdata"), "nobody_answers.txt")
	if err != nil {
		t.Fatal(err)
	}
	return story.Scene
}

func phone(t testing.TB, s string) flows.Phone {
	t.Helper()
	p, err := flows.ParsePhone(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// hop is a cumulative USSD hop.
func hop(t testing.TB, w *world, session, text string) flows.Inbound {
	t.Helper()
	return flows.Inbound{
		Provider: "africastalking", Channel: flows.USSD, Signal: flows.Input, From: phone(t, "+84900000001"),
		To: "*1111#", Session: session, Text: text, Cumulative: true, At: w.Now(),
	}
}

func must(t testing.TB, w *world, in flows.Inbound) flows.Reply {
	t.Helper()
	reply, err := w.Handle(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func begins(t testing.TB, got flows.Reply, want string) {
	t.Helper()
	if !strings.HasPrefix(got.Text, want) {
		t.Errorf("got %q, want %q...", got.Text, want)
	}
}

func openCases(t testing.TB, w *world) []flows.Case {
	t.Helper()
	cases, err := w.store.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestTheSameHopTwentyTimesAtOnce(t *testing.T) {
	for _, text := range []string{"1", "2*1*Mai Chau*2*2"} {
		t.Run(text, func(t *testing.T) {
			w := newWorld(t, province(t))
			must(t, w, hop(t, w, "s1", ""))
			var wg sync.WaitGroup
			replies := make([]flows.Reply, 20)
			for i := range replies {
				wg.Go(func() {
					var err error
					if replies[i], err = w.Handle(context.Background(), hop(t, w, "s1", text)); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			for _, r := range replies {
				if r != replies[0] {
					t.Errorf("got %q, want %q", r.Text, replies[0].Text)
				}
			}
			if n := len(openCases(t, w)); n != 1 {
				t.Errorf("%d cases, want 1", n)
			}
		})
	}
}

func TestASecondRealAnswerIsANewTurn(t *testing.T) {
	w := newWorld(t, province(t))
	must(t, w, hop(t, w, "s1", ""))
	begins(t, must(t, w, hop(t, w, "s1", "1")), "Chuyen gi")
	begins(t, must(t, w, hop(t, w, "s1", "1*1")), "O xa")
}

func TestARepeatedHopGetsItsOwnBytesAgain(t *testing.T) {
	w := newWorld(t, province(t))
	first := must(t, w, hop(t, w, "s1", "1"))
	must(t, w, hop(t, w, "s1", "1*1"))
	if again := must(t, w, hop(t, w, "s1", "1")); again != first {
		t.Errorf("got %q, want %q", again.Text, first.Text)
	}
}

// TestAHopThatComesAgainUnderAnotherID: the transcript tells that it is the same,
// down to the screen with the receipt. The same answers in another call are
// another report, also where a gateway uses session ids again.
func TestAHopThatComesAgainUnderAnotherID(t *testing.T) {
	w := newWorld(t, province(t))
	n := 0
	named := func(text string, signal flows.Signal) flows.Inbound {
		n++
		in := hop(t, w, "s1", text)
		in.Provider, in.Signal, in.ID = "gateway", signal, fmt.Sprint(n)
		return in
	}
	var receipts []string
	for call := range 2 {
		begins(t, must(t, w, named("", flows.Begin)), "Co tre em")
		var last flows.Reply
		for _, text := range []string{"2", "2*1", "2*1*mai chau", "2*1*mai chau*2", "2*1*mai chau*2*2"} {
			first := named(text, flows.Input)
			last = must(t, w, first)
			again := []flows.Reply{must(t, w, named(text, flows.Input)), must(t, w, first), must(t, w, named(text, flows.Input))}
			for _, r := range again {
				if r != last {
					t.Errorf("call %d, %q again: %q, want %q", call, text, r.Text, last.Text)
				}
			}
		}
		begins(t, last, "Da nhan")
		receipts = append(receipts, last.Text)
		begins(t, must(t, w, named("2*1*mai chau*2*2*1", flows.Input)), "Cuoc goi nay da xong")
		w.store.Advance(10 * time.Minute)
	}
	if receipts[0] == receipts[1] || len(openCases(t, w)) != 2 {
		t.Errorf("%d cases of two calls, receipts %q", len(openCases(t, w)), receipts)
	}
}

func TestHopsOutOfTheirOrder(t *testing.T) {
	for _, c := range []struct {
		name string
		hops []string
		want string // how the last reply begins
	}{
		{"the start again in the middle", []string{"", "1", "1*1", ""}, "O xa"},
		{"an old hop after its time", []string{"", "1", "1*1", "1*1*mai chau", "1"}, "Tre bao nhieu"},
		{"a hop of another transcript", []string{"", "1", "2*1"}, "Chuyen gi"},
		{"one hop was lost", []string{"", "1*1"}, "O xa"},
		{"two hops were lost", []string{"1", "1*1*mai chau"}, "Tre bao nhieu"},
		{"no start was seen", []string{"1*1"}, "O xa"},
		{"a wrong answer stays in the transcript", []string{"", "7", "7*1", "7*1*9", "7*1*9*1", "7*1*9*1*mai chau"}, "Tre bao nhieu"},
		{"a wrong answer in a session that was lost", []string{"7*1*8*1*mai chau"}, "Tre bao nhieu"},
		{"a star typed in a place name", []string{"", "1", "1*1", "1*1*mai*chau"}, "Tre bao nhieu"},
		{"an empty answer", []string{"", "1", "1*"}, "Bam 1 so tu 1 den 6"},
		{"a digit that was added to the last answer", []string{"", "1", "12"}, "Chuyen gi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, province(t))
			w.Settings.Remember = time.Second
			var last flows.Reply
			for _, text := range c.hops {
				// The memory of earlier turns is gone: only the transcript tells.
				w.store.Advance(2 * time.Second)
				last = must(t, w, hop(t, w, "s1", text))
			}
			begins(t, last, c.want)
		})
	}
}

// single is an answer of a gateway that sends one at a time.
func single(t testing.TB, w *world, session, id, text string, signal flows.Signal) flows.Inbound {
	in := hop(t, w, session, text)
	in.Provider, in.Cumulative, in.ID, in.Signal = "hubtel", false, id, signal
	return in
}

func TestAGatewayThatSendsOneAnswerAtATime(t *testing.T) {
	for _, named := range []bool{true, false} {
		t.Run(fmt.Sprintf("turns named %v", named), func(t *testing.T) {
			w := newWorld(t, province(t))
			n := 0
			id := func() string {
				n++
				if !named {
					w.store.Advance(3 * time.Second)
					return ""
				}
				return fmt.Sprint(n)
			}
			begins(t, must(t, w, single(t, w, "s1", id(), "*1111#", flows.Begin)), "Co tre em")
			begins(t, must(t, w, single(t, w, "s1", id(), "1", flows.Input)), "Chuyen gi")
			again := single(t, w, "s1", id(), "1", flows.Input)
			begins(t, must(t, w, again), "O xa")
			begins(t, must(t, w, again), "O xa")
			begins(t, must(t, w, single(t, w, "s1", id(), "mai chau", flows.Input)), "Tre bao nhieu")
			begins(t, must(t, w, single(t, w, "s1", id(), "*1111#", flows.Begin)), "Tre bao nhieu")
			begins(t, must(t, w, single(t, w, "s2", id(), "*1111*1#", flows.Begin)), "Chuyen gi")
			begins(t, must(t, w, single(t, w, "s3", id(), "*384*99#", flows.Input)), "Ban muon lam gi?")
			begins(t, must(t, w, single(t, w, "s3", id(), "1", flows.Input)), "Chuyen gi")
			must(t, w, single(t, w, "s4", id(), "*1111*2*1*mai chau*2*2#", flows.Begin))
			begins(t, must(t, w, single(t, w, "s4", id(), "1", flows.Input)), "Cuoc goi nay da xong")
			begins(t, must(t, w, single(t, w, "s4", id(), "", flows.Begin)), "Co tre em")
		})
	}
}

func TestATimerMovesTheCaseWhileItsReporterTalks(t *testing.T) {
	w := newWorld(t, province(t))
	ctx := context.Background()
	must(t, w, hop(t, w, "s1", "1"))
	if err := w.Advance(ctx, 4*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := w.Sent(); len(got) != 1 || got[0].To != "desk" {
		t.Fatalf("sent %v, want the desk", got)
	}
	begins(t, must(t, w, hop(t, w, "s1", "1*1")), "O xa")
	begins(t, must(t, w, hop(t, w, "s1", "1*1*mai chau")), "Tre bao nhieu")
	if err := w.Work(ctx); err != nil {
		t.Fatal(err)
	}
	if got := w.Sent(); len(got) != 1 || got[0].To != "duty-member" {
		t.Errorf("after the place became known: sent %v, want the member on duty there", got)
	}
	reply := must(t, w, hop(t, w, "s1", "1*1*mai chau*2*1"))
	begins(t, reply, "Da nhan")
	cases := openCases(t, w)
	if len(cases) != 1 || cases[0].Kind != "VIOLENCE" || !cases[0].Contact || cases[0].Receipt == "" {
		t.Errorf("cases %+v", cases)
	}
}

// gone is a store that does not answer.
type gone struct{ dialog.Conversations }

func (gone) Turn(context.Context, flows.SessionID, string) (flows.Session, flows.Reply, bool, error) {
	return flows.Session{}, flows.Reply{}, false, fmt.Errorf("dial: %w", flows.ErrUnavailable)
}

func TestTheCallerIsToldWhomToCallWhenTheStoreIsGone(t *testing.T) {
	w := newWorld(t, province(t))
	w.Service.Conversations = gone{w.store}
	reply, err := w.Handle(context.Background(), hop(t, w, "s1", "1"))
	if !errors.Is(err, flows.ErrUnavailable) {
		t.Errorf("error %v, want unavailable", err)
	}
	if !reply.End || !strings.Contains(reply.Text, "111") || !strings.Contains(reply.Text, "113") {
		t.Errorf("reply %+v does not name 111 and 113", reply)
	}
	if strings.Contains(err.Error(), "84900000001") {
		t.Error("the error holds the number")
	}
}

// crowded is a store in which the first references all belong to other cases.
type crowded struct {
	dialog.Cases
	left int
	refs []flows.Ref
}

func (c *crowded) Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error) {
	c.refs = append(c.refs, ch.Case.Ref)
	if c.left--; c.left >= 0 {
		return flows.Outcome{}, flows.ErrTaken
	}
	return c.Cases.Commit(ctx, ch)
}

func TestATakenReferenceIsDrawnAgainAndGrows(t *testing.T) {
	w := newWorld(t, province(t))
	full := &crowded{Cases: w.store, left: 4}
	w.Service.Cases = full
	begins(t, must(t, w, hop(t, w, "s1", "1")), "Chuyen gi")
	if len(full.refs) != 5 || len(full.refs[0]) != 4 || len(full.refs[4]) != 5 || full.refs[0] == full.refs[1] {
		t.Errorf("drew %v", full.refs)
	}
}

func TestBadInputIsACaseAllTheSame(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"emoji", "😭😭 cuu em 🏠"},
		{"right to left", "ساعدوني من فضلك"},
		{"NUL", "bi danh\x00o xa Mai Chau"},
		{"ten thousand characters", strings.Repeat("bị đánh đập ", 900)},
		{"no UTF-8", "b\xe1nh \xff\xfe danh"},
		{"decomposed accents", "bi\u0323 \u0111a\u0301nh o\u031b\u0309 xa\u0303 Mai Cha\u0302u"},
		{"one letter", "a"},
		{"only blanks", "   \n"},
		{"only digits", "12345"},
		{"a lone surrogate as bytes", "\xed\xa0\x80 danh"},
		{"control characters", "\x01\x02\x1b[31m danh"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, province(t))
			ctx := context.Background()
			reply, err := w.Text(ctx, phone(t, "+84900000001"), c.text)
			if err != nil {
				t.Fatal(err)
			}
			begins(t, reply, "Da nhan.")
			cases := openCases(t, w)
			if len(cases) != 1 || len(cases[0].Texts) != 1 {
				t.Fatalf("cases %+v", cases)
			}
			sealed := cases[0].Texts[0]
			text, err := w.vault.Open(ctx, cases[0].ID, sealed.Field, sealed.Data)
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != c.text {
				t.Errorf("kept %q, want %q", text, c.text)
			}
			if len(cases[0].Timers) == 0 {
				t.Error("the case has no timer")
			}
			call, err := w.Handle(ctx, hop(t, w, "s1", "1*"+c.text))
			if err != nil || call.Text == "" {
				t.Errorf("as an answer of a call: %q, %v", call.Text, err)
			}
		})
	}
}

// moved is a set of flows in which a state was renamed since the call began.
type moved struct {
	dialog.Flows
	gone string
}

func (m *moved) Step(s *flows.Session, input string, run engine.Run) error {
	if s.State == m.gone {
		return fmt.Errorf("session in state %q: %w", s.State, engine.ErrState)
	}
	return m.Flows.Step(s, input, run)
}

func TestAFlowThatChangedUnderACallBeginsAgainForTheSameCase(t *testing.T) {
	w := newWorld(t, province(t))
	must(t, w, hop(t, w, "s1", "1"))
	in := single(t, w, "s1", "n1", "2", flows.Input)
	w.Service.Flows = &moved{w.Service.Flows, "kind"}
	in.Provider = "africastalking"
	begins(t, must(t, w, in), "Co tre em")
	if cases := openCases(t, w); len(cases) != 1 || !cases[0].Danger {
		t.Errorf("cases %+v", cases)
	}
}

// TestAnAnswerThatTheGatewayKept: it was typed in a call that broke off while we
// were away. Before the caller dials anew it counts; afterwards it must not disturb
// the new call.
func TestAnAnswerThatTheGatewayKept(t *testing.T) {
	w := newWorld(t, province(t))
	say := func(session string, signal flows.Signal, text string, sent time.Duration) flows.Reply {
		in := hop(t, w, session, text)
		in.Provider, in.Cumulative, in.Signal, in.ID = "kannel", false, signal, fmt.Sprint(session, text, w.Now())
		in.Sent = w.Now().Add(-sent).Truncate(time.Second)
		return must(t, w, in)
	}
	pass := func(d time.Duration) {
		if err := w.Advance(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	say("s1", flows.Begin, "", 0)
	say("s1", flows.Input, "2", 0)
	pass(40 * time.Second)
	begins(t, say("s1", flows.Input, "1", 30*time.Second), "O xa, phuong nao?")
	begins(t, say("s2", flows.Begin, "", 0), "Ban muon lam gi?")
	begins(t, say("s2", flows.Input, "1", 0), "O xa, phuong nao?")
	pass(10 * time.Second)
	if got := say("s1", flows.Input, "Tan Lac", 20*time.Second); got != (flows.Reply{}) {
		t.Errorf("the call that is gone is shown %q", got.Text)
	}
	begins(t, say("s2", flows.Input, "mai chau", 0), "Tre bao nhieu tuoi?")
	if got := openCases(t, w); len(got) != 1 || got[0].Kind != "VIOLENCE" {
		t.Errorf("%d cases, %+v", len(got), got)
	}
}
