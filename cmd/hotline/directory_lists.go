package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
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

// parseDay reads a day as people in charge write it in commands.
func parseDay(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fmt.Errorf("read the day %q: expected YYYY-MM-DD", s)
	}
	return t, nil
}
