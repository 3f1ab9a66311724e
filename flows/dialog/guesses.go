package dialog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"hotline/flows"
)

// Waits say what a wrong receipt or PIN costs.
//
// Only a phone that has missed waits, and only for its own misses. What others
// guess never delays the first try from a phone: whoever knows a receipt could
// else keep its reporter out for ever. It makes further misses dearer instead: a
// receipt that many have missed has a crowd around it, and the waits of a phone that
// misses it too grow with that crowd. One slip of the finger costs no more than Min
// even then.
//
// So K phones that know a receipt have about two guesses each at once and then
// fewer and fewer; a PIN has six digits to bear that. TestPhonesThatGuess plays it.
type Waits struct {
	Min   time.Duration // after the first miss that costs; doubles
	Max   time.Duration // the longest it grows to
	Most  time.Duration // the longest in a crowd
	Free  int           // misses that cost nothing where there is no crowd
	Crowd int           // misses of one receipt, by all phones, that make a crowd

	Forget      time.Duration // how long after its last miss a phone is remembered, by pseudonym
	ForgetCrowd time.Duration // the same for a receipt
}

// DefaultWaits are those of a hotline.
func DefaultWaits() Waits {
	return Waits{
		Min: 30 * time.Second, Max: time.Hour, Most: 7 * 24 * time.Hour, Free: 3, Crowd: 10,
		Forget: 7 * 24 * time.Hour, ForgetCrowd: 30 * 24 * time.Hour,
	}
}

// After is how long a phone waits after its own n-th miss, when the receipt was
// missed crowd times before, by anybody.
func (w Waits) After(n, crowd int) time.Duration {
	if n <= 0 {
		return 0
	}
	free, longest, times := w.Free, w.Max, 1
	if crowd >= w.Crowd {
		free, times = 0, crowd/w.Crowd
		longest = w.Most
		if times < int(w.Most/w.Max) {
			longest = w.Max * time.Duration(times)
		}
	}
	if n <= free {
		return 0
	}
	d := w.Min
	if slip := n - free; slip > 1 {
		d = grow(w.Min, slip-1, times, longest)
	}
	return min(d, longest)
}

// grow doubles d so many times, after it was taken so many times.
func grow(d time.Duration, doubled, times int, longest time.Duration) time.Duration {
	if times > int(longest/d) {
		return longest
	}
	d *= time.Duration(times)
	for range doubled {
		if d *= 2; d >= longest {
			return longest
		}
	}
	return d
}

// guesses are the misses of a phone, or of a receipt. They are kept like a
// conversation: one that nobody holds, named by a pseudonym that ends with its epoch.
type guesses struct {
	record flows.Session
	misses int
	until  time.Time // before it every answer is "unknown"
	keep   time.Duration
}

const (
	varMisses = "misses"
	varUntil  = "until"
	varTurn   = "turn" // the turn that was counted last
	varHad    = "had"  // misses and until, before that turn
	varBefore = "before"
)

// nobody stands for every receipt that does not exist.
const nobody = "none"

// guesser names the phone of this step, the same on all channels. Phones that hide
// their number are one: each call would else be a phone of its own.
func (st *step) guesser(ctx context.Context) (guesses, error) {
	return st.guesses(ctx, st.Keys.Session("guess", "", st.in.From), st.Settings.Waits.Forget)
}

// crowd names a receipt. Those that do not exist are one, so that guessing leaves
// nothing behind for each of ten million.
func (st *step) crowd(ctx context.Context, number string, exists bool) (guesses, error) {
	if !exists {
		number = nobody
	}
	return st.guesses(ctx, flows.SessionID(st.Keys.Digest("crowd", number)), st.Settings.Waits.ForgetCrowd)
}

func (st *step) guesses(ctx context.Context, id flows.SessionID, keep time.Duration) (guesses, error) {
	record, _, _, err := st.Conversations.Turn(ctx, id, "")
	if err != nil {
		return guesses{}, fmt.Errorf("read guesses: %w", err)
	}
	record.ID = id
	g := guesses{record: record, keep: keep}
	g.misses, _ = strconv.Atoi(record.Vars[varMisses])
	g.until = moment(record.Vars[varUntil])
	return g, nil
}

func stamp(t time.Time) string { return strconv.FormatInt(flows.Millis(t), 10) }

func moment(text string) time.Time {
	ms, _ := strconv.ParseInt(text, 10, 64)
	return flows.Moment(ms)
}

// countGuess counts a guess as a miss of its phone before it is judged: many at once
// would else all be judged by the same count. It reports whether it may be judged.
// A turn that a gateway delivers several times is one guess.
func (st *step) countGuess(ctx context.Context, caller *guesses, crowd int) (judged bool, err error) {
	if caller.record.Vars[varTurn] == st.turnID {
		return !st.now.Before(moment(caller.record.Vars[varBefore])), nil
	}
	if st.now.Before(caller.until) {
		// In vain, and no longer for it.
		return false, unlessFaster(st.saveGuesses(ctx, caller, caller.misses, caller.until))
	}
	n := caller.misses + 1
	err = st.saveGuesses(ctx, caller, n, st.now.Add(st.Settings.Waits.After(n, crowd)))
	if !errors.Is(err, flows.ErrConflict) {
		return err == nil, err
	}
	again, err := st.guesses(ctx, caller.record.ID, caller.keep)
	if err != nil || again.record.Vars[varTurn] != st.turnID {
		return false, err // somebody guesses with this phone at the same moment
	}
	*caller = again
	return true, nil
}

// missed adds a miss to the crowd of a receipt. One that is lost among many at the
// same moment is no harm: each costs its phone all the same.
func (st *step) missed(ctx context.Context, crowd *guesses, judged bool) error {
	n := crowd.misses
	if judged {
		n++
	}
	return unlessFaster(st.saveGuesses(ctx, crowd, n, time.Time{}))
}

// unlessFaster passes over a writing that came too late.
func unlessFaster(err error) error {
	if errors.Is(err, flows.ErrConflict) {
		return nil
	}
	return err
}

// forgive takes back the miss that a right guess was counted as.
func (st *step) forgive(ctx context.Context, caller *guesses) error {
	n, _ := strconv.Atoi(caller.record.Vars[varHad])
	return unlessFaster(st.saveGuesses(ctx, caller, n, moment(caller.record.Vars[varBefore])))
}

// saveGuesses writes guesses down.
func (st *step) saveGuesses(ctx context.Context, g *guesses, misses int, until time.Time) error {
	had, before := strconv.Itoa(g.misses), stamp(g.until)
	if g.record.Vars[varTurn] == st.turnID {
		had, before = g.record.Vars[varHad], g.record.Vars[varBefore]
	}
	g.record.Vars = map[string]string{
		varMisses: strconv.Itoa(misses), varUntil: stamp(until), varTurn: st.turnID, varHad: had, varBefore: before,
	}
	g.record.Touched = st.now
	_, err := st.Conversations.SaveTurn(ctx, st.now, flows.Turn{
		ID:      st.Keys.Digest("guess", st.turnID, strconv.FormatInt(g.record.Version, 10)),
		Session: g.record, From: g.record.Version, Was: g.record.Counted(), Keep: g.keep, Remember: st.Settings.Echo,
	})
	if err != nil {
		return fmt.Errorf("note a guess: %w", err)
	}
	g.record.Version++
	return nil
}
