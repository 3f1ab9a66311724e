package places

// BareOf is Bare by the tables of Unicode alone.
var BareOf = bareOf

// Listed reports whether a letter is in the tables.
func Listed(r rune) bool { return bareLetters.of(r) != unlisted }
