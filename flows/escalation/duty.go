package escalation

import (
	"slices"
	"time"

	"hotline/flows"
)

// OnDuty lists who is on duty for a place and a level at a moment, in the order
// of the rota.
//
// The weekly shifts count together with the rotations. A period replaces both.
// Overrides replace all of it. Of overrides that overlap, the one that
// starts last counts, since it is the exception to the longer one; those that
// start together count together. An override without a member, alone, means
// that nobody is on duty. Who does not belong to the group then, or has no phone
// that counts, is replaced by the first delegate who does and has, or left out.
func (r *Roster) OnDuty(place flows.PlaceID, level flows.Level, at time.Time) []flows.Member {
	return r.onDuty(place, level, at, nil)
}

func (r *Roster) onDuty(place flows.PlaceID, level flows.Level, at time.Time, not []flows.MemberID) []flows.Member {
	ids, day := r.Planned(place, level, at), at.In(r.zone).Format(dayFormat)
	members := make([]flows.Member, 0, len(ids))
	for _, id := range ids {
		m, ok := r.standIn(id, day, not)
		if ok && !slices.ContainsFunc(members, func(x flows.Member) bool { return x.ID == m.ID }) {
			members = append(members, m)
		}
	}
	return members
}

// Planned lists who the rota names for a place and a level at a moment, whether
// or not they can be reached.
func (r *Roster) Planned(place flows.PlaceID, level flows.Level, at time.Time) []flows.MemberID {
	if Provincial(level) {
		place = r.dir.Province
	}
	d := r.posts[post{place, level}]
	if d == nil {
		return nil
	}
	ids, replaced := d.overridden(at)
	if !replaced {
		ids = d.regular(at.In(r.zone))
	}
	return ids
}

// standIn is the member, or the first of their delegates, who belongs to the
// group on a day and has a phone that counts. Who must not know is passed over.
func (r *Roster) standIn(id flows.MemberID, day string, not []flows.MemberID) (flows.Member, bool) {
	counts := func(m *flows.Member) bool {
		return len(m.Phones) > 0 && m.Belongs(day) && !slices.Contains(not, m.ID)
	}
	m := r.members[id]
	if counts(&m) {
		return m, true
	}
	for _, id := range m.Delegates {
		if d := r.members[id]; counts(&d) {
			return d, true
		}
	}
	return flows.Member{}, false
}

// overridden lists the members of the overrides that count, and reports whether
// there is one at all.
func (d *duties) overridden(at time.Time) (ids []flows.MemberID, found bool) {
	var start time.Time
	for _, o := range slices.Backward(d.overrides) {
		if at.Before(o.Start) || !at.Before(o.End) {
			continue
		}
		if found && !o.Start.Equal(start) {
			break
		}
		found, start = true, o.Start
		if o.Member != "" && !slices.Contains(ids, o.Member) {
			ids = append(ids, o.Member)
		}
	}
	slices.Reverse(ids)
	return ids, found
}

// regular lists who is on duty without overrides.
func (d *duties) regular(local time.Time) []flows.MemberID {
	for _, p := range d.periods {
		if !local.Before(p.Start) && local.Before(p.End) {
			return weekly(p.Shifts, local, nil)
		}
	}
	ids := weekly(d.shifts, local, nil)
	for _, t := range d.rotations {
		if id, on := turn(t, local); on && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func weekly(shifts []flows.Shift, local time.Time, ids []flows.MemberID) []flows.MemberID {
	for _, s := range shifts {
		if onShift(s, local) && !slices.Contains(ids, s.Member) {
			ids = append(ids, s.Member)
		}
	}
	return ids
}

// turn is whose turn it is. Days are counted by the calendar, so that the change
// comes at the same time of the day all year.
func turn(t flows.Rotation, local time.Time) (flows.MemberID, bool) {
	start := t.Start.In(local.Location())
	days := daysBetween(start, local)
	if minutes(local) < minutes(start) {
		days--
	}
	if days < 0 {
		return "", false
	}
	return t.Members[days/t.Every%len(t.Members)], true
}

func minutes(t time.Time) int { return t.Hour()*60 + t.Minute() }

// daysBetween counts midnights between two local moments.
func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(b).Sub(day(a)).Hours() / 24)
}

// onShift compares wall clocks, so that a shift begins and ends as people read
// it, on the days when clocks change too.
func onShift(s flows.Shift, local time.Time) bool {
	day, minute := local.Weekday(), minutes(local)
	today := slices.Contains(s.Days, day)
	if s.To > s.From {
		return today && minute >= s.From && minute < s.To
	}
	yesterday := slices.Contains(s.Days, (day+6)%7)
	return today && minute >= s.From || yesterday && minute < s.To
}
