package dispatch

import (
	"slices"
	"sync"
	"time"

	"hotline/flows"
)

// Turns lets few messages at once leave by a provider that cannot be asked what it
// has. What is under way there when the program is killed leaves again, so a turn
// ends only when the case knows what became of its message. Set the field before
// the first use.
type Turns struct {
	// Of names the provider that a message would leave by now, and how many may be
	// under way there at once; 0: any number.
	Of func(m *flows.Message, to flows.Phone) (provider string, atOnce int)

	mu    sync.Mutex
	lines map[string]*line
}

// line are those that wait for their turn at one provider, the urgent alerts
// apart.
type line struct {
	under          int
	urgent, others []chan struct{}
}

// How long a message waits for its turn at most: a provider that takes its time
// holds nobody up. All urgent alerts of a case have left 200 ms after the first.
const (
	patienceUrgent = 150 * time.Millisecond
	patienceOthers = time.Second
)

// take waits for the turn of a message, and returns what ends it. One that has
// waited for too long leaves without; it reports false when stop came before that.
func (t *Turns) take(stop <-chan struct{}, m *flows.Message, to flows.Phone) (end func(), ok bool) {
	none := func() {}
	if t == nil {
		return none, true
	}
	provider, atOnce := t.Of(m, to)
	if atOnce <= 0 {
		return none, true
	}
	l, mine := t.join(provider, atOnce, order(m) == 0)
	end = sync.OnceFunc(func() { t.next(l) })
	patience := patienceOthers
	if order(m) == 0 {
		patience = patienceUrgent
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-mine:
		return end, true
	case <-timer.C:
		ok = true
	case <-stop:
	}
	if t.leaveLine(l, mine) {
		return none, ok
	}
	return end, true // its turn came at the same moment
}

// join stands in line, or begins a turn at once.
func (t *Turns) join(provider string, atOnce int, urgent bool) (*line, chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[provider]
	if l == nil {
		if t.lines == nil {
			t.lines = map[string]*line{}
		}
		l = &line{}
		t.lines[provider] = l
	}
	mine := make(chan struct{})
	switch {
	case l.under < atOnce:
		l.under++
		close(mine)
	case urgent:
		l.urgent = append(l.urgent, mine)
	default:
		l.others = append(l.others, mine)
	}
	return l, mine
}

// next ends a turn and gives it to the first in line.
func (t *Turns) next(l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, waiting := range []*[]chan struct{}{&l.urgent, &l.others} {
		if len(*waiting) > 0 {
			close((*waiting)[0])
			*waiting = (*waiting)[1:]
			return
		}
	}
	l.under--
}

// leaveLine reports whether somebody was still waiting.
func (t *Turns) leaveLine(l *line, mine chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, waiting := range []*[]chan struct{}{&l.urgent, &l.others} {
		if i := slices.Index(*waiting, mine); i >= 0 {
			*waiting = slices.Delete(*waiting, i, i+1)
			return true
		}
	}
	return false
}
