package configs

import (
	"fmt"
	"io"
	"unique"
)

// Secret is a password, token or key. However it is printed it shows nothing but
// whether it is set; the value itself needs a call of Reveal. It holds a handle, as
// flows.Phone does, because package fmt walks into the private fields of a struct
// without asking the methods of what lies there. Secrets can be compared with ==.
type Secret struct{ value unique.Handle[string] }

// NewSecret hides s.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{unique.Make(s)}
}

// Reveal is the secret itself.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.value.Value()
}

// IsZero reports whether the secret is not set.
func (s Secret) IsZero() bool { return s == Secret{} }

// String hides the secret.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return "<secret>"
}

// GoString hides the secret for %#v.
func (s Secret) GoString() string { return s.String() }

// Format hides the secret for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText hides the secret in JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText sets the secret from a file or the environment.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = NewSecret(string(b))
	return nil
}
