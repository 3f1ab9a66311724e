package engine

import (
	"strconv"
	"strings"

	"hotline/flows"
)

// list is a question with a page of options under it.
type list struct {
	set   *Set
	s     *flows.Session
	head  string // the question
	tail  string // fixed lines after the options
	back  string // the line that leads back from the first page
	lines []string
}

func (set *Set) list(s *flows.Session, st *state) *list {
	sc := st.screens[channelIndex(s.Channel)][s.Language]
	t := sc.first
	if s.Tries > 0 {
		t = sc.again
	}
	return &list{
		set: set, s: s, tail: sc.tail, back: sc.back,
		head:  t.fill(func(name string) string { return set.value(st, s, name) }),
		lines: make([]string, 0, len(s.Options)),
	}
}

// line is an option as it is shown. Numbers run on from page to page, so that a
// late answer still means what the caller saw.
func (l *list) line(i int) string {
	for n := len(l.lines); n <= i; n++ {
		l.lines = append(l.lines, "\n"+strconv.Itoa(n+1)+" "+l.set.plain(l.s.Options[n].Label))
	}
	return l.lines[i]
}

// text is the screen that shows the options from ≤ i < to.
func (l *list) text(from, to int) string {
	var b strings.Builder
	b.Grow(gsmBudget + len(l.tail))
	b.WriteString(l.head)
	for i := from; i < to; i++ {
		b.WriteString(l.line(i))
	}
	b.WriteString(l.tail)
	if to < len(l.s.Options) {
		b.WriteString("\n" + l.set.keys.More + " " + l.set.text(l.s.Language, moreText))
	}
	if from > 0 {
		b.WriteString("\n" + l.set.keys.Back + " " + l.set.text(l.s.Language, backText))
	} else {
		b.WriteString(l.back)
	}
	return b.String()
}

// fits reports whether a page may show the options from ≤ i < to.
func (l *list) fits(from, to int) bool {
	_, ok := l.set.measure(l.text(from, to), l.s.Channel)
	return ok
}

// end finds the end of the page that begins with option from: as many as fit, at
// least one. It guesses by length and mends the guess, for measuring costs more.
func (l *list) end(from int) int {
	to, room := from+1, gsmBudget-len(l.head)-len(l.tail)-len(l.line(from))
	for to < len(l.s.Options) && room-len(l.line(to)) > 0 {
		room -= len(l.line(to))
		to++
	}
	for to > from+1 && !l.fits(from, to) {
		to--
	}
	for to < len(l.s.Options) && l.fits(from, to+1) {
		to++
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
