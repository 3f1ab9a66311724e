package escalation

import (
	"slices"

	"hotline/flows"
)

// neighbours are the communes that help each other out. A place that the
// directory gives none is helped by those that took over communes of the same
// district as it: people there know each other.
func neighbours(dir flows.Directory) map[flows.PlaceID][]flows.PlaceID {
	district := map[flows.PlaceID]string{}
	for _, p := range dir.Places {
		district[p.ID] = p.District
	}
	of := map[flows.PlaceID][]string{}
	for _, s := range dir.Mapping {
		if d := district[s.Old]; d != "" && !slices.Contains(of[s.New], d) {
			of[s.New] = append(of[s.New], d)
		}
	}
	near := map[flows.PlaceID][]flows.PlaceID{}
	for _, p := range dir.Places {
		if p.Until != "" || p.ID == dir.Province {
			continue
		}
		near[p.ID] = p.Neighbours
		for _, q := range dir.Places {
			if len(p.Neighbours) == 0 && q.Until == "" && q.ID != p.ID && share(of[p.ID], of[q.ID]) {
				near[p.ID] = append(near[p.ID], q.ID)
			}
		}
	}
	return near
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// Neighbours are the communes that help out a place, in the order in which they
// are asked.
func (r *Roster) Neighbours(place flows.PlaceID) []flows.PlaceID { return r.near[place] }
