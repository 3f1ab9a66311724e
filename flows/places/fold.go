package places

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold writes a place name in the form that names are compared by: lower case,
// no accents, đ and the Latin eth taken for it by hand, words separated by one
// space, no unit word in front. A name that is nothing but a unit word stays.
func Fold(s string) string {
	toks := tokens(s)
	if _, w := unitAt(toks, 0); w > 0 && w < len(toks) {
		toks = toks[w:]
	}
	return strings.Join(toks, " ")
}

// maxText is how much of a text is looked at, in bytes: ten thousand letters.
const maxText = 30_000

// tokens cuts a text into folded words. Apostrophes vanish (Ea H'leo), every
// other sign separates, "p12" is two words, and "01" is the number 1.
func tokens(s string) []string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	folded := separated(Bare(s))
	out := make([]string, 0, strings.Count(folded, " ")+3)
	for w := range strings.FieldsSeq(folded) {
		unit, number := abbreviated(w)
		if unit != "" {
			out = append(out, unit)
			w = number
		}
		out = append(out, unpadded(w))
	}
	return out
}

// separated is a bare text with spaces in the place of signs.
func separated(s string) string {
	plain := true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			return strings.Map(letterOrSpace, s)
		case !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == ' '):
			plain = false
		}
	}
	if plain {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if to := letterOrSpace(rune(s[i])); to >= 0 {
			b = append(b, byte(to))
		}
	}
	return string(b)
}

func letterOrSpace(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return r
	case r == '\'', r == '’', r == '‘', r == 'ʼ', r == '`', r == '\u200b', r == '\u200d', r == '\ufeff':
		return -1
	case unicode.IsLetter(r), unicode.IsDigit(r):
		return r
	}
	return ' '
}

// abbreviated splits "p12", as people write a numbered ward or district.
func abbreviated(w string) (unit, number string) {
	if len(w) < 2 || len(w) > 3 || !strings.ContainsRune("pqf", rune(w[0])) || !digits(w[1:]) {
		return "", ""
	}
	return w[:1], w[1:]
}

// unpadded drops the zeros before a short number; codes, which are longer, keep
// theirs.
func unpadded(w string) string {
	if len(w) < 2 || len(w) > 3 || !digits(w) {
		return w
	}
	if t := strings.TrimLeft(w, "0"); t != "" {
		return t
	}
	return "0"
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// squeeze is the key of a name: its words without the spaces, which people
// forget and misplace.
func squeeze(words []string) string { return strings.Join(words, "") }

// keyed looks up what stands under the key of words, which is not made for it: a
// sentence is asked for every run of its words.
func keyed[V any](m map[string]V, words []string) (V, bool) {
	var room [64]byte
	key := room[:0]
	for _, w := range words {
		key = append(key, w...)
	}
	v, ok := m[string(key)]
	return v, ok
}

// keyOf is the key of a name of the directory, which has no unit word: one that
// begins like a unit word (Xà Hồ, Phương Lâm) keeps it.
func keyOf(name string) string { return squeeze(tokens(name)) }

// Unaccented writes a name for a phone: no accents, capitals kept.
func Unaccented(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r < utf8.RuneSelf {
			b = append(b, byte(r))
			continue
		}
		switch to := unaccentedLetters.of(r); to {
		case unlisted:
			return unaccentedOf(s)
		case vanishes:
		default:
			b = append(b, to)
		}
	}
	return string(b)
}

// unaccentedOf is Unaccented of any text, by the tables of Unicode.
func unaccentedOf(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'ð':
			b.WriteByte('d')
		case r == 'Đ' || r == 'Ð':
			b.WriteByte('D')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
