package engine

import (
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"hotline/flows"
)

// What a flow that does not say otherwise does.
const (
	defaultTries = 3
	defaultSteps = 60
	defaultMax   = 2000
)

// parse reads one flow file. Names are looked up later, when all files are read.
func parse(schema *jsonschema.Schema, name string, data []byte, faults *Faults) *flow {
	before := len(*faults)
	root := document(name, data, faults)
	if root == nil {
		if len(*faults) == before {
			faults.add(pos{name, 1, 1}, "no flow in this file")
		}
		return nil
	}
	shape(schema, name, root, faults)
	r := reader{name, faults, true}
	fl := &flow{at: r.at(root), tries: defaultTries, steps: defaultSteps, byName: map[string]*state{}, longest: map[string]string{}}
	for _, f := range r.fields(root, "flow") {
		r.flowField(fl, f)
	}
	for _, st := range fl.states {
		st.path = fl.name + "/" + st.name
	}
	return fl
}

func (r reader) flowField(fl *flow, f field) {
	switch f.key {
	case "flow":
		fl.name, _ = r.scalar(f.value, f.key)
		fl.at = r.at(f.value)
	case "audience":
		fl.audience, _ = r.scalar(f.value, f.key)
	case "languages":
		fl.languages = r.list(f.value, f.key)
	case "channels":
		for _, s := range r.list(f.value, f.key) {
			fl.channels = append(fl.channels, flows.Channel(s))
		}
	case "start":
		fl.start = r.target(f.value)
	case "home":
		fl.home = r.target(f.value)
	case "giveup":
		fl.giveup = r.target(f.value)
	case "tries":
		fl.tries = r.number(f.value, f.key)
	case "steps":
		fl.steps = r.number(f.value, f.key)
	case "stray":
		fl.stray, _ = r.scalar(f.value, f.key)
	case "words":
		fl.words = r.exits(f.value, f.key)
	case "longest":
		for _, p := range r.dict(f.value, f.key) {
			fl.longest[p.key] = p.value
		}
	case "texts":
		fl.texts = r.list(f.value, f.key)
	case "states":
		for _, s := range r.fields(f.value, "states") {
			st := r.state(s)
			st.flow = fl
			fl.states = append(fl.states, st)
			fl.byName[st.name] = st
		}
	}
}

func (r reader) state(s field) *state {
	st := &state{name: s.key, at: s.at}
	var choices *yaml.Node
	for _, f := range r.fields(s.value, "state "+s.key) {
		switch f.key {
		case "ask":
			st.ask = r.prompt(f.value)
		case "again":
			st.again = r.prompt(f.value)
		case "end":
			st.end = r.prompt(f.value)
		case "choices":
			choices = f.value
		case "input":
			st.input = r.input(f.value)
		case "options":
			st.options = r.truth(f.value, f.key)
		case "when":
			st.when, _ = r.scalar(f.value, f.key)
		case "is":
			st.is = r.exits(f.value, f.key)
		case "giveup":
			st.giveup = r.target(f.value)
		case "resume":
			st.resume = r.target(f.value)
		case "back":
			st.noBack = !r.truth(f.value, f.key)
		default:
			r.moveField(&st.move, f)
		}
	}
	st.move.at = st.at
	if choices != nil {
		r.choices(st, choices)
	}
	return st
}

func (r reader) moveField(m *move, f field) {
	switch f.key {
	case "save":
		m.save, _ = r.scalar(f.value, f.key)
	case "set":
		m.set = r.dict(f.value, f.key)
	case "language":
		m.language = r.dict(f.value, f.key)
	case "do":
		m.do, _ = r.scalar(f.value, f.key)
		m.doAt = r.at(f.value)
	case "on":
		m.on = r.exits(f.value, f.key)
	case "go":
		m.next = r.target(f.value)
	}
}

// choices reads the numbered lines. A plain value is saved; a mapping may do
// more. Both take from the state what they leave out.
func (r reader) choices(st *state, n *yaml.Node) {
	for _, f := range r.fields(n, "choices") {
		c := choice{key: f.key, at: f.at, value: f.key, label: st.ask.ussd + "." + f.key}
		c.move.at = f.at
		if f.value.Kind == yaml.ScalarNode {
			c.value, _ = r.scalar(f.value, "choice "+f.key)
		} else {
			for _, o := range r.fields(f.value, "choice "+f.key) {
				switch o.key {
				case "value":
					c.value, _ = r.scalar(o.value, o.key)
				case "label":
					c.label, _ = r.scalar(o.value, o.key)
				case "hidden":
					c.hidden = r.truth(o.value, o.key)
				default:
					r.moveField(&c.move, o)
				}
			}
		}
		c.move.inherit(st.move)
		st.choices = append(st.choices, c)
	}
}

// inherit fills in from the state what a choice leaves out. A choice that says
// itself where it goes, or only turns the language, inherits no verb.
func (m *move) inherit(from move) {
	if m.save == "" {
		m.save = from.save
	}
	if m.do == "" && !m.next.set() && len(m.language) == 0 {
		m.do, m.doAt, m.on, m.next = from.do, from.doAt, from.on, from.next
	}
}

func (r reader) prompt(n *yaml.Node) prompt {
	p := prompt{at: r.at(n)}
	if n.Kind == yaml.MappingNode {
		for _, f := range r.fields(n, "prompt") {
			s, _ := r.scalar(f.value, f.key)
			if f.key == "ussd" {
				p.ussd = s
			} else {
				p.sms = s
			}
		}
		return p
	}
	p.ussd, _ = r.scalar(n, "a text key")
	return p
}

func (r reader) input(n *yaml.Node) *input {
	in := &input{at: r.at(n), max: -1}
	for _, f := range r.fields(n, "input") {
		switch f.key {
		case "as":
			in.as, _ = r.scalar(f.value, f.key)
			in.at = r.at(f.value)
		case "min":
			in.min = r.number(f.value, f.key)
		case "max":
			in.max = r.number(f.value, f.key)
		}
	}
	return in
}

func (r reader) exits(n *yaml.Node, what string) []exit {
	var out []exit
	for _, f := range r.fields(n, what) {
		out = append(out, exit{f.key, f.at, r.target(f.value)})
	}
	return out
}

func (r reader) target(n *yaml.Node) target {
	s, _ := r.scalar(n, "where to go")
	return target{text: s, at: r.at(n)}
}

func (r reader) truth(n *yaml.Node, what string) bool {
	s, _ := r.scalar(n, what)
	return s == "true"
}

func (r reader) number(n *yaml.Node, what string) int {
	s, _ := r.scalar(n, what)
	v, _ := strconv.Atoi(s)
	return v
}
