package vault_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/store/vault"
)

const (
	number = "+84912345678"
	text   = "be gai nha ben bi danh, ban Lac"
	caseA  = flows.CaseID("07aaaaaaaaaaaaaaaaaaaaaaaaaa")
	caseB  = flows.CaseID("07bbbbbbbbbbbbbbbbbbbbbbbbbb")
)

func open(t testing.TB, m vault.Material) *vault.Vault {
	t.Helper()
	v, err := vault.Open(m)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func phone(t testing.TB, s string) flows.Phone {
	t.Helper()
	p, err := flows.ParsePhone(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSealedTextOpensOnlyWhereItBelongs(t *testing.T) {
	ctx := t.Context()
	v := open(t, vault.Random())
	sealed, err := v.Seal(ctx, caseA, "text/1", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.Open(ctx, caseA, "text/1", sealed)
	if err != nil || string(got) != text {
		t.Fatalf("Open = %q, %v, want the text", got, err)
	}
	tests := []struct {
		name  string
		vault *vault.Vault
		id    flows.CaseID
		field string
		data  []byte
	}{
		{"another case", v, caseB, "text/1", sealed},
		{"another field", v, caseA, "text/2", sealed},
		{"the border between case and field moved", v, caseA + "t", "ext/1", sealed},
		{"another key", open(t, vault.Random()), caseA, "text/1", sealed},
		{"nothing", v, caseA, "text/1", nil},
		{"a head alone", v, caseA, "text/1", sealed[:5]},
		{"cut short", v, caseA, "text/1", sealed[:len(sealed)-1]},
		{"one byte longer", v, caseA, "text/1", append(bytes.Clone(sealed), 0)},
		{"an unknown form", v, caseA, "text/1", append([]byte{99}, sealed[1:]...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.vault.Open(ctx, tt.id, tt.field, tt.data)
			if !errors.Is(err, vault.ErrSealed) || got != nil {
				t.Errorf("Open = %d bytes, %v, want ErrSealed", len(got), err)
			}
		})
	}
	t.Run("any bit changed", func(t *testing.T) {
		for i := range sealed {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1
			if _, err := v.Open(ctx, caseA, "text/1", bad); !errors.Is(err, vault.ErrSealed) {
				t.Fatalf("byte %d changed: Open says %v, want ErrSealed", i, err)
			}
		}
	})
}

func TestSealedTextShowsNothing(t *testing.T) {
	v := open(t, vault.Random())
	plain := []byte(text + " " + number)
	a, err := v.Seal(t.Context(), caseA, "text/1", plain)
	if err != nil {
		t.Fatal(err)
	}
	b, err := v.Seal(t.Context(), caseA, "text/1", plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(a, b) {
		t.Error("the same text sealed twice looks the same")
	}
	for i := 0; i+4 <= len(plain); i++ {
		if bytes.Contains(a, plain[i:i+4]) {
			t.Errorf("the sealed text holds four bytes of the plain one, from %d", i)
		}
	}
}

func TestSealStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	v := open(t, vault.Random())
	if _, err := v.Seal(ctx, caseA, "text/1", []byte(text)); !errors.Is(err, context.Canceled) {
		t.Errorf("Seal = %v, want context.Canceled", err)
	}
	if _, err := v.Open(ctx, caseA, "text/1", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Open = %v, want context.Canceled", err)
	}
}

func TestPseudonymsDifferWhereTheyMust(t *testing.T) {
	v := open(t, vault.Random())
	p, q := phone(t, number), phone(t, "+84912345679")
	seen := map[string]string{}
	for name, s := range map[string]string{
		"session":                        string(v.Session(flows.USSD, "*1111#", p)),
		"session of another phone":       string(v.Session(flows.USSD, "*1111#", q)),
		"session on another channel":     string(v.Session(flows.SMS, "*1111#", p)),
		"session on another service":     string(v.Session(flows.USSD, "1111", p)),
		"session under another key":      string(open(t, vault.Random()).Session(flows.USSD, "*1111#", p)),
		"reporter":                       v.Reporter("guess", p),
		"reporter for another purpose":   v.Reporter("repeat", p),
		"digest":                         v.Digest("turn", "a", "bc"),
		"digest with another border":     v.Digest("turn", "ab", "c"),
		"digest with an empty part more": v.Digest("turn", "a", "bc", ""),
		"digest for another purpose":     v.Digest("dial", "a", "bc"),
		"digest that lasts":              v.Lasting("turn", "a", "bc"),
		"receipt":                        v.Receipt("48219037"),
		"receipt of another number":      v.Receipt("48219038"),
		"pin":                            v.PIN("48219037", "551208"),
		"pin of another number":          v.PIN("48219038", "551208"),
		"another pin":                    v.PIN("48219037", "551308"),
	} {
		if other, ok := seen[s]; ok {
			t.Errorf("%s is the same as %s", name, other)
		}
		seen[s] = name
		if len(s) != 24 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") != "" {
			t.Errorf("%s is %q, want 24 lower-case letters and digits", name, s)
		}
	}
}

func TestPseudonymsAreTheSameAfterARestart(t *testing.T) {
	m := vault.Random()
	a, b := open(t, m), open(t, m)
	p := phone(t, number)
	for range 3 {
		if a.Session(flows.SMS, "1111", p) != b.Session(flows.SMS, "1111", p) {
			t.Error("Session differs")
		}
		if a.PIN("48219037", "551208") != b.PIN("48219037", "551208") {
			t.Error("PIN differs")
		}
	}
}

// TestVaultPrintsNothing prints a vault, and structs that hold one in private
// fields, with every verb, and looks for the bytes of its keys in every form that
// fmt knows.
func TestVaultPrintsNothing(t *testing.T) {
	m, err := vault.Value(keyA) // the bytes 0, 1, 2 and so on
	if err != nil {
		t.Fatal(err)
	}
	v := open(t, m)
	w, err := vault.OpenWith(t.Context(), m, &vault.MemoryKeys{}, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_ = v.Session(flows.SMS, "1111", phone(t, number))
	type holder struct {
		V *vault.Vault
		W vault.Vault
		M vault.Material
		v *vault.Vault
		w vault.Vault
		m vault.Material
		n []any
	}
	h := holder{v, *v, m, v, *w, m, []any{v, w, m}}
	_ = fmt.Sprint(h.v, h.w, h.m, h.n)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%c", "%t", "%p"} {
		for _, x := range []any{v, *v, m, &m, h, &h, []any{v, m}, map[string]any{"v": v, "m": m}, []*holder{&h}} {
			s := fmt.Sprintf(verb, x)
			for _, leak := range []string{"\x01\x02\x03", "\\x01\\x02", "1 2 3", "010203", "0x1, 0x2", "1, 2, 3"} {
				if strings.Contains(s, leak) {
					t.Errorf("%s of %T shows its inside: %s", verb, x, s)
				}
			}
		}
	}
	for _, x := range []any{v, m} {
		if s := fmt.Sprintf("%v %+v %#v", x, x, x); strings.Count(s, "[") != 3 || len(s) > 60 {
			t.Errorf("%T prints as %s", x, s)
		}
		if j, err := json.Marshal(x); err != nil || len(j) > 20 {
			t.Errorf("%T in JSON is %s, %v", x, j, err)
		}
	}
}

// Texts that Tink's envelope sealed are opened, and ours have its form and length.
func TestTextsSealedByTheEnvelopeOfTinkOpen(t *testing.T) {
	const (
		key    = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=" // the bytes 1 to 32
		sealed = "AU7b8DwAAAA+hYoBemFzBU8+WmlITG41n3v+QvBDtz1fHSb1oz9QyBw3sht/odRuKXxJp1vXe3C9iWSunSLesf8A3n/GF/3uV8EFZUTcxcpzH+/S" +
			"++Q+P+T0Y9z6rrXaMcSPn1vN7mkDjNN21iUg7ruInwVlCw5UkhXnsNR82DwT"
		text = "bé gái nhà bên bị đánh"
	)
	m, err := vault.Value(key)
	if err != nil {
		t.Fatal(err)
	}
	v := open(t, m)
	theirs, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.Open(t.Context(), "07abc", "text/1", theirs)
	if err != nil || string(got) != text {
		t.Errorf("got %q, %v", got, err)
	}
	ours, err := v.Seal(t.Context(), "07abc", "text/1", []byte(text))
	if err != nil || len(ours) != len(theirs) || !bytes.Equal(ours[:9], theirs[:9]) {
		t.Errorf("sealed as %x, %v; want the head of %x", ours, err, theirs)
	}
}

func FuzzDigestKeepsBorders(f *testing.F) {
	v := open(f, vault.Random())
	f.Add("a", "bc", "ab", "c")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		if (a != c || b != d) && v.Digest("turn", a, b) == v.Digest("turn", c, d) {
			t.Errorf("(%q, %q) and (%q, %q) have the same digest", a, b, c, d)
		}
	})
}

func BenchmarkSession(b *testing.B) {
	v, p := open(b, vault.Random()), phone(b, number)
	b.ReportAllocs()
	for b.Loop() {
		_ = v.Session(flows.USSD, "*1111#", p)
	}
}

func BenchmarkDigest(b *testing.B) {
	v := open(b, vault.Random())
	b.ReportAllocs()
	for b.Loop() {
		_ = v.Digest("turn", "africastalking", "ATUid_0123456789", "17")
	}
}

func BenchmarkSeal(b *testing.B) {
	v := open(b, vault.Random())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Seal(b.Context(), caseA, "text/1", []byte(text)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	v := open(b, vault.Random())
	sealed, err := v.Seal(b.Context(), caseA, "text/1", []byte(text))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Open(b.Context(), caseA, "text/1", sealed); err != nil {
			b.Fatal(err)
		}
	}
}
