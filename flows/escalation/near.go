package escalation

import (
	"cmp"
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
	heirs := map[string]map[flows.PlaceID]bool{} // of a district
	for _, s := range dir.Mapping {
		d := district[s.Old]
		if d == "" || slices.Contains(of[s.New], d) {
			continue
		}
		of[s.New] = append(of[s.New], d)
		if heirs[d] == nil {
			heirs[d] = map[flows.PlaceID]bool{}
		}
		heirs[d][s.New] = true
	}
	staffed := map[flows.PlaceID]bool{}
	for _, m := range dir.Members {
		staffed[m.Place] = true
	}
	near := map[flows.PlaceID][]flows.PlaceID{}
	for _, p := range dir.Places {
		if p.Until != "" || p.ID == dir.Province {
			continue
		}
		if near[p.ID] = p.Neighbours; len(p.Neighbours) > 0 {
			continue
		}
		for _, d := range of[p.ID] {
			for q := range heirs[d] {
				if q != p.ID && staffed[q] && !slices.Contains(near[p.ID], q) {
					near[p.ID] = append(near[p.ID], q)
				}
			}
		}
		slices.Sort(near[p.ID])
	}
	return near
}

// PlaceName is the name of a place, or its code where it has none.
func (r *Roster) PlaceName(id flows.PlaceID) string { return cmp.Or(r.places[id].Name, id.Code()) }

// Neighbours are the communes that help out a place, in the order in which they
// are asked.
func (r *Roster) Neighbours(place flows.PlaceID) []flows.PlaceID { return r.near[place] }
