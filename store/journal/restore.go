package journal

import (
	"context"
	"fmt"
)

// Restore reads journals, one directory per process that wrote one, and calls
// each for every true record: chain by chain, in the order it was written.
// Damage is passed over and reported; what is left arrives. The body of a record
// must not be changed.
func Restore(ctx context.Context, dirs []string, key []byte, each func(Record) error) ([]Report, error) {
	var reports []Report
	for _, dir := range dirs {
		w := newWalker(dir, key, nil)
		w.each = each
		if err := w.walk(ctx); err != nil {
			return reports, fmt.Errorf("restore: %w", err)
		}
		reports = append(reports, w.report)
	}
	return reports, nil
}
