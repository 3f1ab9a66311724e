package dialog

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Rota is what a dialogue needs of the people who keep the rota; see package duty.
type Rota interface {
	// Reply takes a yes or no to a question about duty; code "" means the only
	// one that waits. ok is false where nothing of the member's waits under it.
	Reply(ctx context.Context, now time.Time, m flows.Member, code flows.Ref, yes bool) (text string, ok bool, err error)
	// Swap is a wish to give a turn away; Turns lists the next ones.
	Swap(ctx context.Context, now time.Time, m flows.Member, words string) (string, error)
	Turns(ctx context.Context, now time.Time, m flows.Member) (string, error)
	// Prove takes a code that came back from a phone that does not count yet.
	Prove(ctx context.Context, from flows.Phone, digits string) (text string, ok bool, err error)
}

// The keywords of people at work. From a reporter they are words like others.
const (
	keyOnSite keyword = "on_site"
	keyRaise  keyword = "raise"
	keyLower  keyword = "lower"
	keyClose  keyword = "close"
	keyHand   keyword = "hand_over"
	keyTurns  keyword = "turns"
	keySwap   keyword = "swap"
)

// forStaff reports whether a keyword means nothing from a reporter.
func forStaff(k keyword) bool {
	switch k {
	case keyTake, keyPass, keyOnSite, keyRaise, keyLower, keyClose, keyHand, keyTurns, keySwap:
		return true
	}
	return false
}

// staffWord finds a keyword of people at work at the beginning of a text, or
// behind a reference that stands alone: "0 K7F4 khong den" is no arrival. rest is
// what stands beside it.
func (w *Words) staffWord(text string) (k keyword, rest []string) {
	fields := strings.Fields(text)
	for n := min(2, len(fields)); n > 0; n-- {
		if k := w.keywords[squash(strings.Join(fields[:n], ""))]; forStaff(k) && k != keyTake && k != keyPass {
			return k, fields[n:]
		}
	}
	if len(fields) < 2 {
		return "", nil
	}
	if _, ok := flows.ParseRef(fields[0]); !ok {
		return "", nil
	}
	if k := w.keywords[squash(strings.Join(fields[1:], ""))]; forStaff(k) && k != keyTake && k != keyPass {
		return k, fields[:1]
	}
	return "", nil
}

// staff does what a keyword of people at work asks for; done is false for a text
// without one.
func (st *step) staff(ctx context.Context) (text string, done bool, err error) {
	k, rest := st.Words.staffWord(st.in.Text)
	switch {
	case k == "" || (k == keyTurns || k == keySwap) && st.Rota == nil:
		return "", false, nil
	case k == keyTurns:
		text, err = st.Rota.Turns(ctx, st.now, st.member)
	case k == keySwap:
		text, err = st.Rota.Swap(ctx, st.now, st.member, strings.Join(rest, " "))
	default:
		text, err = st.work(ctx, k, rest)
	}
	return text, true, err
}

// work carries out an order about a case: that of the reference, or the only one
// that the member holds.
func (st *step) work(ctx context.Context, k keyword, rest []string) (string, error) {
	var c *flows.Case
	if len(rest) > 0 {
		if ref, ok := flows.ParseRef(rest[0]); ok {
			rest = rest[1:]
			var err error
			if c, err = st.theirs(ctx, ref); err != nil {
				return "", err
			}
			if c == nil {
				return st.unknown(ref), nil
			}
		}
	}
	if c == nil {
		open, held, err := st.concerning(ctx)
		if err != nil {
			return "", err
		}
		switch mine := slices.Concat(held, open); {
		case len(mine) == 0:
			return st.text("staff.none"), nil
		case len(mine) > 1:
			return st.which(mine), nil
		default:
			c = &mine[0]
		}
	}
	decide, done, ok := st.orderOf(k, rest)
	if !ok {
		return st.text("staff.hand_help", "ref", string(c.Ref)), nil
	}
	last, refused, err := st.onCase(ctx, *c, decide)
	if err != nil {
		return "", err
	}
	if refused != nil {
		return st.refusal(&last, refused), nil
	}
	return st.text(done, "ref", string(last.Ref)), nil
}

// orderOf is the decision that a keyword stands for, and the text that follows.
func (st *step) orderOf(k keyword, rest []string) (decide answerTo, done string, ok bool) {
	switch k {
	case keyOnSite:
		return escalation.OnSite, "staff.on_site", true
	case keyRaise:
		return escalation.Raise, "staff.raised", true
	case keyLower:
		return escalation.Lower, "staff.lowered", true
	case keyClose:
		outcome := "safe"
		if len(rest) > 0 {
			outcome = cmp.Or(map[string]string{"2": "handed_over", "3": "unfounded"}[rest[0]], outcome)
		}
		return closeAs(outcome), "staff.closed", true
	}
	to, found := st.colleague(strings.Join(rest, ""))
	return handTo(to), "staff.handed", found
}

// colleague finds whom a case is handed to: by their number, as a phone shows it,
// or by their id. Only people of the member's own place and of the province are
// found.
func (st *step) colleague(typed string) (flows.Member, bool) {
	const enough = 8 // digits that tell one number from others
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, typed)
	digits = strings.TrimLeft(digits, "0")
	for _, m := range st.guide.World.Roster.Directory().Members {
		if m.ID == st.member.ID || m.Place != st.member.Place && !escalation.Provincial(m.Level) {
			continue
		}
		if typed != "" && strings.EqualFold(typed, string(m.ID)) {
			return m, true
		}
		for _, p := range m.Phones {
			if len(digits) >= enough && strings.HasSuffix(p.E164(), digits) {
				return m, true
			}
		}
	}
	return flows.Member{}, false
}

// refusal says why an order was not carried out.
func (st *step) refusal(c *flows.Case, r *escalation.Refused) string {
	ref := string(c.Ref)
	switch r.Reason {
	case escalation.RefusedNotYours:
		return st.text("staff.unknown", "ref", ref)
	case escalation.RefusedUrgent:
		return st.text("staff.raised", "ref", ref)
	case escalation.RefusedNormal:
		return st.text("staff.lowered", "ref", ref)
	case escalation.RefusedLevel:
		if c.Status == flows.StatusOpen {
			break // it may be theirs in a moment
		}
		return st.text("staff.above", "ref", ref)
	}
	return st.stand(c)
}

// proven answers a code that came back from a phone that does not count yet; done
// is false for every other text, which is then a reporter's.
func (st *step) proven(ctx context.Context) (done bool, err error) {
	digits := strings.TrimSpace(st.in.Text)
	if st.Rota == nil || st.known || st.in.From.IsZero() || len(digits) != 4 || strings.Trim(digits, "0123456789") != "" {
		return false, nil
	}
	text, ok, err := st.Rota.Prove(ctx, st.in.From, digits)
	if err != nil || !ok {
		return false, err
	}
	if st.from == 0 {
		if err := st.open(flowText); err != nil {
			return false, err
		}
	}
	st.mute = true
	st.say(text)
	return true, nil
}
