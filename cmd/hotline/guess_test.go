package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestGuessesFindNothing sends guesses over the webhook of a gateway, from a tenth
// as many callers: half of them at receipts drawn at random, half at one that they
// know. Meanwhile its reporter asks, from her phone and from one she never used: she
// gets in at her first try, nobody else does, and whoever guessed waits even for a
// right answer. HOTLINE_GUESSES=10000 does it in full; each guess costs a slow hash,
// about 40 ms. A phone that guesses with luck makes the test fail in fewer than one
// full run of two hundred: of the 5,000 guesses at the known receipt those that are
// judged hit one in a million each, see dialog.Waits.
func TestGuessesFindNothing(t *testing.T) {
	guesses := 60
	if n, err := strconv.Atoi(os.Getenv("HOTLINE_GUESSES")); err == nil {
		guesses = n
	}
	h := newHouse(t)
	h.dialog.Settings.Patience = time.Hour // what is looked at is the answer, not how soon a busy machine gives it
	ask := func(id, number, words string) string {
		return h.ask(h.l.public, http.MethodPost, h.paths("plain", "/sms")[0], jsonKind,
			fmt.Sprintf(`{"id":%q,"from":%q,"to":"1111","text":%q}`, id, number, words)).Body.String()
	}
	for _, transcript := range []string{"", "2", "2*1", "2*1*Mai Chau", "2*1*Mai Chau*2", "2*1*Mai Chau*2*2"} {
		h.call("hers", calmNumber, transcript)
	}
	shown := receiptForm.FindStringSubmatch(h.seen.String())
	if shown == nil {
		t.Fatal("she got no receipt")
	}
	known, right := "MA "+shown[1]+" ", "MA "+shown[1]+" "+shown[2]
	in := func(got string) bool { return strings.Contains(got, shown[1]) }
	rnd := rand.New(rand.NewPCG(1, 2))
	answers := map[string]int{}
	callers := max(1, guesses/10)
	began := time.Now()
	for n := range guesses {
		guess := known
		if n%2 == 0 {
			guess = fmt.Sprintf("MA %04d %04d ", rnd.IntN(10_000), rnd.IntN(10_000))
		}
		caller := fmt.Sprintf("+8491%07d", n/2%callers)
		answers[ask(fmt.Sprint("g", n), caller, guess+fmt.Sprintf("%06d", rnd.IntN(1_000_000)))]++
		if n%callers == 0 {
			h.pass(time.Minute) // those who wait no longer than that are judged again
		}
		if n == guesses/2 {
			if got := ask("another phone", "+84913572470", right); !in(got) {
				t.Errorf("among the guesses she reads %s at her first try from another phone", got)
			}
		}
	}
	t.Logf("%d guesses from %d callers in %v, %v each", guesses, callers, time.Since(began).Round(time.Second),
		(time.Since(began) / time.Duration(guesses)).Round(time.Microsecond))
	// A caller who gets the same answer again and again hears nothing in the end.
	for got, n := range answers {
		if !strings.Contains(got, "Khong tim thay") && !strings.Contains(got, `"text":""`) {
			t.Errorf("%d guesses are answered by %s", n, got)
		}
	}
	if got := ask("late", "+84910000000", right); in(got) {
		t.Errorf("after ten wrong guesses a right one is answered at once: %s", got)
	}
	if got := ask("hers", calmNumber, right); !in(got) {
		t.Errorf("the true reporter reads %s at her first try", got)
	}
	h.pass(8 * 24 * time.Hour)
	if got := ask("a week later", "+84910000000", right); !in(got) {
		t.Errorf("a week after its last guess a phone is still shut out: %s", got)
	}
}
