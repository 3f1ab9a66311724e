package places

// BareOf and UnaccentedOf are Bare and Unaccented by the tables of Unicode alone.
var (
	BareOf       = bareOf
	UnaccentedOf = unaccentedOf
)

// Listed reports whether a letter is in the tables.
func Listed(r rune) bool { return bareLetters.of(r) != unlisted }
