package wire

import "crypto/subtle"

// OneOf reports whether a secret is one of those that are valid now: the one in
// use and, while it is being replaced, the next. How long it takes says nothing
// about where the first difference is.
func OneOf(have string, valid []string) bool {
	ok := 0
	for _, v := range valid {
		ok |= subtle.ConstantTimeCompare([]byte(have), []byte(v))
	}
	return ok == 1 && have != ""
}
