package dialog

import "strings"

// why is the reason that words behind a no stand for, or "". The reasons stand in
// the file in the order in which they count: who is party to the matter is not
// asked whether they are busy too.
func (w *Words) why(fields []string) string {
	if p := w.reasons.in(spellings(w.fields(strings.Join(fields, " ")))); p != nil {
		return p.code
	}
	return ""
}
