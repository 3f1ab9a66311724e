package dialog

import "strings"

// telex takes the keys out of a word that a Telex keyboard would have made an
// accent of: a tone s f r x j behind a vowel, where no Vietnamese word has such a
// letter, a doubled letter, and w.
func telex(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c == 'w' && i > 0:
			continue
		case i > 0 && c == s[i-1] && strings.IndexByte("aeod", c) >= 0:
			continue
		case i > 0 && strings.IndexByte("sfrxj", c) >= 0 && strings.ContainsAny(s[:i], "aeiouy"):
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// vni takes out the digits that a VNI keyboard would have made accents of.
func vni(s string) string {
	return strings.Map(func(r rune) rune {
		if '1' <= r && r <= '9' {
			return -1
		}
		return r
	}, s)
}
