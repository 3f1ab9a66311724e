package api

import (
	_ "embed" // the document
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"hotline/flows/access"
)

//go:embed openapi.yaml
var source []byte

// document is openapi.yaml: as it is served, and as routes are made of it.
type document struct {
	json       json.RawMessage
	operations []operation
}

// operation is one thing that a program can ask for.
type operation struct {
	ID, Method, Path string
	// Verb is what it asks of its token; empty: only to be one.
	Verb access.Verb
	// Open operations need no token.
	Open   bool
	query  []string // the parameters that may stand in the address
	handle handler
}

// described is an operation as the document writes it.
type described struct {
	ID         string      `yaml:"operationId"`
	Verb       access.Verb `yaml:"x-verb"`
	Security   *[]any      `yaml:"security"`
	Parameters []struct {
		Name, In string
		Ref      string `yaml:"$ref"`
	}
}

// parsed is what of the document is needed to make routes.
type parsed struct {
	Paths      map[string]map[string]yaml.Node
	Components struct {
		Parameters map[string]struct{ Name, In string }
	}
}

func readDocument() (d document, err error) {
	var p parsed
	var whole map[string]any
	if err := yaml.Unmarshal(source, &p); err != nil {
		return d, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := yaml.Unmarshal(source, &whole); err != nil {
		return d, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if d.json, err = json.Marshal(whole); err != nil {
		return d, fmt.Errorf("read openapi.yaml: %w", err)
	}
	for _, path := range slices.Sorted(maps.Keys(p.Paths)) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			node, has := p.Paths[path][strings.ToLower(method)]
			if !has {
				continue
			}
			var o described
			if err := node.Decode(&o); err != nil {
				return d, fmt.Errorf("read openapi.yaml: %s %s: %w", method, path, err)
			}
			op := operation{ID: o.ID, Method: method, Path: path, Verb: o.Verb, Open: o.Security != nil && len(*o.Security) == 0}
			op.query = p.query(o)
			d.operations = append(d.operations, op)
		}
	}
	return d, nil
}

// query lists the parameters of an operation that stand in its address.
func (p *parsed) query(o described) (names []string) {
	for _, q := range o.Parameters {
		in, name := q.In, q.Name
		if q.Ref != "" {
			shared := p.Components.Parameters[q.Ref[strings.LastIndex(q.Ref, "/")+1:]]
			in, name = shared.In, shared.Name
		}
		if in == "query" {
			names = append(names, name)
		}
	}
	return names
}

// route is the path as the router writes it.
func (o *operation) route() string {
	return strings.ReplaceAll(strings.ReplaceAll(o.Path, "{", ":"), "}", "")
}

// fits reports whether a path is one of the operation.
func (o *operation) fits(path string) bool {
	want, have := strings.Split(Base+o.Path, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(a, b string) bool { return a == b || strings.HasPrefix(a, "{") && b != "" })
}

// methods are those of a path.
func (d *document) methods(path string) string {
	var list []string
	for i := range d.operations {
		if d.operations[i].Path == path {
			list = append(list, d.operations[i].Method)
		}
	}
	return strings.Join(list, ", ")
}

// Operations are all of the API with what they ask of their token, for the test
// that tries each for everybody.
func Operations() (map[string]access.Verb, error) {
	d, err := readDocument()
	all := map[string]access.Verb{}
	for i := range d.operations {
		o := &d.operations[i]
		all[o.Method+" "+o.Path] = o.Verb
	}
	return all, err
}

func (a *API) document(*call) (any, error) { return a.doc.json, nil }
