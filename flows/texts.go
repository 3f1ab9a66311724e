package flows

import "strings"

// Texts are the words to people: language → key → text. Placeholders stand in
// braces, as {ref}.
type Texts map[string]map[string]string

// Text is the text of a key in a language, with the placeholders filled from
// pairs of name and value. A key that is missing comes back as itself in
// brackets; the check before start makes that impossible.
func (t Texts) Text(language, key string, pairs ...string) string {
	s, ok := t[language][key]
	if !ok {
		return "[" + key + "]"
	}
	if len(pairs) == 0 || !strings.Contains(s, "{") {
		return s
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, "{"+pairs[i]+"}", pairs[i+1])
	}
	return s
}
