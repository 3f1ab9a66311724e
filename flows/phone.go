package flows

import (
	"errors"
	"fmt"
	"io"
	"unique"
)

// ErrPhone says that a text is not an E.164 number. It never holds the text.
var ErrPhone = errors.New("not an international phone number like +84901234567")

// Phone is a number in E.164 form, as +84901234567. However it is printed,
// logged or encoded it hides all that could tell whose it is; the number itself
// needs a call of E164, so that a search finds every use. It is a struct, not a
// string, because a conversion or a JSON map key would show a string; and it
// holds a handle, because package fmt walks into the private fields of a struct
// without asking the methods of what lies there. Phones can be compared with ==.
type Phone struct{ number unique.Handle[string] }

// ParsePhone reads a number that is already in E.164 form: a plus sign and 7 to
// 15 digits (ITU-T E.164 §6). Spellings of a country are the adapters' business.
func ParsePhone(s string) (Phone, error) {
	if len(s) < 8 || len(s) > 16 || s[0] != '+' || s[1] == '0' {
		return Phone{}, ErrPhone
	}
	for _, r := range s[1:] {
		if r < '0' || r > '9' {
			return Phone{}, ErrPhone
		}
	}
	return Phone{unique.Make(s)}, nil
}

// E164 is the number itself. Providers, the directory's own records and the
// keyed pseudonyms may call it; nothing that prints may.
func (p Phone) E164() string {
	if p.IsZero() {
		return ""
	}
	return p.number.Value()
}

// IsZero reports whether there is no number.
func (p Phone) IsZero() bool { return p == Phone{} }

// Equal reports whether both are the same number.
func (p Phone) Equal(q Phone) bool { return p == q }

// String masks the number.
func (p Phone) String() string {
	if p.IsZero() {
		return ""
	}
	return "***"
}

// GoString masks the number for %#v.
func (p Phone) GoString() string { return `flows.Phone("` + p.String() + `")` }

// Format masks the number for every other verb, %x and %q among them.
func (p Phone) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalText masks the number in JSON, XML and YAML.
func (p Phone) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
