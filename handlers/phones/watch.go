package phones

import (
	"context"

	"hotline/flows"
)

// report queues a word on a delivery. A queue that is full drops it, as a
// provider does whose callbacks nobody takes: the ladder's clock goes on.
func (n *Network) report(s flows.Status) {
	s.Provider, s.At = n.Name, n.Now()
	select {
	case n.reports <- s:
	default:
	}
}

// Run hands delivery reports to Report until ctx ends, and with it the streams
// of the pages. A report that cannot be taken is tried three times.
func (n *Network) Run(ctx context.Context) {
	defer n.ended.Do(func() { close(n.done) })
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-n.reports:
			for range 3 {
				if n.Report == nil || n.Report(ctx, s) == nil {
					break
				}
			}
		}
	}
}

// watch returns a channel of events and the function that ends it. A watcher
// that is too slow loses events; it reads the phones again when it notices.
func (n *Network) watch() (<-chan Event, func(), bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.watchers) >= maxWatchers {
		return nil, nil, false
	}
	w := make(chan Event, 64)
	n.watchers[w] = true
	return w, func() {
		n.mu.Lock()
		delete(n.watchers, w)
		n.mu.Unlock()
	}, true
}

func (n *Network) tell(e Event) {
	for w := range n.watchers {
		select {
		case w <- e:
		default:
		}
	}
}
