package ready

import (
	"cmp"
	"slices"
	"time"

	"hotline/flows"
)

// quarter is how finely the rota is looked at.
const quarter = 15 * time.Minute

// hole is a time without anybody on duty.
type hole struct{ from, to time.Time }

// rota are the hours in which a place that must always answer has nobody. What comes
// back in both weeks is said once, as a habit; a place without people is left out,
// since it is named already.
func (f Facts) rota(now time.Time, posts []flows.Place) []Lack {
	staffed := map[flows.PlaceID]bool{}
	for _, m := range f.Directory.Members {
		staffed[m.Place] = true
	}
	begin := now.Truncate(quarter)
	var list []Lack
	for _, p := range posts {
		if !staffed[p.ID] {
			continue
		}
		level := f.first(p)
		holes := f.holes(p.ID, level, begin)
		if len(holes) == 1 && holes[0].to.Sub(holes[0].from) == Ahead {
			list = append(list, Lack{What: LackAlways, Place: p, Level: level})
			continue
		}
		list = append(list, f.told(p, level, holes)...)
	}
	return list
}

func (f Facts) holes(p flows.PlaceID, l flows.Level, begin time.Time) []hole {
	var list []hole
	for at := begin; at.Before(begin.Add(Ahead)); at = at.Add(quarter) {
		if len(f.OnDuty(p, l, at)) > 0 {
			continue
		}
		if n := len(list); n > 0 && list[n-1].to.Equal(at) {
			list[n-1].to = at.Add(quarter)
			continue
		}
		list = append(list, hole{at, at.Add(quarter)})
	}
	return list
}

// told puts holes into words: the same hours of the same weekday twice are weekly.
func (f Facts) told(p flows.Place, l flows.Level, holes []hole) []Lack {
	var list []Lack
	for _, h := range holes {
		local := h.from.In(f.Zone)
		from := local.Hour()*60 + local.Minute()
		lack := Lack{
			What: LackHours, Place: p, Level: l, Day: local.Weekday(), Date: h.from,
			From: from, To: from + int(h.to.Sub(h.from)/time.Minute),
		}
		i := slices.IndexFunc(list, func(o Lack) bool { return o.Day == lack.Day && o.From == lack.From && o.To == lack.To })
		if i >= 0 {
			list[i].Weekly = true
			continue
		}
		list = append(list, lack)
	}
	slices.SortStableFunc(list, func(a, b Lack) int {
		return cmp.Or(cmp.Compare(b2i(b.Weekly), b2i(a.Weekly)), a.Date.Compare(b.Date))
	})
	return list
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
