package engine

import (
	"slices"
	"strings"
)

// link looks up every name in the flows: states, verbs, outcomes. What it lets
// pass can be played without getting stuck between two questions.
func (set *Set) link(faults *Faults) {
	for _, fl := range set.flows {
		l := linker{set, fl, faults}
		l.head()
		for _, st := range fl.states {
			l.state(st)
			l.words(st)
		}
	}
	for _, fl := range set.flows {
		linker{set, fl, faults}.paths()
	}
}

// paths checks what needs every target of every flow.
func (l linker) paths() {
	for _, st := range l.flow.states {
		if ring(st) {
			l.faults.add(st.at, "state %s comes back to itself without a question", st.name)
		}
		for _, e := range st.edges() {
			if e.to.options && !e.verb {
				l.faults.add(st.at, "state %s leads to the list of %s without a verb that makes the list", st.name, e.to.name)
			}
		}
	}
	if to := l.flow.giveup; to.state != nil && !to.state.closes() {
		l.faults.add(to.at, "giveup: %s must come to an end without asking anything", to.text)
	}
}

type linker struct {
	set    *Set
	flow   *flow
	faults *Faults
}

func (l linker) head() {
	fl := l.flow
	l.place(&fl.start)
	l.place(&fl.giveup)
	if fl.home.set() {
		l.place(&fl.home)
	}
	for i := range fl.words {
		l.place(&fl.words[i].to)
	}
	if fl.stray != "" && !slices.Equal(l.set.verbs[fl.stray], []string{"ok"}) {
		l.faults.add(fl.at, "stray: %s is no verb whose only outcome is ok", fl.stray)
	}
}

// passing links the exits of a state that asks nothing: there is no answer that
// could be wrong, and no question to come back from.
func (l linker) passing(st *state) {
	targets := []target{st.move.next}
	for _, e := range slices.Concat(st.is, st.move.on) {
		targets = append(targets, e.to)
	}
	for _, t := range targets {
		if t.kind != toState && t.kind != toNowhere {
			l.faults.add(t.at, "state %s asks nothing and cannot go %s", st.name, t.text)
		}
	}
}

// place links a target that must be a state.
func (l linker) place(t *target) {
	l.target(t)
	if t.set() && t.kind != toState && t.kind != toNowhere {
		l.faults.add(t.at, "%s is not a state", t.text)
	}
}

func (l linker) state(st *state) {
	l.kind(st)
	if in := st.input; in != nil {
		if in.max >= 0 && in.min > in.max {
			l.faults.add(in.at, "input accepts nothing: min %d is above max %d", in.min, in.max)
		}
		in.complete()
	}
	for i := range st.choices {
		l.move(&st.choices[i].move, "choice "+st.choices[i].key)
	}
	if st.input != nil || st.options || (!st.asks() && !st.ends() && st.when == "") {
		l.move(&st.move, "state "+st.name)
	}
	for i := range st.is {
		l.target(&st.is[i].to)
	}
	if st.when != "" {
		l.target(&st.move.next)
		if !st.move.next.set() {
			l.faults.add(st.at, "state %s: go is missing: where does any other value of %s lead?", st.name, st.when)
		}
	}
	if !st.asks() && !st.ends() {
		l.passing(st)
	}
	l.place(&st.giveup)
	l.place(&st.resume)
}

// kind checks that a state is exactly one thing: a question, a last screen or a
// step that passes through.
func (l linker) kind(st *state) {
	add := func(format string, args ...any) { l.faults.add(st.at, "state "+st.name+": "+format, args...) }
	answers := len(st.choices) > 0 || st.input != nil || st.options
	switch {
	case st.asks() && st.ends():
		add("has both ask and end")
	case st.asks() && st.when != "":
		add("has both ask and when")
	case st.asks() && !answers:
		add("asks but takes no answer: choices, input or options is missing")
	case st.asks() && !st.again.set():
		add("again is missing: simpler words after a wrong answer")
	case !st.asks() && answers:
		add("takes answers but asks nothing")
	case st.ends() && (st.move.do != "" || st.move.next.set() || st.when != ""):
		add("an end leads nowhere and does nothing")
	case st.options && st.input != nil:
		add("has both options and input")
	}
}

// move links what an answer does.
func (l linker) move(m *move, what string) {
	for i := range m.on {
		l.target(&m.on[i].to)
	}
	for _, p := range m.language {
		for _, lang := range []string{p.key, p.value} {
			if !slices.Contains(l.flow.languages, lang) {
				l.faults.add(p.at, "%s: flow %s does not speak %s", what, l.flow.name, lang)
			}
		}
	}
	l.target(&m.next)
	if m.do == "" {
		if len(m.on) > 0 {
			l.faults.add(m.on[0].at, "%s: on without do", what)
		}
		if !m.next.set() && len(m.language) == 0 {
			l.faults.add(m.at, "%s leads nowhere: go is missing", what)
		}
		return
	}
	outcomes, ok := l.set.verbs[m.do]
	if !ok {
		l.faults.add(m.doAt, "unknown verb %q", m.do)
		return
	}
	for _, e := range m.on {
		if !slices.Contains(outcomes, e.when) {
			l.faults.add(e.at, "verb %s has no outcome %q; it has %s", m.do, e.when, strings.Join(outcomes, ", "))
		}
	}
	for _, o := range outcomes {
		if !m.next.set() && !slices.ContainsFunc(m.on, func(e exit) bool { return e.when == o }) {
			l.faults.add(m.doAt, "%s: outcome %s of verb %s leads nowhere", what, o, m.do)
		}
	}
}

// target finds what a target means.
func (l linker) target(t *target) {
	switch t.text {
	case "":
		return
	case "again":
		t.kind = toAgain
		return
	case "back":
		t.kind = toBack
		return
	case "home":
		t.kind = toHome
		return
	}
	fl, name := l.flow, t.text
	if rest, ok := strings.CutPrefix(name, "/"); ok {
		other, state, deep := strings.Cut(rest, "/")
		if fl = l.set.byName[other]; fl == nil {
			l.faults.add(t.at, "there is no flow %s", other)
			return
		}
		if name = state; !deep {
			name = fl.start.text
		}
	}
	if t.state = fl.byName[name]; t.state == nil {
		l.faults.add(t.at, "there is no state %s in flow %s", name, fl.name)
		return
	}
	t.kind = toState
}
