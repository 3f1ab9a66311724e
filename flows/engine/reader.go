package engine

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// reader takes YAML apart and records what is not as it should be, so that all
// faults of a file are found in one go.
type reader struct {
	file   string
	faults *Faults
}

// field is one line of a mapping.
type field struct {
	key   string
	at    pos // of the key
	value *yaml.Node
}

func (r reader) at(n *yaml.Node) pos { return pos{r.file, n.Line, n.Column} }

// fields are the lines of a mapping in the order they were written. With a list
// of known keys every other key is a fault.
func (r reader) fields(n *yaml.Node, what string, known ...string) []field {
	if n.Kind == yaml.AliasNode {
		r.faults.add(r.at(n), "%s: anchors and aliases are not for flows; write it out", what)
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.faults.add(r.at(n), "%s: expected a mapping", what)
		return nil
	}
	var out []field
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode {
			r.faults.add(r.at(k), "%s: a key must be a plain word", what)
			continue
		}
		f := field{k.Value, r.at(k), n.Content[i+1]}
		switch {
		case slices.ContainsFunc(out, func(o field) bool { return o.key == f.key }):
			r.faults.add(f.at, "%s: %q stands here twice", what, f.key)
		case len(known) > 0 && !slices.Contains(known, f.key):
			r.faults.add(f.at, "%s: unknown key %q; known are %s", what, f.key, strings.Join(known, ", "))
		default:
			out = append(out, f)
		}
	}
	return out
}

// scalar is the text of a plain value.
func (r reader) scalar(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.faults.add(r.at(n), "%s: expected a plain value", what)
		return "", false
	}
	return n.Value, true
}

// list is a sequence of plain values.
func (r reader) list(n *yaml.Node, what string) []string {
	if n.Kind != yaml.SequenceNode {
		r.faults.add(r.at(n), "%s: expected a list", what)
		return nil
	}
	var out []string
	for _, c := range n.Content {
		if s, ok := r.scalar(c, what); ok {
			out = append(out, s)
		}
	}
	return out
}

// dict is a mapping of plain values, in the order it was written.
func (r reader) dict(n *yaml.Node, what string) []pair {
	var out []pair
	for _, f := range r.fields(n, what) {
		if s, ok := r.scalar(f.value, what); ok {
			out = append(out, pair{f.key, s, r.at(f.value)})
		}
	}
	return out
}

// pair is a name and a plain value.
type pair struct {
	key, value string
	at         pos // of the value
}
