package wire_test

import (
	"errors"
	"testing"

	"hotline/handlers/wire"
)

func TestPerson(t *testing.T) {
	numbers := wire.Numbers{Region: "VN"}
	for _, tt := range []struct{ name, raw, want string }{
		{"international", "+84901234567", "+84901234567"},
		{"national", "0901234567", "+84901234567"},
		{"country code without a plus", "84901234567", "+84901234567"},
		{"spaces, dots and brackets", "(090) 123-45.67", "+84901234567"},
		{"spaces in the international form", " +84 90 123 45 67 ", "+84901234567"},
		{"a plus that a form decoded", " 84901234567", "+84901234567"},
		{"a space before the national form", " 0901234567", "+84901234567"},
		{"double zero", "0084901234567", "+84901234567"},
		{"tel URI", "tel:+84901234567", "+84901234567"},
		{"another country with a plus", "+254711000111", "+254711000111"},
		{"another country without a plus", "254711000111", "+254711000111"},
		{"a prefix that the tables do not know", "+84100000001", "+84100000001"},
		{"a landline", "02183850000", "+842183850000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := numbers.Person(tt.raw)
			if err != nil || got.E164() != tt.want {
				t.Errorf("Person(%q) = %q, %v; want %q", tt.raw, got.E164(), err, tt.want)
			}
		})
	}
}

func TestPersonIsNobody(t *testing.T) {
	for _, raw := range []string{"", "111", "1111", "9029", "VIETTEL", "Anonymous", "*1111#", "+", "+84", "0", "+849012345678901234"} {
		if got, err := (wire.Numbers{Region: "VN"}).Person(raw); !errors.Is(err, wire.ErrNobody) {
			t.Errorf("Person(%q) = %q, %v; want ErrNobody", raw, got.E164(), err)
		}
	}
}

func FuzzPerson(f *testing.F) {
	for _, s := range []string{"+84901234567", "0901234567", " 84901234567", "111", "VIETTEL", "00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := (wire.Numbers{Region: "VN"}).Person(raw)
		if (err == nil) == got.IsZero() {
			t.Fatalf("Person(%q) = %q, %v", raw, got.E164(), err)
		}
	})
}
