package engine

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v4"
)

// schemaFile is the shape of a flow file. Editors use the very same.
const schemaFile = "flows/schema.json"

// noLoader keeps the schema compiler from reading anything by itself.
type noLoader struct{}

// Load refuses.
func (noLoader) Load(url string) (any, error) { return nil, fmt.Errorf("%s is not loaded", url) }

func readSchema(data string) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", schemaFile, err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	if err := c.AddResource(schemaFile, doc); err != nil {
		return nil, fmt.Errorf("read %s: %w", schemaFile, err)
	}
	schema, err := c.Compile(schemaFile)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", schemaFile, err)
	}
	return schema, nil
}

// shape holds a file against the schema and records every difference where it
// stands.
func shape(schema *jsonschema.Schema, name string, root *yaml.Node, faults *Faults) {
	err := schema.Validate(plain(root))
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		leaves(invalid, func(e *jsonschema.ValidationError) {
			if key, value := locate(root, e.InstanceLocation); value.Kind != yaml.AliasNode {
				describe(e, name, key, value, faults)
			}
		})
	}
}

// leaves visits the errors that have no finer cause.
func leaves(e *jsonschema.ValidationError, visit func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 {
		visit(e)
		return
	}
	for _, c := range e.Causes {
		leaves(c, visit)
	}
}

// describe says in our words what the schema found.
func describe(e *jsonschema.ValidationError, name string, key, value *yaml.Node, faults *Faults) {
	at := pos{name, value.Line, value.Column}
	where := strings.Join(e.InstanceLocation, ".")
	if where == "" {
		where = "flow"
	}
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, p := range k.Properties {
			if child, _ := member(value, p); child != nil {
				at.line, at.col = child.Line, child.Column
			}
			faults.add(at, "%s: unknown key %q%s", where, p, hint(e.InstanceLocation))
		}
	case *kind.Required:
		for _, p := range k.Missing {
			faults.add(pos{name, key.Line, key.Column}, "%s: %s is missing", where, p)
		}
	case *kind.Type:
		faults.add(at, "%s: expected %s, not %s", where, typeNames(k.Want...), typeNames(k.Got))
	case *kind.Enum:
		faults.add(at, "%s: unknown word %v; known are %s", where, k.Got, join(k.Want))
	case *kind.Pattern:
		faults.add(at, "%s: %q cannot be: expected %s", where, k.Got, look(k.Want))
	case *kind.Minimum:
		faults.add(at, "%s: %s is below %s", where, k.Got.RatString(), k.Want.RatString())
	case *kind.Maximum:
		faults.add(at, "%s: %s is above %s", where, k.Got.RatString(), k.Want.RatString())
	case *kind.MinItems, *kind.MinProperties:
		faults.add(at, "%s: is empty", where)
	case *kind.UniqueItems:
		faults.add(at, "%s: the same value stands here twice", where)
	default:
		faults.add(at, "%s: does not fit the schema", where)
	}
}

// hint says what the keys of a mapping look like whose names are free.
//
// The schema uses patternProperties for them and not propertyNames: the place
// that jsonschema v6.0.3 reports for those is overwritten by later ones.
func hint(path []string) string {
	if len(path) == 0 {
		return ""
	}
	switch path[len(path)-1] {
	case "choices":
		return ": expected one or two digits"
	case "words":
		return ": expected words in small letters without accents"
	case "states", "set", "longest", "language":
		return ": expected small letters, digits and _"
	}
	return ""
}

// look says what a pattern of the schema looks like.
func look(pattern string) string {
	switch {
	case strings.HasPrefix(pattern, "^(/"):
		return "a state, /flow or /flow/state, in small letters"
	case strings.HasPrefix(pattern, "^[a-z]{"):
		return "a folder of locales, as vi"
	}
	return "small letters, digits and _"
}

// typeNames are the schema's types as people say them.
func typeNames(types ...string) string {
	said := make([]string, len(types))
	for i, t := range types {
		switch t {
		case "object":
			said[i] = "a mapping"
		case "array":
			said[i] = "a list"
		case "string":
			said[i] = "a text"
		case "integer", "number":
			said[i] = "a number"
		case "boolean":
			said[i] = "true or false"
		default:
			said[i] = "nothing"
		}
	}
	return strings.Join(said, " or ")
}

func join(values []any) string {
	said := make([]string, len(values))
	for i, v := range values {
		said[i] = fmt.Sprint(v)
	}
	return strings.Join(said, ", ")
}

// plain is a node as the schema sees it. Keys are texts whatever they look like.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = plain(c)
		}
		return list
	}
	switch n.Tag {
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			return i
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
	case "!!bool":
		return n.Value == "true"
	case "!!null":
		return nil
	}
	return n.Value
}

// locate finds the key and the value at a path of keys and indices.
func locate(root *yaml.Node, path []string) (key, value *yaml.Node) {
	key, value = root, root
	for _, p := range path {
		k, v := member(value, p)
		if v == nil {
			return key, value
		}
		key, value = k, v
	}
	return key, value
}

// member is a line of a mapping or an item of a list.
func member(n *yaml.Node, name string) (key, value *yaml.Node) {
	if n.Kind == yaml.SequenceNode {
		var i int
		if _, err := fmt.Sscan(name, &i); err == nil && i < len(n.Content) {
			return n.Content[i], n.Content[i]
		}
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}
