package access

import (
	"slices"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Thing is what something is done to: a case, a place, or the service itself.
type Thing struct {
	Case *flows.Case
	// Place is of the case or the page, and Above the units over it. A case
	// without a place has that of the province.
	Place flows.PlaceID
	Above []flows.PlaceID
}

// Decision is an answer with its named reason.
type Decision struct {
	OK     bool
	Reason Reason
}

// Reason says why something is allowed or not.
type Reason string

// The reasons.
const (
	ReasonAllowed   Reason = "allowed"
	ReasonNobody    Reason = "nobody"    // not signed in
	ReasonRole      Reason = "role"      // the role never may
	ReasonParty     Reason = "party"     // they are party to the case
	ReasonOfficial  Reason = "official"  // the case is about an official, and not for the commune
	ReasonElsewhere Reason = "elsewhere" // the case or the place is not theirs
	ReasonHeld      Reason = "not_held"  // only for who holds the case
	ReasonLevel     Reason = "level"     // only from the head of the group up
	ReasonToken     Reason = "token"     // the token was not made for it
)

// rules is the table, built once: it is asked for every row of a board.
var rules = Rules()

// Allowed decides whether somebody may do something to something. A conflict of
// interest outranks every role. A thing that is nothing asks only whether the
// role ever may, as a page does that will ask again for each case.
func Allowed(w Who, v Verb, t Thing) Decision {
	if w.Role == "" {
		return Decision{Reason: ReasonNobody}
	}
	scope := rules[v][w.Role]
	left := w.Role.OfCases() && w.Member.ID == "" // the directory
	if scope == "" || scope == Never || left && v != Self {
		return Decision{Reason: ReasonRole}
	}
	if t.Case != nil {
		if why := conflict(w.Member, t.Case); why != "" {
			return Decision{Reason: why}
		}
	}
	if why := short(w, scope, t); why != "" {
		return Decision{Reason: why}
	}
	if w.Narrow.refuses(v, t) {
		return Decision{Reason: ReasonToken}
	}
	return Decision{true, ReasonAllowed}
}

// conflict is why a member must not know of a case, wherever they are.
func conflict(m flows.Member, c *flows.Case) Reason {
	switch {
	case slices.Contains(c.Recused, m.ID):
		return ReasonParty
	case c.AgainstOfficial && !escalation.Provincial(m.Level):
		return ReasonOfficial
	}
	return ""
}

// short is why a scope does not reach a thing.
func short(w Who, s Scope, t Thing) Reason {
	switch s {
	case Held:
		if t.Case != nil && t.Case.Holder != w.Member.ID {
			return ReasonHeld
		}
	case Asked:
		if t.Case != nil && t.Case.Holder != w.Member.ID && !slices.Contains(t.Case.Asked(), w.Member.ID) {
			return ReasonElsewhere
		}
	case Leads, Commune, Led:
		if s == Led && t.Case != nil && escalation.Visible(w.Member, t.Case) && t.Case.Holder != w.Member.ID && w.Member.Level < flows.LevelHead {
			return ReasonHeld
		}
		if s == Leads && w.Member.Level < flows.LevelHead {
			return ReasonLevel
		}
		if t.Case != nil && !escalation.Visible(w.Member, t.Case) || t.Case == nil && t.Place != "" && t.Place != w.Member.Place {
			return ReasonElsewhere
		}
	case Below:
		if (t.Case != nil || t.Place != "") && !reaches(w.Member, t) {
			return ReasonElsewhere
		}
	}
	return ""
}

// reaches reports whether a member's place is that of the thing or lies over it,
// or the member holds the case or is asked for it.
func reaches(m flows.Member, t Thing) bool {
	if m.Place == "" {
		return false
	}
	return m.Place == t.Place || slices.Contains(t.Above, m.Place) || t.Case != nil && t.Case.Holder == m.ID
}
