package store

import (
	"context"
	"slices"
)

// inOrder keeps others out of partitions while changes are written and kept.
// Without it somebody could read a change, decide on it and have the next one
// kept first; a crash in between would leave a hole that nothing can fill. It is
// for the in-process server alone: a Redis of its own remembers what was written.
//
// The context it returns cannot be cancelled: a script that runs in this process
// ends at once, and its outcome is known for certain.
func (s *Store) inOrder(ctx context.Context, homes ...int) (context.Context, func()) {
	if s.order == nil {
		return ctx, func() {}
	}
	slices.Sort(homes)
	homes = slices.Compact(homes)
	for _, n := range homes {
		s.order[n].Lock()
	}
	return context.WithoutCancel(ctx), func() {
		for _, n := range homes {
			s.order[n].Unlock()
		}
	}
}
