package handlers

import (
	"regexp"
	"strings"
	"sync"
)

// strangers remembers the status words that were logged, so that each is logged
// once. It has a limit, because whoever reaches a callback can make words up.
type strangers struct {
	mu   sync.Mutex
	seen map[string]bool
}

const maxStrangers = 200

// plainWord is what may be logged of a word; anything else could hold a text.
var plainWord = regexp.MustCompile(`^[a-z][a-z_-]{0,31}$`)

// meet reports the word as it may be logged and whether it is met for the first
// time.
func (s *strangers) meet(provider, word string) (string, bool) {
	if word = strings.ToLower(word); !plainWord.MatchString(word) { // as words are compared
		word = "unprintable"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := provider + " " + word
	if s.seen[key] || len(s.seen) >= maxStrangers {
		return word, false
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[key] = true
	return word, true
}
