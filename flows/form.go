package flows

import (
	"strings"
	"time"
)

// Answer is what stands in one field of a form of the record. It may name people,
// so it is sealed like the texts of the reporter, as its field of its case.
type Answer struct {
	Field   string    `json:"field"`   // form and field, as "01/child_name"
	Version int       `json:"version"` // grows by one with each writing, from 1
	By      MemberID  `json:"by"`
	At      time.Time `json:"at"`
	Data    []byte    `json:"data,omitempty"` // sealed; none: it was emptied
	// Rivals are what others wrote over a version that was no longer the last
	// one. They wait until a person has chosen; nothing is lost.
	Rivals []Rival `json:"rivals,omitempty"`
}

// Rival is one writing of a field that met another.
type Rival struct {
	By   MemberID  `json:"by"`
	At   time.Time `json:"at"`
	Data []byte    `json:"data,omitempty"`
}

// Form is the form that the field belongs to.
func (a *Answer) Form() string {
	form, _, _ := strings.Cut(a.Field, "/")
	return form
}

// SealedAs is the name under which a field of a form is sealed.
func SealedAs(field string) string { return "form/" + field }
