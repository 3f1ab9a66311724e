package flows

import "regexp"

// manyDigits is seven digits or more in any script, with the marks that people
// put between them. Ids are base32 and words, so little else looks like it.
var manyDigits = regexp.MustCompile(`\p{Nd}(?:[\s.()\x{00a0}-]{0,2}\p{Nd}){6,}`)

// MaskNumbers puts # in the place of whatever in a text looks like a phone number
// or a receipt. It is the last net, for words that a person typed or an error
// brought along; the first is that nobody hands them on.
func MaskNumbers(s string) string {
	if !mayHide(s) {
		return s
	}
	return manyDigits.ReplaceAllString(s, "#")
}

// mayHide is a quick look that spares most lines the search: a number has seven
// digits, or letters that are not ASCII.
func mayHide(s string) bool {
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 0x80:
			return true
		case c >= '0' && c <= '9':
			digits++
		}
	}
	return digits >= 7
}
