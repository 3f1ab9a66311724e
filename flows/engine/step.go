package engine

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hotline/flows"
)

// ErrState says that a session stands where no flow leads.
var ErrState = errors.New("no such state")

// maxHops is how many states may pass through without asking, and maxTrail how
// far back a caller can go.
const (
	maxHops  = 32
	maxTrail = 16
)

// Start puts a session before the first question of a flow. What was said
// before stays in Vars; a caller that wants a clean start clears them.
func (set *Set) Start(s *flows.Session, name string, run Run) error {
	set = set.of(s.Provider)
	fl := set.byName[name]
	if fl == nil {
		return fmt.Errorf("start flow %s: %w", name, ErrState)
	}
	s.Edition, s.Trail, s.Steps, s.Ended = set.edition, nil, 0, false
	s.Flow, s.State = fl.name, ""
	set.speak(s, fl)
	return set.enter(s, nil, fl.start, run)
}

// Resume puts a session whose call broke off before the question of the flow
// "resume". Going back from there leads to the question that was open.
func (set *Set) Resume(s *flows.Session, run Run) error {
	edition, st, err := set.where(s)
	if err != nil {
		return err
	}
	fl := edition.byName[resumeFlow]
	if fl == nil {
		return fmt.Errorf("resume: %w", ErrState)
	}
	s.Steps, s.Ended = 0, false
	if st.resume.set() {
		st = st.resume.state
	}
	s.Trail = append(s.Trail, st.path)
	return edition.enter(s, nil, fl.start, run)
}

// resumeFlow is the flow that asks whether to go on.
const resumeFlow = "resume"

// Step takes one answer and puts the session before the next screen. After the
// end it changes nothing. If a verb returns an error, the session must be
// thrown away: it may be half changed.
func (set *Set) Step(s *flows.Session, text string, run Run) error {
	if s.Ended {
		return nil
	}
	set, st, err := set.where(s)
	if fl := set.byName[s.Flow]; err != nil && fl != nil {
		// The state is gone with a change of the flow: the caller begins anew
		// rather than meeting an error.
		return set.enter(s, nil, fl.start, run)
	}
	if err != nil {
		return err
	}
	s.Steps++
	if s.Steps > st.flow.steps {
		return set.enter(s, st, st.flow.giveup, run)
	}
	return set.answer(s, st, text, run)
}

// Screen says what the caller sees now, in the language of the session.
func (set *Set) Screen(s *flows.Session) (flows.Reply, error) {
	set, st, err := set.where(s)
	if err != nil {
		return flows.Reply{}, err
	}
	set.draw(s, st)
	return s.Screen, nil
}

// where finds the state of a session, in the edition that it began with if that
// is still here.
func (set *Set) where(s *flows.Session) (*Set, *state, error) {
	if s.Edition != set.edition {
		if older := set.older[s.Edition]; older != nil {
			set = older
		}
	}
	set = set.of(s.Provider)
	fl := set.byName[s.Flow]
	if fl == nil {
		return set, nil, fmt.Errorf("session in flow %q: %w", s.Flow, ErrState)
	}
	set.speak(s, fl)
	st := fl.byName[s.State]
	if st == nil || !st.asks() && !st.ends() {
		return set, nil, fmt.Errorf("session in state %q of flow %s: %w", s.State, s.Flow, ErrState)
	}
	return set, st, nil
}

// speak makes sure that the flow has words in the language of the session.
func (set *Set) speak(s *flows.Session, fl *flow) {
	if !slices.Contains(fl.languages, s.Language) {
		s.Language = fl.languages[0]
	}
}

// answer finds out what was meant.
func (set *Set) answer(s *flows.Session, st *state, text string, run Run) error {
	key := tidy(text)
	for i := range st.choices {
		c := &st.choices[i]
		if key == c.key || !c.hidden && strings.EqualFold(key, set.text(s.Language, c.label)) {
			return set.follow(s, st, &c.move, c.value, run)
		}
	}
	if to, ok := set.wordFor(st.flow, key); ok {
		return set.enter(s, st, to, run)
	}
	if done, err := set.navigate(s, st, key, run); done {
		return err
	}
	if st.options {
		if n, err := strconv.Atoi(key); err == nil && n >= 1 && n <= set.shown(s, st) {
			return set.follow(s, st, &st.move, s.Options[n-1].Value, run)
		}
	}
	if st.input != nil {
		if value, ok := st.input.accept(text); ok {
			return set.follow(s, st, &st.move, value, run)
		}
	}
	return set.wrong(s, st, text, run)
}

// wordFor is where a word leads that means the same at every question.
func (set *Set) wordFor(fl *flow, key string) (target, bool) {
	if len(fl.words) == 0 || key == "" || key[0] >= '0' && key[0] <= '9' {
		return target{}, false
	}
	said := strings.ToLower(strings.Join(strings.Fields(set.plain(key)), " "))
	for _, w := range fl.words {
		if w.when == said {
			return w.to, true
		}
	}
	return target{}, false
}

// shown is the number of options that the caller has seen up to this page.
func (set *Set) shown(s *flows.Session, st *state) int {
	l := set.list(s, st)
	_, to := l.page()
	return to
}

// navigate handles the keys that mean the same everywhere.
func (set *Set) navigate(s *flows.Session, st *state, key string, run Run) (bool, error) {
	switch {
	case key == "":
		return false, nil
	case key == set.keys.More && st.options && set.shown(s, st) < len(s.Options):
		s.Page++
	case key == set.keys.Back && st.options && s.Page > 0:
		s.Page--
	case key == set.keys.Back && !st.noBack:
		return true, set.back(s, st, run)
	case key == set.keys.Home:
		return true, set.home(s, st, run)
	default:
		return false, nil
	}
	s.Tries = 0
	set.draw(s, st)
	return true, nil
}

// back returns to the question before this one.
func (set *Set) back(s *flows.Session, st *state, run Run) error {
	for len(s.Trail) > 0 {
		last := s.Trail[len(s.Trail)-1]
		s.Trail = s.Trail[:len(s.Trail)-1]
		name, state, _ := strings.Cut(last, "/")
		if fl := set.byName[name]; fl != nil && fl.byName[state] != nil {
			to := fl.byName[state]
			return set.enter(s, nil, target{text: last, kind: toState, state: to}, run)
		}
	}
	return set.enter(s, nil, st.flow.start, run)
}

// home returns to the first question.
func (set *Set) home(s *flows.Session, st *state, run Run) error {
	s.Trail = nil
	to := st.flow.start
	if st.flow.home.set() {
		to = st.flow.home
	}
	return set.enter(s, nil, to, run)
}

// wrong asks again in simpler words, until it has done so often enough. What was
// typed may still be worth keeping: the flow's stray verb sees it.
func (set *Set) wrong(s *flows.Session, st *state, text string, run Run) error {
	if st.flow.stray != "" {
		if _, err := run(st.flow.stray, s, text); err != nil {
			return fmt.Errorf("verb %s: %w", st.flow.stray, err)
		}
	}
	return set.again(s, st, run)
}

func (set *Set) again(s *flows.Session, st *state, run Run) error {
	s.Tries++
	if s.Tries > st.flow.tries {
		if st.giveup.set() {
			return set.enter(s, st, st.giveup, run)
		}
		return set.enter(s, st, st.flow.giveup, run)
	}
	set.draw(s, st)
	return nil
}

// follow does what an answer says and goes where it leads.
func (set *Set) follow(s *flows.Session, st *state, m *move, value string, run Run) error {
	to, err := set.do(s, m, value, run)
	if err != nil {
		return err
	}
	switch to.kind {
	case toAgain:
		return set.again(s, st, run)
	case toBack:
		return set.back(s, st, run)
	case toHome:
		return set.home(s, st, run)
	case toNowhere: // only the language changed
		set.draw(s, st)
		return nil
	}
	return set.enter(s, st, to, run)
}

// do saves, sets and runs the verb of a move, and returns where it leads.
func (set *Set) do(s *flows.Session, m *move, value string, run Run) (target, error) {
	if s.Vars == nil && (m.save != "" || len(m.set) > 0) {
		s.Vars = make(map[string]string, 8)
	}
	if m.save != "" {
		s.Vars[m.save] = value
	}
	for _, p := range m.set {
		s.Vars[p.key] = p.value
	}
	for _, p := range m.language {
		if p.key == s.Language {
			s.Language = p.value
			break
		}
	}
	if m.do == "" {
		return m.next, nil
	}
	outcome, err := run(m.do, s, value)
	if err != nil {
		return target{}, fmt.Errorf("verb %s: %w", m.do, err)
	}
	for _, e := range m.on {
		if e.when == outcome {
			return e.to, nil
		}
	}
	if !m.next.set() {
		return target{}, fmt.Errorf("verb %s: outcome %q leads nowhere", m.do, outcome)
	}
	return m.next, nil
}

// enter goes to a state and on through all that do not ask.
func (set *Set) enter(s *flows.Session, from *state, to target, run Run) error {
	if from != nil && from.asks() && !from.options {
		s.Trail = append(s.Trail, from.path)
		if len(s.Trail) > maxTrail {
			s.Trail = s.Trail[1:]
		}
	}
	for range maxHops {
		if to.kind != toState {
			return fmt.Errorf("enter %q: %w", to.text, ErrState)
		}
		st := to.state
		if st.asks() || st.ends() {
			set.arrive(s, st)
			return nil
		}
		var err error
		if to, err = set.pass(s, st, run); err != nil {
			return err
		}
	}
	return fmt.Errorf("enter %s: no question after %d states: %w", to.text, maxHops, ErrState)
}

// pass goes through a state that does not ask.
func (set *Set) pass(s *flows.Session, st *state, run Run) (target, error) {
	if st.when == "" {
		return set.do(s, &st.move, "", run)
	}
	value := known(s, st.when)
	for _, e := range st.is {
		if e.when == value {
			return e.to, nil
		}
	}
	return st.move.next, nil
}

// known is the value of a variable. Two are always known: how a caller talks to
// us, and in what language.
func known(s *flows.Session, name string) string {
	switch name {
	case "channel":
		return string(s.Channel)
	case "language":
		return s.Language
	}
	return s.Vars[name]
}

// arrive puts the caller before a screen.
func (set *Set) arrive(s *flows.Session, st *state) {
	s.Flow, s.State = st.flow.name, st.name
	s.Tries, s.Page = 0, 0
	s.Ended = st.ends()
	if !st.options {
		s.Options = nil
	}
	for i := range s.Options {
		s.Options[i].Label = set.plain(s.Options[i].Label)
	}
	set.speak(s, st.flow)
	set.draw(s, st)
}
