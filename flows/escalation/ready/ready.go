// Package ready says what a hotline lacks before it can be trusted with a report:
// places, the people of each commune, hours in which nobody is on duty, and a test
// alert that somebody answered. It decides from what it is given and reads nothing.
package ready

import (
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/escalation/duty"
)

// Facts are what is looked at.
type Facts struct {
	Directory flows.Directory
	// Sample says that the directory is the invented one that a new install has.
	Sample bool
	OnDuty func(place flows.PlaceID, level flows.Level, at time.Time) []flows.Member
	Zone   *time.Location
	Drills []duty.Drill // that have ended
	// Senders is how many ways out there are for texts and calls.
	Senders int
}

// The steps, in the order in which somebody sets a hotline up.
const (
	StepPlaces = "places"
	StepGroups = "groups"
	StepRota   = "rota"
	StepAlert  = "alert"
)

// Step is one part of the work and what is still missing there.
type Step struct {
	Name  string
	Lacks []Lack
}

// Done reports whether nothing is missing.
func (s Step) Done() bool { return len(s.Lacks) == 0 }

// What can be missing.
const (
	LackPlaces    = "no_places"   // the directory is empty
	LackProvince  = "no_province" // nobody's desk takes what has no commune
	LackOwn       = "sample"      // the directory is the invented sample
	LackGroup     = "no_group"    // a commune has nobody at all
	LackPhone     = "no_phone"    // a member has no phone that counts
	LackHours     = "nobody"      // hours without anybody on duty
	LackAlways    = "nobody_ever" // a whole fortnight without anybody
	LackSender    = "no_provider" // no text can leave
	LackDrill     = "no_drill"    // a commune was never asked in a drill
	LackAnswer    = "no_answer"   // it was, and nobody answered
	LackAllDrills = "no_drills"   // nobody was ever asked
)

// Lack is one thing that is missing.
type Lack struct {
	What   string
	Place  flows.Place
	Level  flows.Level
	Member flows.Member
	// Weekly hours without anybody: on this day of the week from and to, in minutes
	// after local midnight; To beyond 1440 is in the next day. With a From and no
	// Weekly it is once, on that date.
	Weekly   bool
	Day      time.Weekday
	From, To int
	Date     time.Time
}

// Ahead is how far the rota is looked at: two weeks tell a habit from an exception.
const Ahead = 14 * 24 * time.Hour

// drillCounts is how long an answered test alert proves anything.
const drillCounts = 92 * 24 * time.Hour

// Check looks at everything. The steps are always the same four.
func Check(now time.Time, f Facts) []Step {
	posts := f.posts(now)
	return []Step{
		{StepPlaces, f.places(posts)},
		{StepGroups, f.groups(now, posts)},
		{StepRota, f.rota(now, posts)},
		{StepAlert, f.alert(now, posts)},
	}
}

// Live reports whether nothing is missing anywhere.
func Live(steps []Step) bool {
	return !slices.ContainsFunc(steps, func(s Step) bool { return !s.Done() })
}

// posts are the places of today that must have people: the province first.
func (f Facts) posts(now time.Time) []flows.Place {
	day := now.In(f.Zone).Format(time.DateOnly)
	var list []flows.Place
	for _, p := range f.Directory.Places {
		if p.Until != "" && p.Until <= day {
			continue
		}
		if p.ID == f.Directory.Province {
			list = slices.Insert(list, 0, p)
		} else if p.Type == "Xã" || p.Type == "Phường" || p.Type == "Đặc khu" {
			list = append(list, p)
		}
	}
	return list
}

func (f Facts) places(posts []flows.Place) []Lack {
	switch {
	case len(posts) == 0:
		return []Lack{{What: LackPlaces}}
	case f.Directory.Province == "":
		return []Lack{{What: LackProvince}}
	case f.Sample:
		return []Lack{{What: LackOwn}}
	}
	return nil
}

// groups are the communes without anybody, then the members whom nothing reaches.
func (f Facts) groups(now time.Time, posts []flows.Place) []Lack {
	day := now.In(f.Zone).Format(time.DateOnly)
	staffed := map[flows.PlaceID]bool{}
	var mute []Lack
	for _, m := range f.Directory.Members {
		if !m.Belongs(day) {
			continue
		}
		staffed[m.Place] = true
		if len(m.Phones) == 0 {
			mute = append(mute, Lack{What: LackPhone, Place: f.place(m.Place), Member: m, Level: m.Level})
		}
	}
	var list []Lack
	for _, p := range posts {
		if !staffed[p.ID] {
			list = append(list, Lack{What: LackGroup, Place: p})
		}
	}
	return append(list, mute...)
}

func (f Facts) place(id flows.PlaceID) flows.Place {
	for _, p := range f.Directory.Places {
		if p.ID == id {
			return p
		}
	}
	return flows.Place{ID: id}
}

// alert is what no test has shown yet.
func (f Facts) alert(now time.Time, posts []flows.Place) []Lack {
	var list []Lack
	if f.Senders == 0 {
		list = append(list, Lack{What: LackSender})
	}
	asked, answered := map[flows.PlaceID]bool{}, map[flows.PlaceID]bool{}
	for _, d := range f.Drills {
		for _, c := range d.Calls {
			if now.Sub(d.At) < drillCounts {
				asked[c.Place] = true
				answered[c.Place] = answered[c.Place] || !c.Answered.IsZero()
			}
		}
	}
	if len(asked) == 0 {
		return append(list, Lack{What: LackAllDrills})
	}
	for _, p := range posts {
		switch {
		case p.ID == f.Directory.Province: // drills ask communes
		case !asked[p.ID]:
			list = append(list, Lack{What: LackDrill, Place: p})
		case !answered[p.ID]:
			list = append(list, Lack{What: LackAnswer, Place: p})
		}
	}
	return list
}

// first is the level of a place that must never be empty.
func (f Facts) first(p flows.Place) flows.Level {
	if p.ID == f.Directory.Province {
		return flows.LevelDesk
	}
	return flows.LevelDuty
}
