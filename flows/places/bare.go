package places

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bare is a text in lower-case letters without accents, đ and the Latin eth taken
// for d, and with everything else as it was. It reads any bytes: what is no UTF-8
// becomes the mark for that.
//
// It is asked several times for every text, and a text in Vietnamese is nothing
// but ASCII and letters of the tables, which need no normalisation.
func Bare(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			b.WriteByte(lowerASCII(c))
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch to := bareLetters.of(r); to {
		case unlisted:
			return bareOf(s)
		case vanishes:
		default:
			b.WriteByte(to)
		}
		i += n
	}
	return b.String()
}

// bareOf is Bare of any text, by the tables of Unicode.
func bareOf(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'đ' || r == 'Đ' || r == 'ð' || r == 'Ð':
			return 'd'
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(strings.ToValidUTF8(s, "\uFFFD")))
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// The blocks that the tables hold: Latin letters and the accents that are written
// behind them, and the letters of Vietnamese with two accents.
const (
	latinFrom, latinTo = 0x80, 0x370
	doubleFrom         = 0x1e00
	doubleTo           = 0x1f00
)

// What a letter becomes, if not one of ASCII.
const (
	unlisted = 0
	vanishes = utf8.RuneSelf
)

type letterTable struct {
	latin  [latinTo - latinFrom]byte
	double [doubleTo - doubleFrom]byte
}

// The letters that become one of ASCII or nothing, as bareOf and unaccentedOf say.
// They are never changed.
var (
	bareLetters       = newLetterTable(bareOf)
	unaccentedLetters = newLetterTable(unaccentedOf)
)

func newLetterTable(plain func(string) string) *letterTable {
	t := &letterTable{}
	for r := rune(latinFrom); r < latinTo; r++ {
		t.latin[r-latinFrom] = becomes(plain(string(r)))
	}
	for r := rune(doubleFrom); r < doubleTo; r++ {
		t.double[r-doubleFrom] = becomes(plain(string(r)))
	}
	return t
}

func becomes(s string) byte {
	switch {
	case s == "":
		return vanishes
	case len(s) == 1:
		return s[0]
	}
	return unlisted
}

func (t *letterTable) of(r rune) byte {
	switch {
	case r >= latinFrom && r < latinTo:
		return t.latin[r-latinFrom]
	case r >= doubleFrom && r < doubleTo:
		return t.double[r-doubleFrom]
	}
	return unlisted
}
