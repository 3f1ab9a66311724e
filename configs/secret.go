package configs

import (
	"fmt"
	"io"
)

// Secret is a password, token or key. However it is printed it shows nothing but
// whether it is set; the value itself needs a call of Reveal.
type Secret struct{ value string }

// NewSecret hides s.
func NewSecret(s string) Secret { return Secret{s} }

// Reveal is the secret itself.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether the secret is not set.
func (s Secret) IsZero() bool { return s.value == "" }

// String hides the secret.
func (s Secret) String() string {
	if s.value == "" {
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
	s.value = string(b)
	return nil
}
