package engine

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// drawing is a flow as nodes and arrows, before it has a place on paper.
type drawing struct {
	nodes  []*node
	arrows []*arrow
	byPath map[string]*node
}

// node is a state, or the first state of another flow.
type node struct {
	state   *state
	name    string
	text    string // what the caller reads there
	foreign bool   // it belongs to another flow
}

// arrow leads from a node to another, on any of its labels.
type arrow struct {
	from, to *node
	labels   []string
	giveup   bool
}

// drawing collects the states of a flow and where they lead. Arrows between the
// same two states are one.
func (set *Set) drawing(name, lang string) (*drawing, error) {
	fl := set.byName[name]
	if fl == nil {
		return nil, fmt.Errorf("draw flow %s: %w", name, ErrState)
	}
	if !slices.Contains(fl.languages, lang) {
		lang = fl.languages[0]
	}
	d := &drawing{byPath: map[string]*node{}}
	for _, st := range fl.states {
		d.node(set, fl, st, lang)
	}
	for _, st := range fl.states {
		from := d.byPath[st.path]
		for _, e := range st.edges() {
			d.arrow(from, d.node(set, fl, e.to, lang), set.arrowLabel(st, e, lang), e.giveup)
		}
	}
	return d, nil
}

func (d *drawing) node(set *Set, fl *flow, st *state, lang string) *node {
	if n := d.byPath[st.path]; n != nil {
		return n
	}
	n := &node{state: st, name: st.name, foreign: st.flow != fl}
	switch {
	case n.foreign:
		n.name = "/" + st.path
	case st.asks():
		n.text = set.text(lang, st.ask.ussd)
	case st.ends():
		n.text = set.text(lang, st.end.ussd)
	case st.when != "":
		n.text = st.when + "?"
	default:
		n.text = st.move.do
	}
	d.nodes = append(d.nodes, n)
	d.byPath[st.path] = n
	return n
}

func (d *drawing) arrow(from, to *node, label string, giveup bool) {
	for _, a := range d.arrows {
		if a.from == from && a.to == to && a.giveup == giveup {
			if label != "" && !slices.Contains(a.labels, label) {
				a.labels = append(a.labels, label)
			}
			return
		}
	}
	a := &arrow{from: from, to: to, giveup: giveup}
	if label != "" {
		a.labels = []string{label}
	}
	d.arrows = append(d.arrows, a)
}

// arrowLabel is an edge in words: the line of a choice, or the outcome.
func (set *Set) arrowLabel(st *state, e edge, lang string) string {
	key, rest, _ := strings.Cut(e.label, " ")
	for _, c := range st.choices {
		if c.key == key {
			return strings.TrimSpace(key + " " + strings.TrimSpace(set.text(lang, c.label)+" "+outcome(rest)))
		}
	}
	return e.label
}

// outcome keeps of "verb: outcome" what tells ways apart.
func outcome(label string) string {
	if _, what, ok := strings.Cut(label, ": "); ok {
		return "(" + what + ")"
	}
	return ""
}

// Mermaid writes a flow as a Mermaid flowchart, with the words of a language.
func (set *Set) Mermaid(w io.Writer, flow, language string) error {
	d, err := set.drawing(flow, language)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	_, _ = fmt.Fprintln(b, "flowchart TD")
	for _, n := range d.nodes {
		_, _ = fmt.Fprintf(b, "  %s%s\n", mermaidID(n), mermaidBox(n))
	}
	for _, a := range d.arrows {
		line, label := "-->", ""
		if a.giveup {
			line = "-.->"
		}
		if len(a.labels) > 0 {
			label = "|" + mermaidText(strings.Join(a.labels, "<br/>")) + "|"
		}
		_, _ = fmt.Fprintf(b, "  %s %s%s %s\n", mermaidID(a.from), line, label, mermaidID(a.to))
	}
	return b.Flush()
}

func mermaidID(n *node) string { return "s_" + strings.ReplaceAll(n.state.path, "/", "_") }

func mermaidBox(n *node) string {
	text := mermaidText(n.name)
	if n.text != "" {
		text = "<b>" + text + "</b><br/>" + mermaidText(n.text)
	}
	switch {
	case n.foreign:
		return `[["` + text + `"]]`
	case n.state.ends():
		return `(["` + text + `"])`
	case n.state.passes():
		return `{{"` + text + `"}}`
	}
	return `["` + text + `"]`
}

// mermaidText keeps words from being read as Mermaid.
func mermaidText(s string) string {
	return strings.NewReplacer(`"`, "#quot;", "{", "#123;", "}", "#125;", "|", "#124;", "\n", "<br/>").Replace(s)
}
