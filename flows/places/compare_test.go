package places_test

import (
	"testing"

	"hotline/flows"
	"hotline/flows/places"
)

func TestCompareCountsWhatChanges(t *testing.T) {
	place := func(id, name string, hamlets ...string) flows.Place {
		return flows.Place{ID: flows.PlaceID(id), Name: name, Hamlets: hamlets}
	}
	before := flows.Directory{
		Places:  []flows.Place{place("1", "A", "x"), place("2", "B"), place("3", "C")},
		Mapping: []flows.Succession{{Old: "3", New: "1"}, {Old: "3", New: "2"}},
	}
	after := flows.Directory{
		Places:  []flows.Place{place("1", "A", "x"), place("2", "B", "y"), place("4", "D"), place("5", "E")},
		Mapping: []flows.Succession{{Old: "3", New: "1"}, {Old: "3", New: "2", Part: true}, {Old: "3", New: "4"}},
	}
	want := "places: 2 added, 1 removed, 1 changed, 1 the same; mapping: 2 added, 1 removed"
	if got := places.Compare(before, after).String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want = "places: 0 added, 0 removed, 0 changed, 4 the same; mapping: 0 added, 0 removed"
	if got := places.Compare(after, after).String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
