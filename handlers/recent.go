package handlers

import "sync"

// recent remembers the last names that it was told, for what is done once for each
// and does no great harm when it is done twice: after a restart, or after
// maxRecent others.
type recent struct {
	mu    sync.Mutex
	names map[string]bool
	order []string // the oldest first
}

const maxRecent = 10_000

// first reports whether a name is new.
func (r *recent) first(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.names[name] {
		return false
	}
	if r.names == nil {
		r.names = map[string]bool{}
	}
	if len(r.order) >= maxRecent {
		delete(r.names, r.order[0])
		r.order = r.order[1:]
	}
	r.names[name] = true
	r.order = append(r.order, name)
	return true
}
