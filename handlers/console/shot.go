package console

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"hotline/flows"
	"hotline/flows/access"
)

// shot is the board at a moment: every open case in order. It does not change,
// so that any number of pages can be made from it.
type shot struct {
	at    time.Time // when the cases were read; zero: never
	stale bool      // the last try to read failed
	made  time.Time // the moment that tones and order are for
	turn  uint64

	entries []entry
	sums    sums
	parts   parts
	places  func() []placeOption // worked out when first asked for
	views   *views
}

// entry is what ordering and filtering need of a case.
type entry struct {
	k     *flows.Case
	timer Timer
	armed bool
	tone  string
	rank  int
	lost  int // members whom nothing reached
}

// sums are the counts over all open cases, whatever a page filters.
type sums struct {
	Waiting, Held, Late, Undelivered, Urgent, All int
}

// camera makes shots, and makes one serve all who look at the same moment: one
// change costs one look, however many pages are open.
type camera struct {
	mu    sync.Mutex
	cases map[flows.CaseID]entry // toneless
	read  time.Time              // when all cases were last read
	err   error                  // of the last try
	tried time.Time
	last  *shot
}

// reread is how often all open cases are read again although nothing was
// reported, since another process may have changed them.
const reread = 5 * time.Second

// After an error the store is asked again every retry, and a read may take
// patience; meanwhile everybody sees the last board known.
const (
	retry    = 2 * time.Second
	patience = 2 * time.Second
)

// shoot returns the board of now, or the last one known when the store cannot
// be read.
func (c *Console) shoot(ctx context.Context) *shot {
	now := c.Now()
	m := &c.camera
	m.mu.Lock()
	defer m.mu.Unlock()
	turn, news, whole := c.Live.news()
	since := now.Sub(m.tried).Abs()
	if whole || m.tried.IsZero() || since >= reread || m.err != nil && since >= retry {
		m.readAll(ctx, c.Board, now)
	}
	for i := range news {
		m.apply(&news[i])
	}
	fresh := m.last != nil && m.last.turn == turn && m.last.at.Equal(m.read) && m.last.stale == (m.err != nil)
	if !fresh || now.Sub(m.last.made).Abs() >= time.Second {
		m.last = m.develop(now, turn)
		m.last.places = c.placesLater(m.last.entries)
	}
	return m.last
}

// sight is the board as the person behind ctx may see it: nothing that a page
// shows of the open cases comes from anywhere else.
func (c *Console) sight(ctx context.Context) *shot {
	who := access.From(ctx)
	return c.shoot(ctx).seenBy(who, func(whole *shot) *shot {
		hidden := func(e entry) bool { return !c.Guard.Sees(who, e.k) }
		if !slices.ContainsFunc(whole.entries, hidden) {
			return whole
		}
		mine := &shot{at: whole.at, stale: whole.stale, made: whole.made, turn: whole.turn}
		for _, e := range whole.entries {
			if !hidden(e) {
				mine.entries = append(mine.entries, e)
				mine.sums.add(e)
			}
		}
		mine.places = c.placesLater(mine.entries)
		return mine
	})
}

// views are the boards of a shot as its viewers may see it, made once for each.
type views struct {
	mu   sync.Mutex
	made map[viewerKey]*shot
}

// viewerKey is all of a viewer that decides what they see.
type viewerKey struct {
	role   access.Role
	member flows.MemberID
	place  flows.PlaceID
}

func (s *shot) seenBy(w access.Who, cut func(*shot) *shot) *shot {
	key := viewerKey{w.Role, w.Member.ID, w.Member.Place}
	v := s.views
	v.mu.Lock()
	defer v.mu.Unlock()
	if have, ok := v.made[key]; ok {
		return have
	}
	if v.made == nil {
		v.made = map[viewerKey]*shot{}
	}
	v.made[key] = cut(s)
	return v.made[key]
}

// placesLater works out the places of a shot when a page first asks for them.
func (c *Console) placesLater(entries []entry) func() []placeOption {
	return sync.OnceValue(func() []placeOption { return c.placesOf(entries) })
}

func (m *camera) readAll(ctx context.Context, b Board, now time.Time) {
	// The read serves everybody: it must not end because one reader left.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	cases, err := b.Open(ctx)
	m.tried, m.err = now, err
	if err != nil {
		return
	}
	m.read, m.cases = now, make(map[flows.CaseID]entry, len(cases))
	for i := range cases {
		m.cases[cases[i].ID] = toneless(&cases[i])
	}
}

// apply takes over a committed case, unless a later version is known.
func (m *camera) apply(k *flows.Case) {
	if have, ok := m.cases[k.ID]; m.cases == nil || ok && have.k.Version > k.Version {
		return
	}
	if k.IsOpen() {
		m.cases[k.ID] = toneless(k)
	} else {
		delete(m.cases, k.ID)
	}
}

// develop makes the shot of a moment.
func (m *camera) develop(now time.Time, turn uint64) *shot {
	s := &shot{at: m.read, stale: m.err != nil, made: now, turn: turn, entries: make([]entry, 0, len(m.cases)), views: &views{}}
	for _, e := range m.cases {
		e.colour(flows.Millis(now))
		s.entries = append(s.entries, e)
		s.sums.add(e)
	}
	slices.SortFunc(s.entries, order)
	return s
}

// look is how a case stands at a moment.
func look(k *flows.Case, now int64) entry {
	e := toneless(k)
	e.colour(now)
	return e
}

// toneless is what does not change while the case does not.
func toneless(k *flows.Case) entry {
	e := entry{k: k, lost: k.Unreached()}
	e.timer, e.armed = next(k)
	return e
}

// colour gives an entry what depends on the moment.
func (e *entry) colour(now int64) {
	e.tone, e.rank = "good", 0
	switch {
	case e.armed:
		e.tone = e.timer.Tone(now)
	case e.k.NoTimer == "" && e.k.IsOpen():
		e.tone = "late" // an open case without a clock is a fault
	}
	if !e.now() {
		e.rank += 2
	}
	if e.k.Severity != flows.Urgent {
		e.rank++
	}
}

// now reports whether the case needs somebody this minute.
func (e entry) now() bool { return e.untaken() || e.tone == "late" }

func (e entry) untaken() bool { return e.k.Status != flows.StatusTaken }

// order puts who needs somebody first, then the urgent, then the clock that
// runs out first.
func order(a, b entry) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.timer.Due, b.timer.Due), cmp.Compare(a.k.Ref, b.k.Ref))
}

func (s *sums) add(e entry) {
	s.All++
	if e.untaken() {
		s.Waiting++
		if e.k.Severity == flows.Urgent {
			s.Urgent++
		}
	} else {
		s.Held++
	}
	if e.tone == "late" {
		s.Late++
	}
	s.Undelivered += e.lost
}

// mood is the state of the whole: urgent, late, waiting, calm, empty, blind when
// nothing could ever be read, or doubt when all was well and nothing new can be
// read: a board must not look calm that does not know.
func (s *shot) mood() string {
	switch {
	case s.at.IsZero():
		return "blind"
	case s.sums.Urgent > 0:
		return "urgent"
	case s.sums.Late > 0:
		return "late"
	case s.sums.Waiting > 0:
		return "waiting"
	case s.stale:
		return "doubt"
	case s.sums.Held > 0:
		return "calm"
	}
	return "empty"
}

// parts are pieces of HTML made from a shot: the same for all who read it in
// one language with one filter.
type parts struct {
	mu   sync.Mutex
	made map[string]part
}

type part struct {
	html  []byte
	print uint64
}

// maxParts bounds what odd addresses can make us keep.
const maxParts = 64

// get returns the piece of a name, which make produces the first time.
func (p *parts) get(name string, produce func() (part, error)) (part, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if have, ok := p.made[name]; ok {
		return have, nil
	}
	made, err := produce()
	if err == nil && len(p.made) < maxParts {
		if p.made == nil {
			p.made = map[string]part{}
		}
		p.made[name] = made
	}
	return made, err
}
