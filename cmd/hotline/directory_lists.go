package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"hotline/flows"
	"hotline/flows/places"
)

// readLists reads files of one kind and joins what is in them. It reports the
// faults of all of them.
func readLists[T any](names []string, read func(name string, r io.Reader) ([]T, error)) ([]T, error) {
	var all []T
	var faults []error
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		some, err := read(name, f)
		_ = f.Close()
		if err != nil {
			faults = append(faults, err)
		}
		all = append(all, some...)
	}
	return all, errors.Join(faults...)
}

// readPlaceLists reads lists of places and of which led to which, and reports
// the faults of all of them.
func readPlaceLists(lists, mappings []string) ([]flows.Place, []flows.Succession, error) {
	list, err := readLists(lists, places.ReadPlaces)
	mapping, faults := readLists(mappings, places.ReadMapping)
	if err := errors.Join(err, faults); err != nil {
		return nil, nil, err
	}
	// The old places are named in the mapping too, so a new list is enough.
	named, err := readLists(mappings, places.ReadMapped)
	return places.Join(list, named), mapping, err
}

// parseDay reads a day as people in charge write it in commands.
func parseDay(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fmt.Errorf("read the day %q: expected YYYY-MM-DD", s)
	}
	return t, nil
}
