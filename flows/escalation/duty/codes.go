package duty

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/flows"
)

// How codes are sent: by text, and when that stays without an answer by a call.
const (
	codeLife   = 24 * time.Hour
	codeTimes  = 3
	codeWrongs = 5
)

// codes sends codes to phones that do not count yet.
func (w *work) codes() {
	r := w.scene.Roster
	want := map[string]flows.MemberID{}
	for _, m := range r.Directory().Members {
		for _, u := range m.Unproven {
			want[PhoneMark(u.Phone)] = m.ID
		}
	}
	w.book.Codes = slices.DeleteFunc(w.book.Codes, func(c Code) bool { return want[c.Phone] != c.Member })
	if !w.awake() {
		return
	}
	for _, m := range r.Directory().Members {
		for _, u := range m.Unproven {
			w.sendCode(m, PhoneMark(u.Phone))
		}
	}
}

func (w *work) sendCode(m flows.Member, mark string) {
	i := slices.IndexFunc(w.book.Codes, func(c Code) bool { return c.Phone == mark })
	if i < 0 {
		w.book.Codes = append(w.book.Codes, Code{Member: m.ID, Phone: mark})
		i = len(w.book.Codes) - 1
	}
	c := &w.book.Codes[i]
	if c.Times >= codeTimes || c.Times > 0 && w.now.Sub(c.Sent) < codeLife {
		return
	}
	c.Digits, c.Sent, c.Wrong = w.digits(), w.now, 0
	c.Times++
	n := Notice{To: m.ID, Mark: mark, Channel: flows.SMS, Language: language(m), Text: w.scene.text(m, "duty.code", "code", c.Digits)}
	if c.Times > 1 { // a line that takes no texts
		n.Channel, n.Code, n.Text = flows.Voice, flows.Ref(c.Digits), w.scene.text(m, "voice.code", "code", spelled(c.Digits))
	}
	w.post(n)
}

func spelled(digits string) string {
	return strings.Join(strings.Split(digits, ""), ", ")
}

func (w *work) digits() string {
	var b [2]byte
	for {
		if _, err := w.scene.Random.Read(b[:]); err != nil {
			w.err = fmt.Errorf("draw a code: %w", err)
			return ""
		}
		// No bias: what is left above 60,000 is drawn again.
		if n := int(b[0])<<8 | int(b[1]); n < 60000 {
			return fmt.Sprintf("%04d", n%10000)
		}
	}
}

// Prove takes a code that was sent back for one of a member's phones; mark "" is
// any of them. It reports whether it was the right one. After a few wrong ones a
// code is worth nothing.
func Prove(b Book, member flows.MemberID, mark, digits string) (Book, bool) {
	b = b.clone()
	for i := range b.Codes {
		c := &b.Codes[i]
		if c.Member != member || mark != "" && c.Phone != mark || c.Digits == "" {
			continue
		}
		if c.Digits == digits {
			b.Proven = append(b.Proven, Proof{c.Member, c.Phone})
			b.Codes = slices.Delete(b.Codes, i, i+1)
			return b, true
		}
		if c.Wrong++; c.Wrong >= codeWrongs {
			c.Digits = ""
		}
	}
	return b, false
}

// SendAgain lets a new code be sent to the phones of a member.
func SendAgain(b Book, member flows.MemberID) Book {
	b = b.clone()
	b.Codes = slices.DeleteFunc(b.Codes, func(c Code) bool { return c.Member == member })
	return b
}
