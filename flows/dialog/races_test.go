package dialog_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/flows"
)

// texted is a text with an id of its own.
func texted(t testing.TB, w *world, from, id, text string) flows.Inbound {
	t.Helper()
	return flows.Inbound{
		Provider: "twilio", Channel: flows.SMS, Signal: flows.Input, From: phone(t, from), To: "1111",
		ID: id, Text: text, At: w.Now(),
	}
}

// atOnce posts all inbounds at the same moment.
func atOnce(t *testing.T, w *world, ins []flows.Inbound) []string {
	t.Helper()
	replies := make([]string, len(ins))
	var wg sync.WaitGroup
	for i, in := range ins {
		wg.Go(func() {
			r, err := w.Handle(context.Background(), in)
			if err != nil {
				t.Error(err)
			}
			replies[i] = r.Text
		})
	}
	wg.Wait()
	return replies
}

func TestTextsThatArriveTogetherAreOneReport(t *testing.T) {
	w := newWorld(t, province(t))
	var ins []flows.Inbound
	for i := range 6 {
		ins = append(ins, texted(t, w, "+84900000001", fmt.Sprint(i), fmt.Sprintf("phan %d cua mot tin rat dai", i)))
	}
	questions := 0
	for _, r := range atOnce(t, w, ins) {
		if r != "" {
			questions++
		}
	}
	cases := openCases(t, w)
	if len(cases) != 1 || len(cases[0].Texts) != 6 || questions != 1 {
		t.Errorf("%d cases, %d questions: %+v", len(cases), questions, cases)
	}
}

func TestOneAnswerOfAResponderManyTimesAtOnce(t *testing.T) {
	for _, answer := range []string{"1", "1 REF", "0 REF"} {
		t.Run(answer, func(t *testing.T) {
			w := newWorld(t, province(t))
			reported(t, w, "2")
			c := openCases(t, w)[0]
			in := texted(t, w, "+84900000101", "same", strings.ReplaceAll(answer, "REF", string(c.Ref)))
			ins := make([]flows.Inbound, 20)
			for i := range ins {
				ins[i] = in
			}
			for _, r := range atOnce(t, w, ins) {
				if !strings.HasPrefix(r, string(c.Ref)) && !strings.HasPrefix(r, "Da ghi: ban khong nhan "+string(c.Ref)) {
					t.Errorf("got %q", r)
				}
			}
			events, err := w.store.Timeline(context.Background(), c.ID)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, e := range events {
				if e.Kind == flows.EventTaken || e.Kind == flows.EventDeclined {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%d answers in the timeline, want 1", n)
			}
		})
	}
}

func TestOfTwoRespondersOneIsFirstAndTheOtherIsToldWho(t *testing.T) {
	w := newWorld(t, province(t))
	reported(t, w, "2")
	ref := string(openCases(t, w)[0].Ref)
	replies := atOnce(t, w, []flows.Inbound{
		texted(t, w, "+84900000101", "a", "1 "+ref), texted(t, w, "+84900000102", "b", "1 "+ref),
	})
	yours, late := 0, 0
	for _, r := range replies {
		switch {
		case strings.HasPrefix(r, ref+" la cua ban"):
			yours++
		case strings.HasPrefix(r, ref+" da duoc ") && strings.HasSuffix(r, "nhan luc 09:00."):
			late++
		default:
			t.Errorf("got %q", r)
		}
	}
	if yours != 1 || late != 1 {
		t.Errorf("%d are told that it is theirs, %d that it is not", yours, late)
	}
}

func TestPartsOfALongTextAreJoinedInAnyOrder(t *testing.T) {
	parts := []string{"chau gai nha ben hay bi da", "nh, bo no say ruou, o xa Mai Ch", "au, ban Lac, xin den giup"}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {2, 0, 2, 1}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			w := newWorld(t, province(t))
			last := ""
			for i, n := range order {
				in := texted(t, w, "+84900000001", fmt.Sprint(i), parts[n])
				in.Part = flows.Part{Ref: "77", Number: n + 1, Of: 3}
				last = must(t, w, in).Text
				if want := i < len(order)-1; (last == "") != want {
					t.Errorf("after part %d: reply %q", n+1, last)
				}
				if c := openCases(t, w); len(c) != 1 || len(c[0].Timers) == 0 {
					t.Fatalf("after part %d: cases %+v", n+1, c)
				}
			}
			if !strings.HasPrefix(last, "Da nhan. ") {
				t.Errorf("the whole text gets %q", last)
			}
			c := openCases(t, w)[0]
			if c.Kind != "VIOLENCE" || c.Place == "" || len(c.Texts) != 1 {
				t.Fatalf("case %+v", c)
			}
			whole, err := w.vault.Open(context.Background(), c.ID, c.Texts[0].Field, c.Texts[0].Data)
			if err != nil || string(whole) != strings.Join(parts, "") {
				t.Errorf("kept %q, %v", whole, err)
			}
		})
	}
}

func TestAnEmojiThatIsCutBetweenPartsIsWholeAgain(t *testing.T) {
	w := newWorld(t, province(t))
	for i, text := range []string{"cuu voi \xed\xa0\xbd", "\xed\xb8\xa2 \xed\xb8 \xed"} {
		in := texted(t, w, "+84900000001", fmt.Sprint(i), text)
		in.Part = flows.Part{Ref: "5", Number: i + 1, Of: 2}
		must(t, w, in)
	}
	c := openCases(t, w)[0]
	whole, err := w.vault.Open(context.Background(), c.ID, c.Texts[0].Field, c.Texts[0].Data)
	if want := "cuu voi 😢 \xed\xb8 \xed"; err != nil || len(c.Texts) != 1 || string(whole) != want {
		t.Errorf("kept %q, %v, want %q", whole, err, want)
	}
}

func TestAPartThatNeverComesCostsNothing(t *testing.T) {
	w := newWorld(t, province(t))
	in := texted(t, w, "+84900000001", "only", "cuu chau voi")
	in.Part = flows.Part{Ref: "9", Number: 2, Of: 2}
	must(t, w, in)
	if err := w.Advance(context.Background(), 20*time.Minute); err != nil {
		t.Fatal(err)
	}
	if c := openCases(t, w); len(c) != 1 || c[0].Status != flows.StatusOpen || !c[0].Danger || len(c[0].Texts) != 1 {
		t.Errorf("cases %+v", c)
	}
}
