package record

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
)

var errKind = errors.New("its kind cannot be stored")

// planner learns types, each struct once.
type planner struct {
	numbers map[string][]string
	known   map[reflect.Type]*structPlan
}

func (p *planner) structOf(t reflect.Type) (*structPlan, error) {
	if plan := p.known[t]; plan != nil {
		return plan, nil
	}
	numbers := p.numbers[t.Name()]
	plan := &structPlan{byNumber: make([]int, len(numbers)+1)}
	p.known[t] = plan
	for i := range plan.byNumber {
		plan.byNumber[i] = -1
	}
	for i := range t.NumField() {
		f := t.Field(i)
		k, err := p.kindOf(f.Type)
		if err != nil || !f.IsExported() {
			return nil, fmt.Errorf("%s: %w", f.Name, errors.Join(err, errKind))
		}
		field := fieldPlan{name: f.Name, kind: k}
		for n, name := range numbers {
			if name == f.Name {
				field.number, plan.byNumber[n+1] = uint64(n+1), i
			}
		}
		plan.fields = append(plan.fields, field)
	}
	return plan, nil
}

func (p *planner) kindOf(t reflect.Type) (kind, error) {
	if t == reflect.TypeFor[time.Time]() {
		return kind{appendMoment, decodeMoment}, nil
	}
	// What encodes itself has a reason to: flows.Phone masks its number.
	if t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return kind{}, errKind
	}
	switch t.Kind() {
	case reflect.String:
		return kind{appendText, decodeText}, nil
	case reflect.Bool:
		return kind{appendBool, decodeBool}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return kind{appendInt, decodeInt}, nil
	case reflect.Struct:
		plan, err := p.structOf(t)
		return kind{plan.append, plan.decode}, err
	case reflect.Pointer:
		elem, err := p.kindOf(t.Elem())
		return pointerKind(t, elem), err
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return kind{appendBytes, decodeBytes}, nil
		}
		elem, err := p.kindOf(t.Elem())
		if t.Elem().Kind() == reflect.Pointer { // an element could be nil
			err = errKind
		}
		return sliceKind(t, elem), err
	case reflect.Map:
		key, keyErr := p.kindOf(t.Key())
		value, err := p.kindOf(t.Elem())
		if t.Elem().Kind() == reflect.Pointer {
			err = errKind
		}
		return mapKind(t, key, value), errors.Join(keyErr, err)
	}
	return kind{}, errKind
}

func appendText(b []byte, v reflect.Value) []byte  { return append(b, v.String()...) }
func decodeText(s string, v reflect.Value) error   { v.SetString(s); return nil }
func appendBytes(b []byte, v reflect.Value) []byte { return append(b, v.Bytes()...) }
func decodeBytes(s string, v reflect.Value) error  { v.SetBytes([]byte(s)); return nil }
func decodeBool(s string, v reflect.Value) error   { v.SetBool(s == "\x01"); return nil }

func appendBool(b []byte, v reflect.Value) []byte {
	if v.Bool() {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendInt(b []byte, v reflect.Value) []byte { return binary.AppendUvarint(b, zigzag(v.Int())) }

func decodeInt(s string, v reflect.Value) error {
	n, _, ok := uvarint(s)
	if !ok || v.OverflowInt(unzigzag(n)) {
		return ErrRecord
	}
	v.SetInt(unzigzag(n))
	return nil
}

// appendMoment is the moment in milliseconds, and what is left in nanoseconds if
// something is: that is rare.
func appendMoment(b []byte, v reflect.Value) []byte {
	t := moment(v)
	b = binary.AppendUvarint(b, zigzag(t.UnixMilli()))
	if ns := t.Nanosecond() % int(time.Millisecond); ns != 0 {
		b = binary.AppendUvarint(b, uint64(ns))
	}
	return b
}

func decodeMoment(s string, v reflect.Value) error {
	ms, rest, ok := uvarint(s)
	ns := uint64(0)
	if ok && rest != "" {
		ns, _, ok = uvarint(rest)
	}
	if !ok {
		return ErrRecord
	}
	*moment(v) = time.UnixMilli(unzigzag(ms)).Add(time.Duration(ns)).UTC()
	return nil
}

// moment is the time in v, which is part of something addressable.
func moment(v reflect.Value) *time.Time { return v.Addr().Interface().(*time.Time) }

func pointerKind(t reflect.Type, elem kind) kind {
	return kind{
		append: func(b []byte, v reflect.Value) []byte { return elem.append(b, v.Elem()) },
		decode: func(s string, v reflect.Value) error {
			v.Set(reflect.New(t.Elem()))
			return elem.decode(s, v.Elem())
		},
	}
}

// sliceKind stores the elements one after the other, each with its length.
func sliceKind(t reflect.Type, elem kind) kind {
	return kind{
		append: func(b []byte, v reflect.Value) []byte {
			for i := range v.Len() {
				b = elem.sized(b, v.Index(i))
			}
			return b
		},
		decode: func(s string, v reflect.Value) error {
			n := 0
			for rest := s; rest != ""; n++ {
				var ok bool
				if _, rest, ok = Cut(rest); !ok {
					return ErrRecord
				}
			}
			v.Set(reflect.MakeSlice(t, n, n))
			for i := range n {
				content, rest, _ := Cut(s)
				if err := elem.decode(content, v.Index(i)); err != nil {
					return err
				}
				s = rest
			}
			return nil
		},
	}
}

// mapKind stores keys and values in turn, each with its length.
func mapKind(t reflect.Type, key, value kind) kind {
	return kind{
		append: func(b []byte, v reflect.Value) []byte {
			// Copies that can be addressed, which a moment wants.
			k, e := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			for pairs := v.MapRange(); pairs.Next(); {
				k.SetIterKey(pairs)
				e.SetIterValue(pairs)
				b = value.sized(key.sized(b, k), e)
			}
			return b
		},
		decode: func(s string, v reflect.Value) error {
			v.Set(reflect.MakeMap(t))
			for s != "" {
				k, rest, ok := Cut(s)
				e, rest, ok2 := Cut(rest)
				if !ok || !ok2 {
					return ErrRecord
				}
				newKey, newValue := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
				if err := errors.Join(key.decode(k, newKey), value.decode(e, newValue)); err != nil {
					return err
				}
				v.SetMapIndex(newKey, newValue)
				s = rest
			}
			return nil
		},
	}
}
