package escalation

import (
	"slices"
	"time"

	"hotline/flows"
)

// World is what a decision may look at besides the case and the moment. It is a
// value that does not change; a new rota or policy is a new World.
type World struct {
	Policy   *Policy            // for new cases
	Older    map[string]*Policy // by version, for cases that began under one
	Roster   *Roster
	Calendar *Calendar
	Texts    flows.Texts
}

// policy is the one that a case started with. A version that nobody kept is
// replaced by today's: a ladder with other waits is better than none.
func (w World) policy(c *flows.Case) *Policy {
	if c.Policy == "" || c.Policy == w.Policy.Version {
		return w.Policy
	}
	if p := w.Older[c.Policy]; p != nil {
		return p
	}
	return w.Policy
}

func (w World) zone() *time.Location { return w.Roster.Zone() }

// Visible reports whether a member may see a case or be told anything about it.
// It is the one rule for alerts, lists, counts, exports, searches and answers.
//
// People of the commune see the commune's cases; the province sees all. A case
// about an official is not for the commune at all, and nobody sees a case that
// they are party to.
func Visible(m flows.Member, c *flows.Case) bool {
	if slices.Contains(c.Recused, m.ID) {
		return false
	}
	if Provincial(m.Level) {
		return true
	}
	if c.AgainstOfficial {
		return false
	}
	return m.Place == c.Place && c.Place != "" || c.Holder == m.ID || askedNow(c, m.ID)
}

// askedNow reports whether the member was asked since the present level began to
// be: a neighbour who helps out sees the case only that long.
func askedNow(c *flows.Case, id flows.MemberID) bool {
	for _, a := range c.Alerts {
		waits := !a.At.Before(c.Since) || a.Aid && c.Status == flows.StatusOpen
		if a.Member == id && waits && a.Declined.IsZero() {
			return true
		}
	}
	return false
}
