package gateway

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"hotline/handlers/wire"
)

// values fill what is written: $name by vars, $in.PATH by the request.
type values struct {
	vars map[string]any
	in   document
}

var placeholder = regexp.MustCompile(`\$(in\.[/?]?[\w.@#-]*[\w@#]|[a-z]+)`)

// lookup finds the value of a placeholder without its sign. What is not known is
// empty.
func (v values) lookup(name string) any {
	if path, ok := strings.CutPrefix(name, "in."); ok {
		raw, _ := v.in.get(path)
		return raw
	}
	return v.vars[name]
}

// fill replaces what a setting holds. A setting that is one placeholder takes
// the value with its kind: a boolean stays one.
func (v values) fill(setting any) any {
	s, ok := setting.(string)
	if !ok {
		return setting
	}
	if m := placeholder.FindString(s); m == s && m != "" {
		return v.lookup(s[1:])
	}
	return v.expand(s, func(s string) string { return s })
}

// expand replaces in one pass, so that a dollar in a text is a dollar.
func (v values) expand(s string, escape func(string) string) string {
	return placeholder.ReplaceAllStringFunc(s, func(name string) string { return escape(plain(v.lookup(name[1:]))) })
}

func plain(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// write makes a body and its content type.
func (p *Page) write(v values) ([]byte, string, error) {
	switch p.Body {
	case JSON:
		var root any
		for _, f := range p.Fields {
			root = plant(root, strings.Split(f.Path, "."), v.fill(f.Value))
		}
		b, err := json.Marshal(root)
		if err != nil {
			return nil, "", fmt.Errorf("encode JSON: %w", err)
		}
		return b, wire.TypeJSON, nil
	case Form:
		form := url.Values{}
		for _, f := range p.Fields {
			form.Set(f.Path, plain(v.fill(f.Value)))
		}
		return []byte(form.Encode()), wire.TypeForm, nil
	case XML:
		return []byte(v.expand(p.Template, escapeXML)), wire.TypeXML + "; charset=utf-8", nil
	case Text:
		return []byte(v.expand(p.Template, func(s string) string { return s })), "text/plain; charset=utf-8", nil
	default:
		return nil, "", nil
	}
}

// headers sets the headers of a page. One that needs a key is left out where
// none is set.
func (p *Page) headers(h http.Header, v values) {
	for name, setting := range p.Headers {
		if strings.Contains(setting, "$key") && v.vars["key"] == "" {
			continue
		}
		h.Set(name, v.expand(setting, func(s string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(s) }))
	}
}

func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// plant puts a value into a tree at a path; a segment that is a number makes a
// list.
func plant(tree any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if i, err := strconv.Atoi(path[0]); err == nil && i >= 0 && i < 100 {
		list, _ := tree.([]any)
		for len(list) <= i {
			list = append(list, nil)
		}
		list[i] = plant(list[i], path[1:], value)
		return list
	}
	o, ok := tree.(*object)
	if !ok {
		o = &object{}
	}
	for i := range *o {
		if (*o)[i].Path == path[0] {
			(*o)[i].Value = plant((*o)[i].Value, path[1:], value)
			return o
		}
	}
	*o = append(*o, Pair{path[0], plant(nil, path[1:], value)})
	return o
}

// object is a JSON object whose members keep their order.
type object []Pair

// MarshalJSON writes the members in order.
func (o *object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range *o {
		name, err1 := json.Marshal(m.Path)
		value, err2 := json.Marshal(m.Value)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}
