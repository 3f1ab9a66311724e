package places_test

import (
	"testing"

	"hotline/flows"
	"hotline/flows/places"
)

func TestHamletKey(t *testing.T) {
	for text, want := range map[string]string{
		"Bản Lác": "lac", "ban lac": "lac", "LAC": "lac", "o ban Lac, xa Mai Chau": "lac", "nha em o xom Nuoc Vai": "nuocvai",
		"xóm Nước Vải": "nuocvai", "khu 3": "3", "to 12": "12", "ban": "ban", "ban Xa Linh": "xalinh",
		"khong biet": "", "": "", "khong": "",
		"nha xanh canh cai cay to o cuoi duong ben phai": "",
	} {
		if got := places.HamletKey(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestHamletOfAPlace(t *testing.T) {
	r := sample(t)
	const lienSon, luongSon, maiChau = "04960@2025-07-01", "04924@2025-07-01", "05200@2025-07-01"
	for _, c := range []struct {
		name, text, place, want string
	}{
		{"of the list, before an old commune that was split", "xom Nuoc Vai, Cao Son", lienSon, "nuocvai"},
		{"of the list, alone", "Nước Vải", lienSon, "nuocvai"},
		{"of the list, in a sentence", "chau be o xom Nuoc Vai bi danh", lienSon, "nuocvai"},
		{"of the other part", "xom Nuoc Vai, Cao Son", luongSon, ""},
		{"of no list, before its commune", "ban Na Phon, xa Mai Chau", maiChau, "naphon"},
		{"of no list, without a unit word of the commune", "ban Na Phon Mai Chau", maiChau, "naphon"},
		{"of no list, in a sentence", "ban gai toi o xa Mai Chau bi danh hom qua", maiChau, ""},
		{"of no list and without its unit word", "Na Phon xa Mai Chau", maiChau, ""},
		{"the commune alone", "xa Mai Chau", maiChau, ""},
		{"an unknown place", "ban Lac, xa Mai Chau", "none", ""},
	} {
		if got := r.Hamlet(c.text, flows.PlaceID(c.place)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
