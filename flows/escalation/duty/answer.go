package duty

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Answer is a yes or no of a member to a question of the book: a turn to confirm,
// a colleague's swap, a drill. Without a code it is meant for the only one that
// waits. It returns what the member is told, or false where nothing of theirs
// waits under the code.
func Answer(now time.Time, b Book, s Scene, m flows.Member, code flows.Ref, yes bool) (Book, string, bool) {
	b = b.clone()
	w := &work{now: now, book: &b, scene: s}
	waiting := b.waiting(now, m.ID)
	if code == "" {
		if len(waiting) == 0 {
			return b, "", false
		}
		if len(waiting) > 1 {
			codes := make([]string, len(waiting))
			for i, c := range waiting {
				codes[i] = string(c)
			}
			return b, s.text(m, "duty.which", "codes", strings.Join(codes, ", "), "first", codes[0]), true
		}
		code = waiting[0]
	}
	for i := range b.Drills {
		if text, ok := w.answerDrill(&b.Drills[i], m, code); ok {
			return b, text, true
		}
	}
	for i := range b.Turns {
		if c := &b.Turns[i]; c.Code == code && c.Member == m.ID && !c.Asked.IsZero() {
			return b, w.answerTurn(c, m, yes), true
		}
	}
	for i := range b.Swaps {
		if sw := b.Swaps[i]; sw.Code == code && slices.Contains(sw.Asked, m.ID) {
			return b, w.answerSwap(i, m, yes), true
		}
	}
	return b, "", false
}

// waiting lists the codes that wait for an answer of a member, the oldest first.
func (b *Book) waiting(now time.Time, id flows.MemberID) []flows.Ref {
	var codes []flows.Ref
	for _, c := range b.Turns {
		if c.Member == id && !c.Asked.IsZero() && c.Confirmed.IsZero() && c.Declined.IsZero() && c.Replaced.IsZero() && c.Turn.Start.After(now) {
			codes = append(codes, c.Code)
		}
	}
	for _, s := range b.Swaps {
		if slices.Contains(s.Asked, id) {
			codes = append(codes, s.Code)
		}
	}
	for _, d := range b.Drills {
		for _, c := range d.Calls {
			if c.Member == id && c.Answered.IsZero() {
				codes = append(codes, c.Code)
			}
		}
	}
	return codes
}

func (w *work) answerDrill(d *Drill, m flows.Member, code flows.Ref) (string, bool) {
	i := slices.IndexFunc(d.Calls, func(c Call) bool { return c.Member == m.ID && c.Code == code })
	if i < 0 {
		return "", false
	}
	c := &d.Calls[i]
	if c.Answered.IsZero() {
		c.Answered = w.now
		if c.Sent.IsZero() || c.Sent.After(w.now) { // the answer was faster than our note of the provider's
			c.Sent = d.At
		}
	}
	return w.scene.text(m, "duty.drill_noted", "minutes", fmt.Sprint(int(c.Took().Round(time.Minute).Minutes()))), true
}

func (w *work) answerTurn(c *Confirmation, m flows.Member, yes bool) string {
	switch {
	case !c.Replaced.IsZero():
		return w.scene.text(m, "duty.replaced", "turn", w.scene.span(c.Turn))
	case !c.Turn.Start.After(w.now) && !yes:
		return w.scene.text(m, "duty.too_late", "turn", w.scene.span(c.Turn))
	case yes:
		c.Confirmed, c.Declined = w.now, time.Time{}
		return w.scene.text(m, "duty.confirmed", "turn", w.scene.span(c.Turn))
	}
	c.Declined = w.now
	return w.scene.text(m, "duty.declined", "turn", w.scene.span(c.Turn))
}

func (w *work) answerSwap(i int, m flows.Member, yes bool) string {
	s := &w.book.Swaps[i]
	s.Asked = slices.DeleteFunc(s.Asked, func(id flows.MemberID) bool { return id == m.ID })
	if !yes {
		return w.scene.text(m, "duty.swap_refused", "turn", w.scene.span(s.Turn))
	}
	r := w.scene.Roster
	q := Request{From: s.From, To: m.ID, Turn: s.Turn}
	if !s.Back.IsZero() {
		if back, ok := turnOn(r, m.ID, s.Back, w.now); ok {
			q.Back = &back
		}
	}
	overrides, err := Swap(r, w.now, q)
	if err != nil {
		return w.scene.text(m, "duty.swap_gone", "turn", w.scene.span(s.Turn))
	}
	w.book.Overrides = append(w.book.Overrides, overrides...)
	w.taken(s.Turn, m.ID)
	if q.Back != nil {
		w.taken(*q.Back, s.From)
	}
	from, _ := r.Member(s.From)
	w.tell(from, "duty.swap_done", "who", call(m), "turn", w.scene.span(s.Turn))
	for _, id := range s.Asked {
		if other, ok := r.Member(id); ok {
			w.tell(other, "duty.swap_gone", "turn", w.scene.span(s.Turn))
		}
	}
	text := w.scene.text(m, "duty.swap_yours", "turn", w.scene.span(s.Turn))
	w.book.Swaps = slices.Delete(w.book.Swaps, i, i+1)
	return text
}

// call is how a colleague is named in a text.
func call(m flows.Member) string { return m.Name }

// AskSwap is a member's wish to give away the turn of a day: "24/11". With a
// second day they offer to take back the turn that the colleague has then. All
// colleagues of the level who are free are asked; the first yes counts.
func AskSwap(now time.Time, b Book, s Scene, m flows.Member, words string) (Book, string) {
	b = b.clone()
	w := &work{now: now, book: &b, scene: s}
	days := strings.Fields(words)
	if len(days) == 0 || len(days) > 2 {
		return b, s.text(m, "duty.swap_help")
	}
	var at [2]time.Time
	for i, d := range days {
		var ok bool
		if at[i], ok = day(d, now.In(s.Roster.Zone())); !ok {
			return b, s.text(m, "duty.swap_help")
		}
	}
	turn, ok := turnOn(s.Roster, m.ID, at[0], now)
	if !ok {
		return b, s.text(m, "duty.swap_none", "day", days[0])
	}
	if slices.ContainsFunc(b.Swaps, func(x Swapping) bool { return x.From == m.ID && x.Turn.Start.Equal(turn.Start) }) {
		return b, s.text(m, "duty.swap_asked", "turn", s.span(turn))
	}
	swap := Swapping{Code: w.code(), From: m.ID, Turn: turn, Back: at[1], At: now}
	for _, c := range s.Roster.Directory().Members {
		if _, err := relieve(s.Roster, now, turn, m.ID, c.ID); err != nil || len(c.Phones) == 0 {
			continue
		}
		offer := ""
		if !swap.Back.IsZero() {
			back, ok := turnOn(s.Roster, c.ID, swap.Back, now)
			if !ok {
				continue
			}
			offer = s.span(back)
		}
		swap.Asked = append(swap.Asked, c.ID)
		if offer == "" {
			w.tell(c, "duty.swap", "code", string(swap.Code), "who", call(m), "turn", s.span(turn))
		} else {
			w.tell(c, "duty.swap_back", "code", string(swap.Code), "who", call(m), "turn", s.span(turn), "back", offer)
		}
	}
	if len(swap.Asked) == 0 {
		return b, s.text(m, "duty.swap_alone", "turn", s.span(turn))
	}
	b.Swaps = append(b.Swaps, swap)
	return b, s.text(m, "duty.swap_asked", "turn", s.span(turn))
}

// turnOn is a member's turn that begins on a day and is still to come.
func turnOn(r *escalation.Roster, id flows.MemberID, on, now time.Time) (escalation.Slot, bool) {
	for _, t := range r.Duties(id, now.Add(-24*time.Hour), on.AddDate(0, 0, 8)) {
		if t.Start.After(now) && t.Start.In(r.Zone()).Format(time.DateOnly) == on.Format(time.DateOnly) {
			return t, true
		}
	}
	return escalation.Slot{}, false
}

// day reads 24/11 or 24-11 as the next such day.
func day(s string, now time.Time) (time.Time, bool) {
	s = strings.NewReplacer("-", "/", ".", "/").Replace(s)
	for _, year := range []int{now.Year(), now.Year() + 1} {
		t, err := time.ParseInLocation("2/1/2006", fmt.Sprintf("%s/%d", s, year), now.Location())
		if err == nil && !t.Before(now.AddDate(0, 0, -1)) {
			return t, true
		}
	}
	return time.Time{}, false
}

// Upcoming is the answer to "my turns": the next few.
func Upcoming(now time.Time, s Scene, m flows.Member) string {
	const most = 4
	var list []string
	for _, t := range s.Roster.Duties(m.ID, now, now.AddDate(0, 0, 14)) {
		if len(list) < most {
			list = append(list, s.span(t))
		}
	}
	if len(list) == 0 {
		return s.text(m, "duty.no_turns")
	}
	return s.text(m, "duty.turns", "turns", strings.Join(list, "; "))
}
