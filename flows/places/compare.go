package places

import (
	"fmt"
	"reflect"

	"hotline/flows"
)

// Changes is what replacing one directory by another does to its places.
type Changes struct {
	Added, Removed, Changed, Same int // places
	Mapped, Unmapped              int // successions that are new, and that are gone
}

// Compare counts what differs between the places and mappings of directories.
func Compare(before, after flows.Directory) Changes {
	var c Changes
	old := make(map[flows.PlaceID]flows.Place, len(before.Places))
	for _, p := range before.Places {
		old[p.ID] = p
	}
	for _, p := range after.Places {
		o, known := old[p.ID]
		delete(old, p.ID)
		switch {
		case !known:
			c.Added++
		case reflect.DeepEqual(o, p):
			c.Same++
		default:
			c.Changed++
		}
	}
	c.Removed = len(old)
	c.Mapped, c.Unmapped = compareMapping(before.Mapping, after.Mapping)
	return c
}

func compareMapping(before, after []flows.Succession) (added, removed int) {
	count := make(map[string]int, len(before))
	for _, s := range before {
		count[fmt.Sprint(s)]++
	}
	for _, s := range after {
		if key := fmt.Sprint(s); count[key] > 0 {
			count[key]--
		} else {
			added++
		}
	}
	for _, n := range count {
		removed += n
	}
	return added, removed
}

// String is the line that people read before the change is made.
func (c Changes) String() string {
	return fmt.Sprintf("places: %d added, %d removed, %d changed, %d the same; mapping: %d added, %d removed",
		c.Added, c.Removed, c.Changed, c.Same, c.Mapped, c.Unmapped)
}
