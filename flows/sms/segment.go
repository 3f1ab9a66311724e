package sms

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limit is how many units fit, by alphabet. Operators differ, so limits are
// values; a field of zero means the usual one of [Page].
type Limit struct {
	GSM7 int
	UCS2 int
}

// Single is one text message, and Part one of several that a phone joins: the
// joining header takes the difference.
var (
	Single = Limit{GSM7: 160, UCS2: 70}
	Part   = Limit{GSM7: 153, UCS2: 67}
)

// Page is a USSD screen. The standard allows 182 septets, operators cut lower;
// nobody documents the other figure.
var Page = Limit{GSM7: 160, UCS2: 70}

// Of is the limit for an alphabet.
func (l Limit) Of(a Alphabet) int {
	switch {
	case a == GSM7 && l.GSM7 > 0:
		return l.GSM7
	case a == GSM7:
		return Page.GSM7
	case l.UCS2 > 0:
		return l.UCS2
	}
	return Page.UCS2
}

// Segments counts the messages that a network bills for the text, and its
// units. An empty text is one message. No escape and no surrogate pair is cut,
// so a part may stay one unit short.
func Segments(text string) (count, total int) {
	text = norm.NFC.String(text)
	a := Class(text)
	total = units(text, a)
	if total <= Single.Of(a) {
		return 1, total
	}
	return len(fill(text, a)), total
}

// fill cuts a text into full parts, wherever the limit falls.
func fill(text string, a Alphabet) []string {
	var parts []string
	from, used := 0, 0
	for i, r := range text {
		c := a.cost(r)
		if used+c > Part.Of(a) {
			parts = append(parts, text[from:i])
			from, used = i, 0
		}
		used += c
	}
	return append(parts, text[from:])
}

// Split cuts a text into the parts that are sent one by one: on word borders,
// unless one word is longer than a part. Joined again the parts are the
// composed text, every space included. It may take a part more than [Segments]
// counts, which is what whole words cost.
func Split(text string) []string {
	text = norm.NFC.String(text)
	a := Class(text)
	if units(text, a) <= Single.Of(a) {
		return []string{text}
	}
	var parts []string
	for text != "" {
		n := partLen(text, a)
		parts = append(parts, text[:n])
		text = text[n:]
	}
	return parts
}

// partLen is how many bytes of the text go into the next part.
func partLen(text string, a Alphabet) int {
	used, border := 0, 0 // border: after the last space, or at one
	for i, r := range text {
		c := a.cost(r)
		if used+c > Part.Of(a) {
			if unicode.IsSpace(r) {
				return i
			}
			if border > 0 {
				return border
			}
			return whole(text, i)
		}
		used += c
		if unicode.IsSpace(r) {
			border = i + utf8.RuneLen(r)
		}
	}
	return len(text)
}

// whole moves a cut inside a word back so that a mark, a joiner or a shade stays
// with its letter or face.
func whole(text string, i int) int {
	cut := i
	for cut > 0 && clings(text, cut) {
		_, size := utf8.DecodeLastRuneInString(text[:cut])
		cut -= size
	}
	if cut == 0 {
		return i
	}
	return cut
}

func clings(text string, i int) bool {
	r, _ := utf8.DecodeRuneInString(text[i:])
	if unicode.Is(unicode.M, r) || r == joiner || (r >= 0x1F3FB && r <= 0x1F3FF) {
		return true
	}
	return strings.HasSuffix(text[:i], string(joiner))
}

const joiner = '\u200d'
