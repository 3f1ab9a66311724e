package main

import (
	"testing"

	"hotline/flows"
)

// TestCommunesAreThoseWithPeopleOfTheirOwn, in whatever order the members stand: a
// province that is a place of people of both tiers must not hide itself.
func TestCommunesAreThoseWithPeopleOfTheirOwn(t *testing.T) {
	desk := flows.Member{ID: "desk", Place: "b", Level: flows.LevelDesk}
	group := []flows.Member{{ID: "a1", Place: "a", Level: flows.LevelDuty}, {ID: "b1", Place: "b", Level: flows.LevelHead}}
	for name, members := range map[string][]flows.Member{
		"the desk last":  append(append([]flows.Member{}, group...), desk),
		"the desk first": append([]flows.Member{desk}, group...),
	} {
		var d current
		d.view.Store(&view{directory: flows.Directory{Members: members, Places: []flows.Place{
			{ID: "b", Name: "B"}, {ID: "a", Name: "A"}, {ID: "gone", Name: "C", Until: "2025-07-01"}, {ID: "empty", Name: "D"},
		}}})
		list := d.communes()
		if len(list) != 2 || list[0].ID != "a" || list[1].ID != "b" {
			t.Errorf("%s: %v", name, list)
		}
	}
}
