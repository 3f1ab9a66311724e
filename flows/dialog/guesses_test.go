package dialog_test

import (
	"container/heap"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/dialog"
)

const notFound = "Khong tim thay. Xem lai ma va PIN, mot luc nua thu lai."

func TestWrongReceiptsAndPINsGetOneAnswerAndGrowingDelays(t *testing.T) {
	w := newWorld(t, province(t))
	number, pin := reported(t, w, "2")
	wrong := text(t, w, "+84900000003", "MA 1234 5674 000000")
	for range 4 {
		if got := text(t, w, "+84900000002", "MA "+number+" "+other(pin)); got != wrong {
			t.Errorf("a wrong PIN gets %q, a wrong receipt %q", got, wrong)
		}
	}
	// The free misses of this phone are used up: with it the right PIN now waits.
	if got := text(t, w, "+84900000002", "MA "+number+" "+pin); got != wrong {
		t.Errorf("during the delay it gets %q", got)
	}
	if got := text(t, w, "+84900000004", "MA "+number+" "+pin); !strings.Contains(got, "da chuyen") {
		t.Errorf("another phone waits too: %q", got)
	}
	pass(t, w, 5*time.Minute)
	if got := text(t, w, "+84900000002", number+" "+pin); !strings.Contains(got, "da chuyen") {
		t.Errorf("after the delay it gets %q", got)
	}
	w.Sent()
}

func pass(t *testing.T, w *world, d time.Duration) {
	t.Helper()
	if err := w.Advance(context.Background(), d); err != nil {
		t.Fatal(err)
	}
}

// TestNobodyIsShutOutByWhatOthersGuess: thirty phones miss one receipt.
// Its reporter gets in at the first try, from her phone and from one she has never
// used; a slip of her finger costs half a minute; and the phones that guess wait.
func TestNobodyIsShutOutByWhatOthersGuess(t *testing.T) {
	w := newWorld(t, province(t))
	number, pin := reported(t, w, "2")
	right, wrong := "MA "+number+" "+pin, "MA "+number+" "+other(pin)
	for n := range 30 {
		text(t, w, fmt.Sprintf("+8491000%04d", n), wrong)
	}
	for _, from := range []string{"+84900000001", "+84900000007"} {
		if got := text(t, w, from, right); got == notFound {
			t.Errorf("%s is shut out at the first try", from)
		}
	}
	text(t, w, "+84900000008", wrong)
	if got := text(t, w, "+84900000008", right); got != notFound {
		t.Errorf("a miss in a crowd costs nothing: %q", got)
	}
	pass(t, w, 31*time.Second)
	if got := text(t, w, "+84900000008", right); got == notFound {
		t.Error("a slip of the finger costs more than half a minute")
	}
	text(t, w, "+84910000029", wrong)
	pass(t, w, 2*time.Minute)
	if got := text(t, w, "+84910000029", right); got != notFound {
		t.Errorf("a phone that missed twice in a crowd of thirty waits two minutes: %q", got)
	}
	w.Sent()
}

// TestAllChannelsAndHiddenCallersCountTogether: who changes the channel, or hides
// the number, does not begin anew.
func TestAllChannelsAndHiddenCallersCountTogether(t *testing.T) {
	w := newWorld(t, province(t))
	number, pin := reported(t, w, "2")
	for range 4 {
		text(t, w, "+84900000002", "MA "+number+" "+other(pin))
	}
	dial := func(from flows.Phone, session, pin string) string {
		reply, err := w.Handle(context.Background(), flows.Inbound{
			Provider: "x", Channel: flows.USSD, Cumulative: true, Session: session, From: from, To: "*1111#", At: w.Now(),
			Text: "3*" + number + "*" + pin,
		})
		if err != nil {
			t.Fatal(err)
		}
		return reply.Text
	}
	const unknown = "Ma hoac PIN khong dung"
	if got := dial(phone(t, "+84900000002"), "a", pin); !strings.Contains(got, unknown) {
		t.Errorf("by a call the same phone is judged: %q", got)
	}
	for n := range 4 {
		dial(flows.Phone{}, fmt.Sprint("hidden", n), other(pin))
	}
	if got := dial(flows.Phone{}, "hidden", pin); !strings.Contains(got, unknown) {
		t.Errorf("another hidden call begins anew: %q", got)
	}
	w.Sent()
}

func TestManyGuessesAtOnceAreOneGuess(t *testing.T) {
	w := newWorld(t, province(t))
	w.Settings.Conflicts = 1000 // all of them are one conversation
	number, pin := reported(t, w, "2")
	send := func(id, pin string) string {
		in := flows.Inbound{Provider: "x", Channel: flows.SMS, From: phone(t, "+84910000001"), To: "1111", ID: id, At: w.Now(), Text: "MA " + number + " " + pin}
		reply, err := w.Handle(context.Background(), in)
		if err != nil {
			t.Error(err)
		}
		return reply.Text
	}
	answers := make(chan string, 8)
	for i := range cap(answers) {
		go func() { answers <- send(fmt.Sprint("at once", i), other(pin)) }()
	}
	for range cap(answers) {
		if got := <-answers; got != notFound && got != "" {
			t.Errorf("a guess gets %q", got)
		}
	}
	// Each was counted before it was judged, so that the free ones are used up.
	if got := send("after", pin); got != notFound && got != "" {
		t.Errorf("eight guesses at once count as fewer than four: %q", got)
	}
}

// TestOneTurnDeliveredOftenIsOneGuess: a gateway that sends a text five times at
// once does not spend her guesses, and she reads her status.
func TestOneTurnDeliveredOftenIsOneGuess(t *testing.T) {
	w := newWorld(t, province(t))
	number, pin := reported(t, w, "2")
	in := flows.Inbound{Provider: "x", Channel: flows.SMS, From: phone(t, "+84900000002"), To: "1111", ID: "one", At: w.Now(), Text: "MA " + number + " " + pin}
	answers := make(chan string, 5)
	for range cap(answers) {
		go func() {
			reply, err := w.Handle(context.Background(), in)
			if err != nil {
				t.Error(err)
			}
			answers <- reply.Text
		}()
	}
	for range cap(answers) {
		if got := <-answers; got == notFound {
			t.Error("a repeat of the right answer reads as a wrong one")
		}
	}
}

// guessing is a phone that guesses whenever it may.
type guessing struct {
	at     time.Duration
	misses int
}

type queue []guessing

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(guessing)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// judged is how many guesses of one known receipt get judged for as many phones,
// each at the first moment it may.
func judged(w dialog.Waits, phones int, during time.Duration) (n int) {
	q := make(queue, phones)
	for ; q[0].at <= during; n++ {
		q[0].misses++
		q[0].at += max(w.After(q[0].misses, n), time.Millisecond)
		heap.Fix(&q, 0)
	}
	return n
}

// TestPhonesThatGuess writes down what is left to somebody who knows a receipt and
// has phones: the chance to hit a PIN is the guesses that are judged in a million,
// if no guess is wasted. The figures stand in THREATS.md.
func TestPhonesThatGuess(t *testing.T) {
	const pins = 1e6
	day := 24 * time.Hour
	for _, test := range []struct {
		phones int
		during time.Duration
		most   float64
	}{
		{1, time.Minute, 0.000005},
		{1, time.Hour, 0.000012},
		{1, day, 0.00003},
		{1, 180 * day, 0.0006},
		{10, day, 0.0002},
		{100, day, 0.001},
		{1000, time.Minute, 0.0022},
		{1000, day, 0.007},
		{1000, 180 * day, 0.035},
		{10_000, time.Minute, 0.021},
	} {
		n := judged(dialog.DefaultWaits(), test.phones, test.during)
		p := float64(n) / pins
		t.Logf("%6d phones in %8v: %7d guesses judged, chance %.6f", test.phones, test.during, n, p)
		if p > test.most {
			t.Errorf("%d phones in %v hit with %.6f, want at most %.6f", test.phones, test.during, p, test.most)
		}
		if n < test.phones {
			t.Errorf("of %d phones only %d were judged: a first try waits for others", test.phones, n)
		}
	}
}

func TestWaits(t *testing.T) {
	w := dialog.DefaultWaits()
	for _, test := range []struct {
		n, crowd int
		want     time.Duration
	}{
		{0, 0, 0},
		{3, 0, 0},
		{4, 0, 30 * time.Second},
		{5, 0, time.Minute},
		{11, 0, time.Hour},
		{1 << 20, 0, time.Hour},
		{3, 9, 0},
		{0, 1 << 40, 0},
		{1, 10, 30 * time.Second},
		{1, 1 << 40, 30 * time.Second},
		{2, 10, time.Minute},
		{2, 1000, 100 * time.Minute},
		{9, 10, time.Hour},
		{9, 100, 10 * time.Hour},
		{9, 100_000, 7 * 24 * time.Hour},
		{2, 1 << 40, 7 * 24 * time.Hour},
	} {
		if got := w.After(test.n, test.crowd); got != test.want {
			t.Errorf("after %d misses in a crowd of %d: %v, want %v", test.n, test.crowd, got, test.want)
		}
	}
}
