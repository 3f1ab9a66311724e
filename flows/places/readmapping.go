package places

import (
	"io"

	"hotline/flows"
	"hotline/flows/fault"
)

var (
	mappingNeed = []string{"old_code", "new_code", "kind"}
	mappingMay  = []string{
		"old_name", "old_district_code", "old_district_name", "new_name", "new_province_code", "new_province_name",
		"old_from", "new_from", "hamlets",
	}
)

// ReadMapping reads which place led to which, with the columns old_code,
// new_code and kind (full, or partial for a part of a split place), and if
// present old_from, new_from (dates) and hamlets (which went with that part).
// The names in the official file are for the people who read it. It returns
// every fault with its line as [fault.List], and then no succession.
func ReadMapping(name string, r io.Reader) ([]flows.Succession, error) {
	t := openTable(name, r, mappingNeed, mappingMay)
	if len(t.faults) > 0 {
		return nil, t.err()
	}
	var out []flows.Succession
	seen := map[[2]flows.PlaceID]int{}
	kinds := map[flows.PlaceID]string{}
	for t.next() {
		s := readSuccession(t, kinds)
		pair := [2]flows.PlaceID{s.Old, s.New}
		if first, twice := seen[pair]; twice {
			t.fault("successor_twice", "old", s.Old.Code(), "new", s.New.Code(), "first", first)
		}
		seen[pair] = t.line
		out = append(out, s)
	}
	if len(out) == 0 && len(t.faults) == 0 {
		t.fault("no_rows")
	}
	if err := t.err(); err != nil {
		return nil, err
	}
	return out, nil
}

func readSuccession(t *table, kinds map[flows.PlaceID]string) flows.Succession {
	oldFrom, newFrom := t.get("old_from"), t.get("new_from")
	if oldFrom == "" {
		oldFrom = Before
	}
	if newFrom == "" {
		newFrom = Reform
	}
	t.date("old_from", oldFrom)
	t.date("new_from", newFrom)
	for _, c := range []string{"old_code", "new_code"} {
		if v := t.get(c); len(v) != 5 || !digits(v) {
			t.fault("digits", "column", c, "value", quoted(v), "n", 5)
		}
	}
	kind := t.get("kind")
	s := flows.Succession{
		Old: newID(t.get("old_code"), oldFrom), New: newID(t.get("new_code"), newFrom),
		Part: kind == "partial", Hamlets: list(t.get("hamlets")),
	}
	if kind != "full" && kind != "partial" {
		t.fault("kind", "value", quoted(kind))
	}
	if before, ok := kinds[s.Old]; ok && (before != "partial" || kind != "partial") {
		t.fault("several", "code", s.Old.Code())
	}
	kinds[s.Old] = kind
	if s.Old == s.New {
		t.fault("itself", "place", s.Old)
	}
	if len(s.Hamlets) > 0 && !s.Part {
		t.fault("unsplit")
	}
	for _, h := range s.Hamlets {
		t.name("hamlets", h)
	}
	return s
}

// Check reports what the two lists say about each other that cannot be: codes
// that the directory does not have, successors that end before they begin, ids
// that stand twice across files.
func Check(dir []flows.Place, mapping []flows.Succession) error {
	byID := make(map[flows.PlaceID]flows.Place, len(dir))
	var faults fault.List
	for _, p := range dir {
		if _, twice := byID[p.ID]; twice {
			faults = append(faults, fault.New("place_twice", "place", p.ID))
		}
		byID[p.ID] = p
	}
	for _, s := range mapping {
		o, ok := byID[s.Old]
		if !ok {
			faults = append(faults, fault.New("mapping_old", "old", s.Old, "new", s.New))
		}
		if _, known := byID[s.New]; !known {
			faults = append(faults, fault.New("mapping_new", "old", s.Old, "new", s.New))
		}
		if ok && o.Until == "" {
			faults = append(faults, fault.New("mapping_alive", "old", s.Old, "new", s.New))
		}
	}
	return faults.Err()
}
