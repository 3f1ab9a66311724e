package gateway

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hotline/handlers/wire"
)

// document is a request body of any kind as a tree: maps, lists and scalars.
// Attributes of XML have an @ before their name.
type document struct {
	body  any
	query url.Values
	path  []string // segments of the address after the route
}

// readDocument decodes a request. route is the last word of the route.
func readDocument(r *http.Request, route string, kind Body, body []byte) (document, error) {
	d := document{query: r.URL.Query()}
	if _, rest, ok := strings.Cut(r.URL.Path, "/"+route+"/"); ok {
		d.path = strings.Split(rest, "/")
	}
	var err error
	switch kind {
	case JSON:
		d.body, err = fromJSON(r, body)
	case XML:
		d.body, err = fromXML(r, body)
	case Params:
		if r.Method == http.MethodGet {
			d.body = fromForm(d.query)
			break
		}
		fallthrough
	default:
		var form url.Values
		form, err = wire.Form(r)
		d.body = fromForm(form)
	}
	return d, err
}

func fromJSON(r *http.Request, body []byte) (any, error) {
	if !wire.IsType(r, wire.TypeJSON) {
		return nil, wire.WrongType(wire.TypeJSON)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // a number of a caller must not become 8.49e+10
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, wire.Malformed("JSON")
	}
	return v, nil
}

func fromForm(form url.Values) any {
	m := map[string]any{}
	for k, v := range form {
		m[k] = v[0]
	}
	return m
}

func fromXML(r *http.Request, body []byte) (any, error) {
	if !wire.IsType(r, wire.TypeXML, "text/xml") {
		return nil, wire.WrongType(wire.TypeXML)
	}
	dec := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := dec.Token()
		if err != nil {
			return nil, wire.Malformed("XML")
		}
		if start, ok := token.(xml.StartElement); ok {
			v, err := element(dec, start, 0)
			if err != nil {
				return nil, wire.Malformed("XML")
			}
			return map[string]any{start.Name.Local: v}, nil
		}
	}
}

// deepest is how far elements may be nested.
const deepest = 20

var errDeep = errors.New("nested too deeply")

// element reads one element: its text alone, or a map of what is in it.
func element(dec *xml.Decoder, start xml.StartElement, depth int) (any, error) {
	if depth > deepest {
		return nil, errDeep
	}
	m := map[string]any{}
	for _, a := range start.Attr {
		m["@"+a.Name.Local] = a.Value
	}
	var text strings.Builder
	for {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			v, err := element(dec, t, depth+1)
			if err != nil {
				return nil, err
			}
			add(m, t.Name.Local, v)
		case xml.EndElement:
			if len(m) == 0 {
				return text.String(), nil
			}
			m["#"] = text.String()
			return m, nil
		}
	}
}

// add makes a list of an element that comes again.
func add(m map[string]any, name string, v any) {
	switch have := m[name].(type) {
	case nil:
		m[name] = v
	case []any:
		m[name] = append(have, v)
	default:
		m[name] = []any{have, v}
	}
}

// items are the documents of the list at a path, or the document itself.
func (d document) items(list string) []document {
	if list == "" {
		return []document{d}
	}
	v, ok := d.get(list)
	if !ok {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	docs := make([]document, len(items))
	for i, v := range items {
		docs[i] = document{body: v, query: d.query, path: d.path}
	}
	return docs
}

// get follows a path.
func (d document) get(path string) (any, bool) {
	if rest, ok := strings.CutPrefix(path, "/"); ok {
		i, err := strconv.Atoi(rest)
		if err != nil || i < 0 || i >= len(d.path) {
			return nil, false
		}
		return d.path[i], true
	}
	if rest, ok := strings.CutPrefix(path, "?"); ok {
		return d.query.Get(rest), d.query.Has(rest)
	}
	v := d.body
	for name := range strings.SplitSeq(path, ".") {
		switch t := v.(type) {
		case map[string]any:
			if v = t[name]; v == nil {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(t) {
				return nil, false
			}
			v = t[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// str is a scalar at a path as text.
func (d document) str(path string) (string, bool) {
	if path == "" {
		return "", false
	}
	v, ok := d.get(path)
	if !ok {
		return "", false
	}
	switch t := v.(type) {
	case string:
		return t, true
	case json.Number:
		return t.String(), true
	case bool:
		return strconv.FormatBool(t), true
	case map[string]any:
		s, ok := t["#"].(string)
		return s, ok
	}
	return "", false
}

// drain reads a body and leaves it to be read again.
func drain(r *http.Request) ([]byte, error) {
	body, err := wire.Whole(r)
	if err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}
