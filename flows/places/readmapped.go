package places

import (
	"io"
	"slices"
	"strings"

	"hotline/flows"
)

// ReadMapped reads the places that a mapping speaks of from its own columns
// old_name, old_district_name, new_name and new_province_name, where names have
// their unit word. With [Join] they stand in for a list that is not at hand: an
// office that has only the communes of today still understands old names. A file
// without these columns gives none; faults are as in [ReadMapping].
func ReadMapped(name string, r io.Reader) ([]flows.Place, error) {
	t := openTable(name, r, mappingNeed, mappingMay)
	if len(t.faults) > 0 {
		return nil, t.err()
	}
	var out []flows.Place
	for t.next() {
		s := readSuccession(t, map[flows.PlaceID]string{})
		old := flows.Place{ID: s.Old, District: t.get("old_district_name"), Until: from(s.New)}
		now := flows.Place{ID: s.New, Province: t.get("new_province_name")}
		for _, m := range []struct {
			column string
			place  flows.Place
		}{{"old_name", old}, {"new_name", now}} {
			if full := t.get(m.column); full != "" && !has(out, m.place.ID) {
				out = append(out, t.named(m.column, full, m.place))
			}
		}
	}
	if err := t.err(); err != nil {
		return nil, err
	}
	return out, nil
}

// named parts a full name into unit word and name.
func (t *table) named(column, full string, p flows.Place) flows.Place {
	for _, u := range communeTypes {
		if rest, ok := strings.CutPrefix(full, u+" "); ok {
			p.Type, p.Name = u, rest
			t.name(column, rest)
			return p
		}
	}
	t.fault("mapped_name", "column", column, "value", quoted(full), "want", strings.Join(communeTypes, ", "))
	return p
}

func has(list []flows.Place, id flows.PlaceID) bool {
	return slices.ContainsFunc(list, func(p flows.Place) bool { return p.ID == id })
}

// Join adds the places of more that a list does not have. Where both have one,
// the list knows better.
func Join(list, more []flows.Place) []flows.Place {
	known := make(map[flows.PlaceID]bool, len(list))
	for _, p := range list {
		known[p.ID] = true
	}
	out := slices.Clone(list)
	for _, p := range more {
		if !known[p.ID] {
			known[p.ID] = true
			out = append(out, p)
		}
	}
	return out
}
