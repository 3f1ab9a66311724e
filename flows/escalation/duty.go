package escalation

import (
	"slices"
	"time"

	"hotline/flows"
)

// OnDuty lists who is on duty for a place and a level at a moment, in the order
// of the rota.
//
// Overrides replace the weekly rota. Of overrides that overlap, the one that
// starts last counts, since it is the exception to the longer one; those that
// start together count together. An override without a member, alone, means
// that nobody is on duty.
func (r *Roster) OnDuty(place flows.PlaceID, level flows.Level, at time.Time) []flows.Member {
	if Provincial(level) {
		place = r.dir.Province
	}
	d := r.posts[post{place, level}]
	if d == nil {
		return nil
	}
	ids, replaced := d.overridden(at)
	if !replaced {
		ids = d.weekly(at.In(r.zone))
	}
	members := make([]flows.Member, 0, len(ids))
	for _, id := range ids {
		members = append(members, r.members[id])
	}
	return members
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

func (d *duties) weekly(local time.Time) []flows.MemberID {
	var ids []flows.MemberID
	for _, s := range d.shifts {
		if onShift(s, local) && !slices.Contains(ids, s.Member) {
			ids = append(ids, s.Member)
		}
	}
	return ids
}

// onShift compares wall clocks, so that a shift begins and ends as people read
// it, on the days when clocks change too.
func onShift(s flows.Shift, local time.Time) bool {
	day, minute := local.Weekday(), local.Hour()*60+local.Minute()
	today := slices.Contains(s.Days, day)
	if s.To > s.From {
		return today && minute >= s.From && minute < s.To
	}
	yesterday := slices.Contains(s.Days, (day+6)%7)
	return today && minute >= s.From || yesterday && minute < s.To
}
