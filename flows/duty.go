package flows

import (
	"slices"
	"time"
)

// Member is a person of the directory: on duty, head of a group, at the desk.
type Member struct {
	ID    MemberID
	Name  string
	Role  string
	Place PlaceID // the commune of the group, or the province
	Level Level
	// Phones count, in the order they are tried. Unproven ones get nothing but a
	// code, until their owner has sent it back.
	Phones   []Phone
	Unproven []Unproven
	Language string
	// Delegates stand in, in this order, for a member who is away, must not see
	// the case or has no phone that counts.
	Delegates []MemberID
	// From and Until are the days, 2026-12-31, from which and before which the
	// member belongs to the group; empty: since ever, for ever.
	From, Until string
}

// Unproven is a phone of which nobody knows yet that it is the member's.
type Unproven struct {
	Phone Phone
	Order int // its place among all phones of the member
}

// Prove lets an unproven phone count, in its place. It reports false for a phone
// that is not one.
func (m Member) Prove(p Phone) (Member, bool) {
	i := slices.IndexFunc(m.Unproven, func(u Unproven) bool { return u.Phone == p })
	if i < 0 {
		return m, false
	}
	at := m.Unproven[i].Order
	for _, u := range m.Unproven {
		if u.Order < m.Unproven[i].Order {
			at-- // it does not count yet
		}
	}
	m.Phones = slices.Insert(slices.Clone(m.Phones), min(at, len(m.Phones)), p)
	m.Unproven = slices.Delete(slices.Clone(m.Unproven), i, i+1)
	return m, true
}

// Belongs reports whether the member belongs to the group on a day, 2026-12-31.
func (m Member) Belongs(day string) bool {
	return (m.From == "" || m.From <= day) && (m.Until == "" || day < m.Until)
}

// Shift puts a member on duty every week. From and To are minutes after local
// midnight; To at or before From means that the shift ends the next day.
type Shift struct {
	Place  PlaceID
	Level  Level
	Member MemberID
	Days   []time.Weekday
	From   int
	To     int
}

// Override replaces the weekly rota of a place and level between two moments.
// A member of "" means that nobody is on duty, on purpose.
type Override struct {
	Place  PlaceID
	Level  Level
	Member MemberID
	Start  time.Time
	End    time.Time
}

// Rotation puts members on duty in turn, each for the same number of days, day
// and night. It stands beside the weekly shifts of its place and level.
type Rotation struct {
	Place   PlaceID
	Level   Level
	Members []MemberID // in their order
	Start   time.Time  // when the first of them begins; they change at this time of the day
	Every   int        // days
}

// Period replaces the weekly shifts and the rotations of a place and level
// between two moments, as over Tet, by shifts of its own. Overrides still count.
type Period struct {
	Place  PlaceID
	Level  Level
	Start  time.Time
	End    time.Time
	Shifts []Shift // of the same place and level; none: nobody is on duty
}

// Directory is who may be asked, where and when. It is imported whole and
// replaced whole; a process holds one as a value that does not change.
type Directory struct {
	Version   string
	Province  PlaceID // whose desk takes what has no commune
	Zone      string  // IANA name of the time zone of the rota
	Places    []Place
	Mapping   []Succession
	Members   []Member
	Shifts    []Shift
	Overrides []Override
	Rotations []Rotation
	Periods   []Period
}
