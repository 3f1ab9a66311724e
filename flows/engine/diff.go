package engine

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Diff says in words what callers would notice if newer took the place of older:
// screens that are added or gone, texts that read differently, answers that lead
// elsewhere. It writes one line for each and one if there is nothing.
func Diff(w io.Writer, older, newer *Set) error {
	d := &differ{old: older, new: newer}
	for _, name := range names(older.flows, newer.flows, func(f *flow) string { return f.name }) {
		d.flow(older.byName[name], newer.byName[name], name)
	}
	b := bufio.NewWriter(w)
	for _, line := range d.lines {
		_, _ = fmt.Fprintln(b, line)
	}
	if len(d.lines) == 0 {
		_, _ = fmt.Fprintln(b, "nothing changes for callers")
	}
	return b.Flush()
}

type differ struct {
	old, new *Set
	lines    []string
}

func (d *differ) say(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// names are the names in either list, in the order of the newer, then the older.
func names[T any](older, newer []T, name func(T) string) []string {
	var out []string
	for _, x := range slices.Concat(newer, older) {
		if !slices.Contains(out, name(x)) {
			out = append(out, name(x))
		}
	}
	return out
}

func (d *differ) flow(older, newer *flow, name string) {
	switch {
	case older == nil:
		d.say("flow %s is new: %s", name, count(len(newer.states), "state"))
		return
	case newer == nil:
		d.say("flow %s is gone", name)
		return
	}
	d.head(older, newer)
	for _, n := range names(older.states, newer.states, func(s *state) string { return s.name }) {
		d.state(older.byName[n], newer.byName[n])
	}
	if a, b := deepest(older), deepest(newer); a != b {
		d.say("%s: the longest way to an end was %s, now it is %s", name, count(a, "screen"), count(b, "screen"))
	}
}

func (d *differ) head(older, newer *flow) {
	if older.start.text != newer.start.text {
		d.say("%s: callers began at %s, now they begin at %s", newer.name, older.start.text, newer.start.text)
	}
	for _, lang := range newer.languages {
		if !slices.Contains(older.languages, lang) {
			d.say("%s: can be had in %s now", newer.name, lang)
		}
	}
	for _, lang := range older.languages {
		if !slices.Contains(newer.languages, lang) {
			d.say("%s: can no longer be had in %s", newer.name, lang)
		}
	}
	if older.tries != newer.tries {
		d.say("%s: a wrong answer was asked again %s, now %s", newer.name, count(older.tries, "time"), count(newer.tries, "time"))
	}
}

func (d *differ) state(older, newer *state) {
	switch {
	case older == nil && newer.passes() || newer == nil && older.passes():
		// Nobody sees such a state; where it leads is said of those before it.
	case older == nil:
		d.say("%s: new screen %q", newer.path, d.new.text(newer.flow.languages[0], newer.shown().ussd))
	case newer == nil:
		d.say("%s: screen gone %q", older.path, d.old.text(older.flow.languages[0], older.shown().ussd))
	default:
		d.words(older, newer)
		d.choices(older, newer)
		d.ways(older, newer)
	}
}

// shown is the prompt of what a caller reads in a state.
func (st *state) shown() prompt {
	if st.ends() {
		return st.end
	}
	return st.ask
}

// words compares what is read, in every language and channel.
func (d *differ) words(older, newer *state) {
	for _, lang := range newer.flow.languages {
		if !slices.Contains(older.flow.languages, lang) {
			continue
		}
		said := map[string]bool{}
		for ch := range newer.screens {
			for _, p := range [][2]prompt{{older.shown(), newer.shown()}, {older.again, newer.again}} {
				a, b := d.old.text(lang, p[0].key(ch)), d.new.text(lang, p[1].key(ch))
				if a != b && !said[a+"\x00"+b] {
					said[a+"\x00"+b] = true
					d.say("%s in %s: %q now reads %q", newer.path, lang, a, b)
				}
			}
		}
	}
}

// choices compares the numbered lines.
func (d *differ) choices(older, newer *state) {
	lang := newer.flow.languages[0]
	for _, key := range names(older.choices, newer.choices, func(c choice) string { return c.key }) {
		a, b := older.choice(key), newer.choice(key)
		switch {
		case a == nil:
			d.say("%s: new line %s %q", newer.path, key, d.new.text(lang, b.label))
		case b == nil:
			d.say("%s: line %s %q is gone", newer.path, key, d.old.text(lang, a.label))
		default:
			d.line(newer, a, b)
		}
	}
}

func (d *differ) line(st *state, a, b *choice) {
	for _, lang := range st.flow.languages {
		was, is := d.old.text(lang, a.label), d.new.text(lang, b.label)
		if was != "" && was != is {
			d.say("%s in %s: line %s %q now reads %q", st.path, lang, b.key, was, is)
		}
	}
	if a.value != b.value {
		d.say("%s: line %s was saved as %q, now as %q", st.path, b.key, a.value, b.value)
	}
}

func (st *state) choice(key string) *choice {
	for i := range st.choices {
		if st.choices[i].key == key {
			return &st.choices[i]
		}
	}
	return nil
}

// ways compares where answers lead.
func (d *differ) ways(older, newer *state) {
	was, is := leads(older), leads(newer)
	for _, label := range slices.Sorted(maps.Keys(is)) {
		if before, ok := was[label]; ok && before != is[label] {
			d.say("%s: %s led to %s, now to %s", newer.path, label, before, is[label])
		}
	}
	var gone []string
	for _, to := range was {
		if !slices.Contains(slices.Collect(maps.Values(is)), to) && !slices.Contains(gone, to) {
			gone = append(gone, to)
		}
	}
	slices.Sort(gone)
	for _, to := range gone {
		d.say("%s: no way leads to %s any more", newer.path, to)
	}
}

// leads tells where each answer or outcome leads.
func leads(st *state) map[string]string {
	out := map[string]string{}
	for _, e := range st.edges() {
		label := e.label
		if label == "" {
			label = "anything else"
		}
		out[label] = e.to.path
	}
	return out
}

// deepest counts the screens on the longest way to an end that shows no screen
// twice.
func deepest(fl *flow) int {
	on := map[*state]bool{}
	steps := 0
	var walk func(*state) int
	walk = func(st *state) int {
		steps++
		if on[st] || st.flow != fl || steps > maxPaths {
			return 0
		}
		on[st] = true
		defer delete(on, st)
		most := 0
		for _, e := range st.edges() {
			most = max(most, walk(e.to))
		}
		if st.passes() {
			return most
		}
		return most + 1
	}
	return walk(fl.start.state)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprint(n) + " " + what + "s"
}
