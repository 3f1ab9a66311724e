package engine

import (
	"strconv"
	"strings"

	"hotline/flows"
)

// list is a question with the page of options that is on the screen.
func (set *Set) list(s *flows.Session, st *state, sc *screens, head string) string {
	from, to := set.page(s, st, sc, head)
	return set.pageText(s, st, sc, head, from, to)
}

// pageText is the screen that shows the options from ≤ i < to. Numbers run on
// from page to page, so that a late answer still means what the caller saw.
func (set *Set) pageText(s *flows.Session, st *state, sc *screens, head string, from, to int) string {
	var b strings.Builder
	b.WriteString(head)
	for i := from; i < to; i++ {
		b.WriteString("\n" + strconv.Itoa(i+1) + " " + set.plain(s.Options[i].Label))
	}
	b.WriteString(sc.tail)
	if to < len(s.Options) {
		b.WriteString("\n" + set.keys.More + " " + set.text(s.Language, moreText))
	}
	if from > 0 {
		b.WriteString("\n" + set.keys.Back + " " + set.text(s.Language, backText))
	} else {
		b.WriteString(set.backLine(st, s.Language, channelIndex(s.Channel)))
	}
	return b.String()
}

// page finds the options on page s.Page: as many as fit, at least one.
func (set *Set) page(s *flows.Session, st *state, sc *screens, head string) (from, to int) {
	for page := 0; ; page++ {
		to = from + 1
		for to < len(s.Options) {
			if _, ok := set.measure(set.pageText(s, st, sc, head, from, to+1), s.Channel); !ok {
				break
			}
			to++
		}
		if to >= len(s.Options) {
			return from, len(s.Options)
		}
		if page == s.Page {
			return from, to
		}
		from = to
	}
}
