package escalation

import (
	"cmp"
	"slices"
	"time"

	"hotline/flows"
)

// Slot is a stretch of time during which the same people are on duty for a place
// and level. Without members it is a gap.
type Slot struct {
	Place   flows.PlaceID
	Level   flows.Level
	Start   time.Time
	End     time.Time
	Members []flows.MemberID
}

// Post is what somebody can be on duty for.
type Post struct {
	Place flows.PlaceID
	Level flows.Level
}

// Posts lists every post that should be staffed: the first three levels of each
// commune that has members, and the provincial levels that anybody is on.
func (r *Roster) Posts() []Post {
	seen := map[Post]bool{}
	for p := range r.posts {
		seen[Post{p.place, p.level}] = true
	}
	for _, m := range r.dir.Members {
		if Provincial(m.Level) {
			seen[Post{r.dir.Province, m.Level}] = true
			continue
		}
		for l := flows.LevelDuty; l <= flows.LevelChair; l++ {
			seen[Post{m.Place, l}] = true
		}
	}
	posts := make([]Post, 0, len(seen))
	for p := range seen {
		posts = append(posts, p)
	}
	slices.SortFunc(posts, func(a, b Post) int { return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Level, b.Level)) })
	return posts
}

// Slots cuts the time from one moment to another by who is on duty.
func (r *Roster) Slots(place flows.PlaceID, level flows.Level, from, to time.Time) []Slot {
	if Provincial(level) {
		place = r.dir.Province
	}
	points := r.turns(post{place, level}, from, to)
	var slots []Slot
	for i, start := range points[:len(points)-1] {
		s := Slot{Place: place, Level: level, Start: start, End: points[i+1]}
		for _, m := range r.OnDuty(place, level, start) {
			s.Members = append(s.Members, m.ID)
		}
		if n := len(slots); n > 0 && slices.Equal(slots[n-1].Members, s.Members) {
			slots[n-1].End = s.End
			continue
		}
		slots = append(slots, s)
	}
	return slots
}

// turns lists the moments between from and to at which who is on duty may
// change, both ends included.
func (r *Roster) turns(p post, from, to time.Time) []time.Time {
	points := []time.Time{from, to}
	add := func(t time.Time) {
		if t.After(from) && t.Before(to) {
			points = append(points, t)
		}
	}
	if d := r.posts[p]; d != nil {
		for _, o := range d.overrides {
			add(o.Start)
			add(o.End)
		}
		clocks := map[int]bool{}
		shifts := slices.Clone(d.shifts)
		for _, t := range d.periods {
			add(t.Start)
			add(t.End)
			shifts = append(shifts, t.Shifts...)
		}
		for _, m := range r.dir.Members { // whoever comes or goes, at midnight
			if m.From != "" || m.Until != "" {
				clocks[0] = true
			}
		}
		for _, s := range shifts {
			clocks[s.From], clocks[s.To], clocks[0] = true, true, true
		}
		for _, t := range d.rotations {
			clocks[minutes(t.Start.In(r.zone))] = true
		}
		for day := -1; !clock(from, day, 0, r.zone).After(to); day++ {
			for m := range clocks {
				add(clock(from, day, m, r.zone))
			}
			// On a day when clocks change, a wall clock comes twice or not at all.
			midnight, next := clock(from, day, 0, r.zone), clock(from, day+1, 0, r.zone)
			for at := midnight; offset(midnight) != offset(next) && at.Before(next); at = at.Add(15 * time.Minute) {
				add(at)
			}
		}
	}
	slices.SortFunc(points, time.Time.Compare)
	return slices.CompactFunc(points, time.Time.Equal)
}

// offset is how far the zone of t is ahead of UTC then.
func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// Gaps lists the stretches in which nobody is on duty at a post, over all posts,
// the earliest first.
func (r *Roster) Gaps(from time.Time, days int) []Slot {
	var gaps []Slot
	for _, p := range r.Posts() {
		for _, s := range r.Slots(p.Place, p.Level, from, from.AddDate(0, 0, days)) {
			if len(s.Members) == 0 {
				gaps = append(gaps, s)
			}
		}
	}
	slices.SortStableFunc(gaps, func(a, b Slot) int { return a.Start.Compare(b.Start) })
	return gaps
}

// Duties lists the slots of one member between two moments.
func (r *Roster) Duties(id flows.MemberID, from, to time.Time) []Slot {
	return r.AllDuties(from, to)[id]
}

// AllDuties are the Duties of every member who has any.
func (r *Roster) AllDuties(from, to time.Time) map[flows.MemberID][]Slot {
	all := map[flows.MemberID][]Slot{}
	for _, p := range r.Posts() {
		for _, s := range r.Slots(p.Place, p.Level, from, to) {
			for _, id := range s.Members {
				mine := all[id]
				// Who else is on duty may change while this member stays.
				if n := len(mine); n > 0 && mine[n-1].End.Equal(s.Start) && mine[n-1].Place == s.Place && mine[n-1].Level == s.Level {
					mine[n-1].End = s.End
					continue
				}
				own := s
				own.Members = []flows.MemberID{id}
				all[id] = append(mine, own)
			}
		}
	}
	for _, mine := range all {
		slices.SortStableFunc(mine, func(a, b Slot) int { return a.Start.Compare(b.Start) })
	}
	return all
}
