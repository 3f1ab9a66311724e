package access

import (
	"slices"

	"hotline/flows"
)

// Places knows which places lie over which. It is made from a directory and does
// not change.
type Places struct {
	province flows.PlaceID
	above    map[flows.PlaceID][]flows.PlaceID
}

// NewPlaces reads the places of a directory.
func NewPlaces(d flows.Directory) *Places {
	p := &Places{province: d.Province, above: make(map[flows.PlaceID][]flows.PlaceID, len(d.Places))}
	parents := map[flows.PlaceID][]flows.PlaceID{}
	for _, place := range d.Places {
		if place.Parent != "" {
			parents[place.ID] = append(parents[place.ID], place.Parent)
		}
	}
	// Who is over the place that took over is over the one that is gone.
	for _, s := range d.Mapping {
		parents[s.Old] = append(parents[s.Old], s.New)
	}
	for _, place := range d.Places {
		p.above[place.ID] = climb(place.ID, parents)
	}
	return p
}

// climb lists all that lies over a place. A circle ends where it began.
func climb(id flows.PlaceID, parents map[flows.PlaceID][]flows.PlaceID) []flows.PlaceID {
	var list []flows.PlaceID
	next := parents[id]
	for len(next) > 0 {
		p := next[0]
		next = next[1:]
		if p != id && !slices.Contains(list, p) {
			list = append(list, p)
			next = append(slices.Clone(next), parents[p]...)
		}
	}
	return list
}

// Of is a place as a thing that something is done to.
func (p *Places) Of(id flows.PlaceID) Thing {
	if p == nil {
		return Thing{Place: id}
	}
	above, known := p.above[id]
	if !known && p.province != "" {
		above = append([]flows.PlaceID{p.province}, p.above[p.province]...)
	}
	return Thing{Place: id, Above: above}
}

// OfCase is a case as such a thing. A case whose place is not known, or no longer
// in the directory, is the province's.
func (p *Places) OfCase(c *flows.Case) Thing {
	t := p.Of(c.Place)
	t.Case = c
	return t
}
