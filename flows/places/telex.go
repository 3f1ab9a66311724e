package places

import "strings"

// untyped takes out of folded words what a Vietnamese keyboard leaves behind
// when it is switched off: Telex letters ("mai chaau", "ban lawcs", "ddaf bawcs")
// and VNI digits ("ma1i cha6u"). It is the key that was meant, if it was that.
func untyped(words []string) string {
	var b strings.Builder
	for _, w := range words {
		untype(&b, w)
	}
	return b.String()
}

// untype decodes one word. A tone letter only counts behind a vowel: before it
// s, r and x begin a syllable.
func untype(b *strings.Builder, w string) {
	if digits(w) {
		b.WriteString(w)
		return
	}
	vowel := false
	var last byte
	for i := range len(w) {
		c := w[i]
		switch {
		case c >= '1' && c <= '9' && i > 0:
			continue
		case vowel && strings.IndexByte("sfrxjz", c) >= 0:
			continue
		case c == 'w' && vowel:
			continue
		case c == 'w':
			c = 'u' // a lone w is ư
		case c == 'd' && last == 'd':
			continue
		case c == last && strings.IndexByte("aeo", c) >= 0:
			continue
		}
		// The second half of aa, ee, oo and dd may come at the end of the word.
		if i == len(w)-1 && vowel && strings.IndexByte("aeod", c) >= 0 && late(w, c) {
			continue
		}
		b.WriteByte(c)
		vowel = vowel || strings.IndexByte("aeiouy", c) >= 0
		last = c
	}
}

// late reports whether the last letter of a word only marks an earlier one, as
// in "chaua" and "dabd": the letter is there already, with others between.
func late(w string, c byte) bool {
	at := strings.IndexByte(w[:len(w)-1], c)
	return at >= 0 && at < len(w)-2
}
