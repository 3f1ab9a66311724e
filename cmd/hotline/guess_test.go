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

// TestGuessesFindNothing sends guessed receipts and PINs over the webhook of a
// gateway, from a tenth as many callers, while one true reporter asks: she gets in
// at her first try, nobody else does, and whoever guesses often waits even for a
// right answer. HOTLINE_GUESSES=10000 does it in full; each costs a slow hash.
func TestGuessesFindNothing(t *testing.T) {
	guesses := 40
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
	_, pin, _ := strings.Cut(shown[0], "PIN ")
	rnd := rand.New(rand.NewPCG(1, 2))
	answers := map[string]int{}
	for n := range guesses {
		caller := fmt.Sprintf("+8491%07d", n%max(1, guesses/10))
		guess := fmt.Sprintf("MA %04d %04d %04d", rnd.IntN(10_000), rnd.IntN(10_000), rnd.IntN(10_000))
		answers[ask(fmt.Sprint("g", n), caller, guess)]++
	}
	right := "MA " + shown[1] + " " + pin
	// A caller who gets the same answer again and again hears nothing in the end.
	for got, n := range answers {
		if !strings.Contains(got, "Khong tim thay") && !strings.Contains(got, `"text":""`) {
			t.Errorf("%d guesses are answered by %s", n, got)
		}
	}
	if got := ask("late", "+84910000000", right); strings.Contains(got, shown[1]) {
		t.Errorf("after ten wrong guesses a right one is answered at once: %s", got)
	}
	if got := ask("hers", calmNumber, right); !strings.Contains(got, shown[1]) {
		t.Errorf("the true reporter reads %s at her first try", got)
	}
}
