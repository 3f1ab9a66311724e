package sms

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Unaccent writes a text without accents, and with the plain form of the quotes
// and dashes that word processors put in, so that it is GSM-7 if it can be. Đ
// has no decomposition, and Ð (U+00D0) is often taken for it: both by hand.
// Letters of other scripts keep their marks. Octets that are no UTF-8 become the
// mark for that first: they would keep the letter behind them from coming apart.
func Unaccent(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	latin := false
	for _, r := range norm.NFD.String(strings.ToValidUTF8(text, "\uFFFD")) {
		if unicode.Is(unicode.Mn, r) && latin {
			continue
		}
		latin = unicode.Is(unicode.Latin, r)
		if p, ok := plain[r]; ok {
			b.WriteString(p)
			continue
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// plain is what stands for a character that marks alone do not explain; it is
// never changed.
var plain = map[rune]string{
	'đ': "d", 'Đ': "D", 'ð': "d", 'Ð': "D",
	'‘': "'", '’': "'", '‚': "'", '“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '`': "'", '´': "'",
	'–': "-", '—': "-", '−': "-", '‐': "-", '‑': "-", '…': "...", '•': "-", '·': "-",
	'\u00a0': " ", '\u202f': " ", '\u2009': " ", '\u200b': "", '\u00ad': "", '\ufeff': "", '\t': " ",
	'₫': "d",
}

// USSDFits reports whether a screen holds the text in its own alphabet.
func USSDFits(text string, limit Limit) bool {
	text = norm.NFC.String(text)
	a := Class(text)
	return units(text, a) <= limit.Of(a)
}

// Fit makes a text fit a limit: as it is, else unaccented, else unaccented and
// cut at a word with two dots behind. It reports whether nothing was cut. Which
// template may lose its accents is the caller's decision: one that may not is
// checked with [USSDFits].
func Fit(text string, limit Limit) (string, bool) {
	text = norm.NFC.String(text)
	if USSDFits(text, limit) {
		return text, true
	}
	text = Unaccent(text)
	if USSDFits(text, limit) {
		return text, true
	}
	return cut(text, limit), false
}

const dots = ".."

func cut(text string, limit Limit) string {
	a := Class(text)
	room := limit.Of(a) - len(dots)
	used, end, border := 0, 0, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			border = i
		}
		if used += a.cost(r); used > room {
			break
		}
		i += size
		end = i
	}
	// A cut in the first half would lose more than a broken word does.
	if border > end/2 {
		end = border
	}
	return strings.TrimRightFunc(text[:whole(text, end)], unicode.IsSpace) + dots
}

// Rate says what a number of segments costs, in thousandths of a currency unit.
// Operators differ by alphabet, destination and hour: the provider's own table
// stands behind it.
type Rate func(a Alphabet, segments int) int64

// Bill is what a text will take to send.
type Bill struct {
	Alphabet Alphabet
	Units    int
	Segments int
	Cost     int64 // thousandths of a currency unit; 0 without a rate
}

// Estimate counts a text and asks the rate, which may be nil.
func Estimate(text string, rate Rate) Bill {
	count, total := Segments(text)
	b := Bill{Alphabet: Class(text), Units: total, Segments: count}
	if rate != nil {
		b.Cost = rate(b.Alphabet, count)
	}
	return b
}
