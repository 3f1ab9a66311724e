package escalation

import (
	"slices"
	"time"

	"hotline/flows"
)

// Colleagues lists whom a member may hand a case to, in the order in which a
// phone shows them: who is on duty at the member's level, then the others of the
// same place from their level up, then the people on duty in the province. Nobody
// who must not know of the case is among them.
func Colleagues(now time.Time, c *flows.Case, m flows.Member, w World) []flows.Member {
	var list []flows.Member
	add := func(members ...flows.Member) {
		for _, to := range members {
			known := slices.ContainsFunc(list, func(x flows.Member) bool { return x.ID == to.ID })
			if !known && to.ID != m.ID && to.ID != c.Holder && mayReceive(to, c) {
				list = append(list, to)
			}
		}
	}
	path := w.policy(c).path(c)
	from := max(rung(path, m.Level), 0)
	add(available(now, c, m.Level, w)...)
	for _, l := range path[from:] {
		if !Provincial(l) {
			add(w.Roster.of(c.Place, l, now)...)
		}
	}
	for _, l := range path {
		if Provincial(l) {
			add(available(now, c, l, w)...)
		}
	}
	return list
}

// Relief is the one whom a key in a call hands a case to: the first colleague on
// duty who may know of it, at the member's level and then above.
func Relief(now time.Time, c *flows.Case, m flows.Member, w World) (flows.Member, bool) {
	path := w.policy(c).path(c)
	for _, l := range path[max(rung(path, m.Level), 0):] {
		for _, to := range available(now, c, l, w) {
			if to.ID != m.ID && to.ID != c.Holder && mayReceive(to, c) {
				return to, true
			}
		}
	}
	return flows.Member{}, false
}

// of lists who belongs to a group at a moment and can be reached.
func (r *Roster) of(place flows.PlaceID, l flows.Level, at time.Time) []flows.Member {
	var list []flows.Member
	day := at.In(r.zone).Format(dayFormat)
	for _, m := range r.dir.Members {
		if m.Place == place && m.Level == l && len(m.Phones) > 0 && m.Belongs(day) {
			list = append(list, m)
		}
	}
	return list
}

// mayReceive reports whether a case may be handed to somebody: a commune's people
// get cases from elsewhere, those about officials and those they are party to
// never reach them.
func mayReceive(to flows.Member, c *flows.Case) bool {
	return Visible(to, c) || !Provincial(to.Level) && !c.AgainstOfficial && !slices.Contains(c.Recused, to.ID)
}

// HandOn hands a case to [Relief]. With nobody there it is refused as such.
func HandOn(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error) {
	if err := mayLead(&c, m); err != nil {
		return flows.Change{}, err
	}
	to, ok := Relief(now, &c, m, w)
	if !ok {
		return flows.Change{}, &Refused{RefusedNobody, c.Ref, c.Holder, c.Taken}
	}
	return HandOver(now, c, m, to, via, w)
}
