package places

import (
	"io"
	"strings"

	"hotline/flows"
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
// every fault with its line as [Faults], and then no succession.
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
			t.fault("%s to %s stands on line %d already", s.Old.Code(), s.New.Code(), first)
		}
		seen[pair] = t.line
		out = append(out, s)
	}
	if len(out) == 0 && len(t.faults) == 0 {
		t.fault("no rows")
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
			t.fault("%s %q: want 5 digits", c, clip(v))
		}
	}
	kind := t.get("kind")
	s := flows.Succession{
		Old: newID(t.get("old_code"), oldFrom), New: newID(t.get("new_code"), newFrom),
		Part: kind == "partial", Hamlets: list(t.get("hamlets")),
	}
	if kind != "full" && kind != "partial" {
		t.fault("kind %q: want full or partial", clip(kind))
	}
	if before, ok := kinds[s.Old]; ok && (before != "partial" || kind != "partial") {
		t.fault("old_code %s leads to several places: want kind partial in every row", s.Old.Code())
	}
	kinds[s.Old] = kind
	if s.Old == s.New {
		t.fault("%s leads to itself", s.Old)
	}
	if len(s.Hamlets) > 0 && !s.Part {
		t.fault("hamlets of a place that is not split")
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
	var faults []string
	for _, p := range dir {
		if _, twice := byID[p.ID]; twice {
			faults = append(faults, "place "+string(p.ID)+" stands twice")
		}
		byID[p.ID] = p
	}
	for _, s := range mapping {
		o, ok := byID[s.Old]
		if !ok {
			faults = append(faults, "mapping "+string(s.Old)+" to "+string(s.New)+": the first is not in the directory")
		}
		if _, known := byID[s.New]; !known {
			faults = append(faults, "mapping "+string(s.Old)+" to "+string(s.New)+": the second is not in the directory")
		}
		if ok && o.Until == "" {
			faults = append(faults, "mapping "+string(s.Old)+" to "+string(s.New)+": the first still exists")
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return &ReferenceError{Faults: faults}
}

// ReferenceError is what [Check] found.
type ReferenceError struct{ Faults []string }

func (e *ReferenceError) Error() string { return strings.Join(e.Faults, "\n") }
