package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"hotline/flows"
)

// maxPaths stops the exploration of flows that branch beyond reason.
const maxPaths = 2_000_000

// explore walks every path of every flow, in each language and channel, with a
// real session and the longest values. A path visits no question twice; at each
// question it also gives wrong answers until the flow gives up.
func (c *checker) explore() {
	c.longest()
	for _, fl := range c.set.flows {
		for _, ch := range fl.channels {
			for _, lang := range fl.languages {
				c.walkFlow(fl, ch, lang)
			}
		}
	}
}

// longest holds the values that flows make room for against the real ones.
func (c *checker) longest() {
	for _, fl := range c.set.flows {
		for name, sample := range fl.longest {
			real := c.set.plain(c.rules.Longest[name])
			if n := utf8.RuneCountInString(real); n > utf8.RuneCountInString(sample) {
				c.add(fl.at, "longest: %s may be %d characters long (%q), flow %s makes room for %d", name, n, real, fl.name, utf8.RuneCountInString(sample))
			}
		}
	}
}

func (c *checker) walkFlow(fl *flow, ch flows.Channel, lang string) {
	w := &walker{checker: c, flow: fl, channel: ch, most: int(c.rules.Session / c.rules.PerScreen), visited: map[*state]bool{}, seen: c.seen}
	s := &flows.Session{Channel: ch, Language: lang, Edition: c.set.edition, Vars: map[string]string{}}
	w.enter(s, fl.start.state, nil)
	c.report.Paths += w.paths
	if w.paths >= maxPaths {
		c.add(fl.at, "flow %s has more than %d paths", fl.name, maxPaths)
	}
}

// optionName is the placeholder whose longest value stands for a line of a list.
const optionName = "option"

// walker explores one flow in one language on one channel.
type walker struct {
	*checker
	flow    *flow
	channel flows.Channel
	most    int             // screens that fit into a session
	visited map[*state]bool // questions on this path
	seen    map[view]bool   // screens that were drawn
	paths   int
	slow    bool // a path that takes too long was reported
}

// enter comes to a state on every way that its verbs and variables allow.
func (w *walker) enter(s *flows.Session, st *state, trail []string) {
	if w.paths >= maxPaths {
		return
	}
	switch {
	case st == nil:
		w.paths++
	case !slices.Contains(st.flow.channels, w.channel):
		w.paths++
		w.once(st.at, fmt.Sprintf("state %s is come to by %s, and flow %s is not for %s", st.path, w.channel, st.flow.name, w.channel), "")
	case st.ends():
		w.show(s, st)
		w.done(append(trail, st.path))
	case st.asks():
		w.ask(s, st, append(trail, st.path))
	case st.when != "":
		w.branch(s, st, trail)
	default:
		w.follow(s, &st.move, trail)
	}
}

// done counts a path that came to its end.
func (w *walker) done(trail []string) {
	w.paths++
	if w.channel == flows.USSD && len(trail) > w.most && !w.slow {
		w.slow = true
		w.add(w.flow.at, "flow %s takes %d screens, a session has time for %d: %s", w.flow.name, len(trail), w.most, strings.Join(trail, " "))
	}
}

// view is what decides how a state looks, for values are always the longest.
type view struct {
	state    *state
	channel  flows.Channel
	language string
}

// show draws every screen of a state that a session stands before, the first
// time that any path comes to it: the question, the same after a wrong answer,
// each page of a list, and all of it in every language.
func (w *walker) show(from *flows.Session, st *state) {
	if w.seen[view{st, w.channel, from.Language}] {
		return
	}
	s := clone(from)
	maps.Copy(s.Vars, st.flow.longest)
	if st.options {
		s.Options = w.options(st)
	}
	for _, lang := range st.flow.languages {
		if at := (view{st, w.channel, lang}); !w.seen[at] {
			w.seen[at] = true
			s.Language = lang
			w.pages(s, st)
		}
	}
	w.seen[view{st, w.channel, from.Language}] = true
}

func (w *walker) pages(s *flows.Session, st *state) {
	w.set.arrive(s, st)
	w.drawn(s, st)
	if !st.asks() {
		return
	}
	for range s.Options {
		s.Page++
		w.drawn(s, st)
	}
	s.Page, s.Tries = 0, 1
	w.drawn(s, st)
}

// ask gives every answer to a question, right and wrong.
func (w *walker) ask(s *flows.Session, st *state, trail []string) {
	if w.visited[st] {
		w.paths++
		return
	}
	w.visited[st] = true
	defer delete(w.visited, st)
	w.show(s, st)
	to := st.giveup
	if !to.set() {
		to = st.flow.giveup
	}
	w.enter(s, to.state, trail)
	for i := range st.choices {
		c := &st.choices[i]
		w.follow(w.saved(s, &c.move, c.value), &c.move, trail)
	}
	if st.input != nil || st.options {
		w.follow(w.saved(s, &st.move, ""), &st.move, trail)
	}
}

// saved is a session after an answer's values were saved.
func (w *walker) saved(s *flows.Session, m *move, value string) *flows.Session {
	if m.save == "" {
		return s
	}
	next := clone(s)
	next.Vars[m.save] = value
	return next
}

// follow takes every outcome of a move.
func (w *walker) follow(s *flows.Session, m *move, trail []string) {
	if len(m.set) > 0 {
		s = clone(s)
	}
	for _, p := range m.set {
		s.Vars[p.key] = p.value
	}
	var next []target
	for _, e := range m.on {
		next = append(next, e.to)
	}
	if m.next.set() {
		next = append(next, m.next)
	}
	for _, to := range next {
		if to.kind == toState {
			w.enter(s, to.state, trail)
		} else {
			w.paths++ // again, back and home come to a question that is explored anyway
		}
	}
	if len(next) == 0 {
		w.paths++
	}
}

// branch follows the value that a variable has on this path. One that only verbs
// set may have any.
func (w *walker) branch(s *flows.Session, st *state, trail []string) {
	value := known(s, st.when)
	if value != "" {
		for _, e := range st.is {
			if e.when == value {
				w.enter(s, e.to.state, trail)
				return
			}
		}
		w.enter(s, st.move.next.state, trail)
		return
	}
	for _, e := range st.is {
		w.enter(s, e.to.state, trail)
	}
	w.enter(s, st.move.next.state, trail)
}

// options is a list as long as any, of lines as long as any.
func (w *walker) options(st *state) []flows.Option {
	label := st.flow.longest[optionName]
	if label == "" {
		label = "Option"
	}
	out := make([]flows.Option, 12)
	for i := range out {
		out[i] = flows.Option{Value: fmt.Sprint(i), Label: label}
	}
	return out
}

func clone(s *flows.Session) *flows.Session {
	next := *s
	next.Vars = maps.Clone(s.Vars)
	next.Options = slices.Clone(s.Options)
	next.Trail = nil
	return &next
}
