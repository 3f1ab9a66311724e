package engine

import (
	"strconv"
	"strings"

	"hotline/flows"
)

// list is a question with a page of options under it.
type list struct {
	set  *Set
	s    *flows.Session
	head string // the question
	tail string // fixed lines after the options
	back string // the line that leads back from the first page
}

func (set *Set) list(s *flows.Session, st *state) list {
	sc := st.screens[channelIndex(s.Channel)][s.Language]
	t := sc.first
	if s.Tries > 0 {
		t = sc.again
	}
	head := t.fill(func(name string) string { return set.value(st, s, name) })
	return list{set: set, s: s, head: head, tail: sc.tail, back: sc.back}
}

// text is the screen that shows the options from ≤ i < to. Numbers run on from
// page to page, so that a late answer still means what the caller saw.
func (l *list) text(from, to int) string {
	var b strings.Builder
	b.Grow(2*gsmBudget + len(l.tail))
	b.WriteString(l.head)
	for i := from; i < to; i++ {
		line(&b, strconv.Itoa(i+1), l.s.Options[i].Label)
	}
	b.WriteString(l.tail)
	if to < len(l.s.Options) {
		line(&b, l.set.keys.More, l.set.text(l.s.Language, moreText))
	}
	if from > 0 {
		line(&b, l.set.keys.Back, l.set.text(l.s.Language, backText))
	} else {
		b.WriteString(l.back)
	}
	return b.String()
}

func line(b *strings.Builder, key, label string) {
	b.WriteByte('\n')
	b.WriteString(key)
	b.WriteByte(' ')
	b.WriteString(label)
}

// fits reports whether a page may show the options from ≤ i < to.
func (l *list) fits(from, to int) bool {
	_, ok := l.set.measure(l.text(from, to), l.s.Channel)
	return ok
}

// end finds the end of the page that begins with option from: as many as fit, at
// least one. Measuring costs most, so it begins with a guess by length.
func (l *list) end(from int) int {
	to := max(l.guess(from), from+1)
	for to > from+1 && !l.fits(from, to) {
		to--
	}
	for to < len(l.s.Options) && l.fits(from, to+1) {
		to++
	}
	return to
}

// guess is the end of a page if every character counted as one.
func (l *list) guess(from int) int {
	more := len("\n ") + len(l.set.keys.More) + len(l.set.text(l.s.Language, moreText))
	room := gsmBudget - len(l.head) - len(l.tail) - len(l.back)
	to := from
	for ; to < len(l.s.Options); to++ {
		room -= len("\n10 ") + len(l.s.Options[to].Label)
		if room < more && to+1 < len(l.s.Options) || room < 0 {
			break
		}
	}
	return to
}

// page finds the options on page s.Page, or on the last page if there are fewer.
func (l *list) page() (from, to int) {
	if len(l.s.Options) == 0 {
		return 0, 0
	}
	for page := 0; ; page++ {
		to = l.end(from)
		if page == l.s.Page || to == len(l.s.Options) {
			return from, to
		}
		from = to
	}
}
