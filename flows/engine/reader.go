package engine

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// reader takes YAML apart and records what is not as it should be, so that all
// faults of a file are found in one go.
type reader struct {
	file   string
	faults *Faults
	// shaped files have been held against the schema: what is of the wrong type
	// is known by now and need not be said twice.
	shaped bool
}

// odd records a value of the wrong type.
func (r reader) odd(n *yaml.Node, what, want string) {
	if n.Kind == yaml.AliasNode {
		r.faults.add(r.at(n), "%s: an alias cannot stand here; write it out", what)
	} else if !r.shaped {
		r.faults.add(r.at(n), "%s: expected %s", what, want)
	}
}

// field is one line of a mapping.
type field struct {
	key   string
	at    pos // of the key
	value *yaml.Node
}

func (r reader) at(n *yaml.Node) pos { return pos{r.file, n.Line, n.Column} }

// fields are the lines of a mapping in the order they were written.
func (r reader) fields(n *yaml.Node, what string) []field {
	if n.Kind != yaml.MappingNode {
		r.odd(n, what, "a mapping")
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
		if slices.ContainsFunc(out, func(o field) bool { return o.key == f.key }) {
			r.faults.add(f.at, "%s: %q stands here twice", what, f.key)
			continue
		}
		out = append(out, f)
	}
	return out
}

// scalar is the text of a plain value.
func (r reader) scalar(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.odd(n, what, "a plain value")
		return "", false
	}
	return n.Value, true
}

// list is a sequence of plain values.
func (r reader) list(n *yaml.Node, what string) []string {
	if n.Kind != yaml.SequenceNode {
		r.odd(n, what, "a list")
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
