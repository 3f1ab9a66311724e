package access

import (
	"slices"

	"hotline/flows"
)

// Narrow is what a token lets a program do in the name of its owner: a part of
// what the owner may do, never more. It is applied after the table: what is
// refused to the owner is refused to the token, a conflict of interest first.
type Narrow struct {
	Verbs  []Verb
	Within []flows.PlaceID // cases and places there or below; empty: wherever the owner may
}

// ForPrograms lists what a token may ever be made for. Who opens what a reporter
// wrote, fills in a form or lets others in is a person at a screen.
func ForPrograms() []Verb {
	return []Verb{See, Answer, Lead, Ask, Figures, Rota, Arrange, Directory, Service, Audit}
}

// Grantable lists what somebody can put into a token of theirs.
func Grantable(r Role) []Verb {
	return slices.DeleteFunc(ForPrograms(), func(v Verb) bool {
		scope := rules[v][r]
		return scope == "" || scope == Never
	})
}

// refuses reports whether a token does not reach a thing. Nil refuses nothing.
func (n *Narrow) refuses(v Verb, t Thing) bool {
	if n == nil {
		return false
	}
	return !slices.Contains(n.Verbs, v) || (t.Case != nil || t.Place != "") && !n.reaches(t)
}

// reaches reports whether the place of a thing is one of the token's, or below one.
func (n *Narrow) reaches(t Thing) bool {
	return n == nil || len(n.Within) == 0 || slices.ContainsFunc(n.Within, func(p flows.PlaceID) bool {
		return p == t.Place || slices.Contains(t.Above, p)
	})
}
