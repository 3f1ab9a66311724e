package dialog

import "strings"

// phrase are words in a row and what they stand for: a code of categories.yaml or
// of package escalation, or nothing but the list that they are in.
type phrase struct {
	words    []string
	code     string
	language string
}

// phrases are a list in the order in which its phrases count. They are found by
// their first word: a text has few words and a list has hundreds of phrases.
type phrases struct {
	list    []phrase
	opening map[string][]int // first word → those in list, in order
}

func (ps *phrases) add(p phrase) {
	if ps.opening == nil {
		ps.opening = map[string][]int{}
	}
	ps.opening[p.words[0]] = append(ps.opening[p.words[0]], len(ps.list))
	ps.list = append(ps.list, p)
}

// in is the first phrase of the list that stands anywhere in a text, or nil.
func (ps *phrases) in(text []spelling) *phrase {
	first := len(ps.list)
	for i := range text {
		s := &text[i]
		first = ps.at(s.plain, text[i:], first)
		if s.telex != s.plain {
			first = ps.at(s.telex, text[i:], first)
		}
		if s.vni != s.plain && s.vni != s.telex {
			first = ps.at(s.vni, text[i:], first)
		}
	}
	if first == len(ps.list) {
		return nil
	}
	return &ps.list[first]
}

// at is the first phrase before a limit that begins with a word and stands where a
// text begins, or the limit.
func (ps *phrases) at(word string, text []spelling, limit int) int {
	for _, n := range ps.opening[word] {
		if n >= limit {
			break
		}
		if begins(text, ps.list[n].words) {
			return n
		}
	}
	return limit
}

// begins reports whether a text begins with the words of a phrase.
func begins(text []spelling, words []string) bool {
	if len(words) > len(text) {
		return false
	}
	for i, want := range words {
		if !text[i].is(want) {
			return false
		}
	}
	return true
}

// spelling is a typed word, and the words it is if it was typed with the keys
// that make accents in Telex (bij ddanhs) or VNI (bi5 d9anh1).
type spelling struct{ plain, telex, vni string }

// spellings are those of all words, in order.
func spellings(words []string) []spelling {
	out := make([]spelling, len(words))
	for i, s := range words {
		out[i] = spelling{s, telex(s), vni(s)}
	}
	return out
}

func (s *spelling) is(want string) bool {
	return s.plain == want || s.telex == want || s.vni == want
}

// telex takes the keys out of a word that a Telex keyboard would have made an
// accent of: a tone s f r x j behind a vowel, where no Vietnamese word has such a
// letter, a doubled letter, and w.
func telex(s string) string {
	return drop(s, func(i int) bool {
		c := s[i]
		switch {
		case i == 0:
			return false
		case c == 'w':
			return true
		case c == s[i-1] && strings.IndexByte("aeod", c) >= 0:
			return true
		}
		return strings.IndexByte("sfrxj", c) >= 0 && strings.ContainsAny(s[:i], "aeiouy")
	})
}

// vni takes out the digits that a VNI keyboard would have made accents of.
func vni(s string) string {
	return drop(s, func(i int) bool { return '1' <= s[i] && s[i] <= '9' })
}

// drop leaves bytes out of a word. Most words keep all of theirs.
func drop(s string, out func(i int) bool) string {
	at := 0
	for at < len(s) && !out(at) {
		at++
	}
	if at == len(s) {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:at]...)
	for i := at + 1; i < len(s); i++ {
		if !out(i) {
			b = append(b, s[i])
		}
	}
	return string(b)
}
