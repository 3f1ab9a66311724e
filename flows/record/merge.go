package record

import (
	"slices"
	"time"

	"hotline/flows"
)

// Sheet is what stands in a form, by field.
type Sheet map[string]Value

// Value is what stands in a field, opened.
type Value struct {
	Text    string
	Version int // 0: nothing was ever written
	By      flows.MemberID
	At      time.Time
	Rivals  []Writing
}

// Writing is one text of one member.
type Writing struct {
	Text string
	By   flows.MemberID
	At   time.Time
}

// Edit is what a member makes of a field that they saw at a version.
type Edit struct {
	Field string // name of the field, without its form
	Base  int    // the version they saw
	Text  string
	// Choose settles rivals: the text is what a person chose, having seen all.
	Choose bool
}

// Result is what became of an edit.
type Result string

// The results.
const (
	Saved    Result = "saved"
	Same     Result = "same"     // it stood there already
	Conflict Result = "conflict" // somebody else wrote meanwhile; both are kept
)

// Merge lays an edit on what stands in a field. Whoever wrote on the last version
// wins; a writing on an older one is kept beside it, one of each member, until
// somebody chooses. No writing is ever dropped.
func Merge(stood Value, e Edit, by flows.MemberID, at time.Time) (Value, Result) {
	next := stood
	next.Rivals = slices.Clone(stood.Rivals)
	switch {
	case e.Text == stood.Text && (!e.Choose || len(stood.Rivals) == 0):
		return stood, Same
	case e.Base != stood.Version:
		next.Rivals = slices.DeleteFunc(next.Rivals, func(w Writing) bool { return w.By == by })
		next.Rivals = append(next.Rivals, Writing{e.Text, by, at})
		return next, Conflict
	}
	next.Text, next.Version, next.By, next.At = e.Text, stood.Version+1, by, at
	if e.Choose {
		next.Rivals = nil
	}
	return next, Saved
}
