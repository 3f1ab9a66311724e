package dialog_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hotline/flows"
	"hotline/flows/dialog"
)

func TestHoweverAResponderWritesTheAnswer(t *testing.T) {
	for _, c := range []struct {
		text string // REF stands for the reference
		want string
	}{
		{"1", "REF la cua ban."},
		{" 1 ", "REF la cua ban."},
		{"1.", "REF la cua ban."},
		{"1 REF", "REF la cua ban."},
		{"1REF", "REF la cua ban."},
		{"1ref", "REF la cua ban."},
		{"REF 1", "REF la cua ban."},
		{"ref1", "REF la cua ban."},
		{"1-REF", "REF la cua ban."},
		{"nhận REF", "REF la cua ban."},
		{"OK REF", "REF la cua ban."},
		{"ok", "REF la cua ban."},
		{"0", "Da ghi: ban khong nhan REF."},
		{"0 REF", "Da ghi: ban khong nhan REF."},
		{"ref 0", "Da ghi: ban khong nhan REF."},
		{"bận ref", "Da ghi: ban khong nhan REF."},
		{"REF", "REF chua ai nhan."},
		{"11", "Tra loi 1 va ma"},
		{"", "Tra loi 1 va ma"},
		{"toi dang hop", "Tra loi 1 va ma"},
		{"1 REF REF", "Khong co viec nao"},
		{"1 XXX3", "Khong co viec nao"},
		{"\xff\x00", "Tra loi 1 va ma"},
	} {
		t.Run(c.text, func(t *testing.T) {
			w := newWorld(t, province(t))
			reported(t, w, "2")
			ref := string(openCases(t, w)[0].Ref)
			in := strings.ReplaceAll(strings.ReplaceAll(c.text, "REF", ref), "ref", strings.ToLower(ref))
			got := text(t, w, "+84900000101", in)
			if want := strings.ReplaceAll(c.want, "REF", ref); !strings.HasPrefix(got, want) {
				t.Errorf("%q: got %q, want %q...", in, got, want)
			}
		})
	}
}

func TestKeywordsAreWholeMessages(t *testing.T) {
	for _, c := range []struct {
		text    string
		isAWord bool
	}{
		{"DUNG", true},
		{"dừng", true},
		{" Dừng! ", true},
		{"STOP", true},
		{"TRO GIUP", true},
		{"trợ giúp", true},
		{"trogiup", true},
		{"help", true},
		{"MA 4821 9037 551208", true},
		{"ma48219037 551208", true},
		{"4821-9037-551208", true},
		{"CODE 4821 9037 551208", true},
		{"Mã", true},
		{"dung danh con nua", false},
		{"stop 12345", false},
		{"stop hitting me", false},
		{"ma toi so lam", false},
		{"giup em voi", false},
		{"help me", false},
		{"113", false},
		{"ma tuy", false},
		{"code red", false},
		{"bao cong an", false},
	} {
		w := newWorld(t, province(t))
		text(t, w, "+84900000001", c.text)
		if n := len(openCases(t, w)); (n == 0) != c.isAWord {
			t.Errorf("%q: %d cases", c.text, n)
		}
	}
}

func TestWordsThatMeanTwoThingsAreRefused(t *testing.T) {
	for name, yaml := range map[string]string{
		"two commands":    "keywords: {stop: [x], help: [X]}",
		"two answers":     "\"yes\": [a]\n\"no\": [Á]",
		"no word":         "danger: [\"!!\"]",
		"an unknown key":  "dangr: [x]",
		"no kind of word": "kinds: [{kind: A, words: [\"...\"]}]",
	} {
		_, err := dialog.LoadWords(fstest.MapFS{"words/xx.yaml": {Data: []byte(yaml)}})
		if err == nil || !strings.Contains(err.Error(), "xx.yaml") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// watched counts what a step asks of the store and keeps what it writes.
type watched struct {
	dialog.Conversations
	dialog.Cases
	calls   int
	written []string
}

func (s *watched) keep(v any) {
	b, _ := json.Marshal(v)
	s.written = append(s.written, string(b))
}

func (s *watched) Turn(ctx context.Context, id flows.SessionID, turn string) (flows.Session, flows.Reply, bool, error) {
	s.calls++
	return s.Conversations.Turn(ctx, id, turn)
}

func (s *watched) SaveTurn(ctx context.Context, now time.Time, t flows.Turn) (flows.Outcome, error) {
	s.calls++
	s.keep(t)
	return s.Conversations.SaveTurn(ctx, now, t)
}

func (s *watched) Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error) {
	s.calls++
	s.keep(ch)
	return s.Cases.Commit(ctx, ch)
}

func TestAStepIsOneLoadAndOneSave(t *testing.T) {
	w := newWorld(t, province(t))
	s := &watched{Conversations: w.store, Cases: w.store}
	w.Service.Conversations, w.Service.Cases = s, s
	for _, transcript := range []string{"", "1", "1*1", "1*1*Mai Chau", "1*1*Mai Chau*2", "1*1*Mai Chau*2*1"} {
		s.calls = 0
		must(t, w, hop(t, w, "s1", transcript))
		if s.calls != 2 {
			t.Errorf("%q took %d calls of the store", transcript, s.calls)
		}
	}
	s.calls = 0
	must(t, w, hop(t, w, "s1", "1*1*Mai Chau*2*1"))
	if s.calls != 1 {
		t.Errorf("a retry took %d calls", s.calls)
	}
}

// TestNothingThatIsStoredShowsTheReporter looks for a number and for what was
// written, in all that goes to the store.
func TestNothingThatIsStoredShowsTheReporter(t *testing.T) {
	w := newWorld(t, province(t))
	s := &watched{Conversations: w.store, Cases: w.store}
	w.Service.Conversations, w.Service.Cases = s, s
	const number, canary = "+84987654321", "hoa phuong tim"
	texts := []string{canary + " bi danh o xa Mai Chau", canary, "1", canary + " " + canary, "MA 4821 9037 551208", canary, "dung"}
	for _, m := range texts {
		text(t, w, number, m)
	}
	from := phone(t, number)
	for _, transcript := range []string{"", "1", "1*" + canary, "1*" + canary + "*1", "1*" + canary + "*1*" + canary, "1*" + canary + "*1*" + canary + "*0*1*1"} {
		in := hop(t, w, "s-"+canary, transcript)
		in.From = from
		must(t, w, in)
	}
	for _, sees := range s.written {
		for _, secret := range []string{"87654321", canary, "hoaphuongtim"} {
			if strings.Contains(sees, secret) {
				t.Errorf("the store sees %q in %.300s", secret, sees)
			}
		}
	}
	if len(s.written) < 10 {
		t.Errorf("only %d writes were seen", len(s.written))
	}
}
