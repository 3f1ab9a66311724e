package places_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"hotline/flows/places"
)

// The tables must say what Unicode says, of every letter and between others.
func TestTablesOfLettersSayWhatUnicodeSays(t *testing.T) {
	listed := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= utf8.RuneSelf && places.Listed(r) {
			listed++
		}
		for _, s := range []string{string(r), "a" + string(r) + "e", "A\u0323" + string(r) + "\u0302Đ"} {
			if got, want := places.Bare(s), places.BareOf(s); got != want {
				t.Fatalf("%+q: got %+q, want %+q", s, got, want)
			}
			if got, want := places.Unaccented(s), places.UnaccentedOf(s); got != want {
				t.Fatalf("%+q without accents: got %+q, want %+q", s, got, want)
			}
		}
	}
	if listed < 600 {
		t.Errorf("%d letters are in the tables", listed)
	}
}

func TestBareNeedsNoValidText(t *testing.T) {
	for s, want := range map[string]string{
		"":                        "",
		"Cứu CHÁU với ở Mai Châu": "cuu chau voi o mai chau",
		"cu\u031b\u0301u Đ đ Ð ð": "cuu d d d d",
		"a\xffb":                  "a\ufffdb",
		"\xed\xa0\x80 xã":         "\ufffd xa",
		"“nhà” ½ ﬁ 😀 Ⅷ":           "“nha” 1⁄2 fi 😀 viii",
		"ยาย người":               "ยาย nguoi",
	} {
		if got := places.Bare(s); got != want {
			t.Errorf("%+q: got %+q, want %+q", s, got, want)
		}
	}
}

func FuzzBare(f *testing.F) {
	for _, s := range []string{"", "ở xã Mai Châu", "a\u0323\u0302", "\xff", "½Đ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := places.Bare(s), places.BareOf(s); got != want {
			t.Errorf("%+q: got %+q, want %+q", s, got, want)
		}
		if got, want := places.Unaccented(s), places.UnaccentedOf(s); got != want {
			t.Errorf("%+q without accents: got %+q, want %+q", s, got, want)
		}
	})
}
