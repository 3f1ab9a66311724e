package engine

// edge is one way from a state to the next.
type edge struct {
	label string // the key, outcome or value that leads here
	to    *state
	verb  bool // a verb is run on the way
	// giveup marks the way that too many wrong answers take.
	giveup bool
}

// edges are all ways out of a state, in the order of the file. Back and home are
// none: they lead to where a caller has been.
func (st *state) edges() []edge {
	if st.ends() {
		return nil
	}
	var out []edge
	for i := range st.choices {
		c := &st.choices[i]
		out = append(out, c.move.edges(c.key)...)
	}
	switch {
	case st.input != nil:
		out = append(out, st.move.edges(st.input.as)...)
	case st.options:
		out = append(out, st.move.edges("option")...)
	case st.when != "":
		for _, e := range st.is {
			out = appendEdge(out, st.when+"="+e.when, e.to)
		}
		out = appendEdge(out, "", st.move.next)
	case !st.asks():
		out = append(out, st.move.edges("")...)
	}
	if st.asks() {
		to := st.giveup
		if !to.set() {
			to = st.flow.giveup
		}
		if to.state != nil {
			out = append(out, edge{label: "wrong", to: to.state, giveup: true})
		}
	}
	return out
}

// edges are the ways that an answer may take.
func (m *move) edges(label string) []edge {
	var out []edge
	if m.do == "" {
		return appendEdge(out, label, m.next)
	}
	for _, e := range m.on {
		out = appendEdge(out, spaced(label, m.do+": "+e.when), e.to)
	}
	out = appendEdge(out, spaced(label, m.do), m.next)
	for i := range out {
		out[i].verb = true
	}
	return out
}

func appendEdge(out []edge, label string, to target) []edge {
	if to.state == nil {
		return out
	}
	return append(out, edge{label: label, to: to.state})
}

func spaced(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

// passes reports whether the state is gone through at once.
func (st *state) passes() bool { return !st.asks() && !st.ends() }

// reach collects every state that can be come to from one, itself included.
func reach(from *state, giveup bool, seen map[*state]bool) {
	if from == nil || seen[from] {
		return
	}
	seen[from] = true
	for _, e := range from.edges() {
		if giveup || !e.giveup {
			reach(e.to, giveup, seen)
		}
	}
}

// ring finds a state that passes through to itself, or nil.
func ring(st *state) bool {
	seen := map[*state]bool{}
	var walk func(*state) bool
	walk = func(at *state) bool {
		if !at.passes() || seen[at] {
			return false
		}
		seen[at] = true
		for _, e := range at.edges() {
			if e.to == st || walk(e.to) {
				return true
			}
		}
		return false
	}
	return st.passes() && walk(st)
}

// closes reports whether a state comes to an end without asking anything.
func (st *state) closes() bool {
	seen := map[*state]bool{}
	var walk func(*state) bool
	walk = func(at *state) bool {
		if at.ends() {
			return true
		}
		if at.asks() || seen[at] {
			return false
		}
		seen[at] = true
		for _, e := range at.edges() {
			if !walk(e.to) {
				return false
			}
		}
		return true
	}
	return walk(st)
}
