package places_test

import (
	"testing"
	"unicode/utf8"

	"hotline/flows/places"
)

func FuzzFind(f *testing.F) {
	for _, s := range []string{
		"Mai Châu", "xa mai chaau, huyen luong son, tinh hoa binh", "cao son - luong son (hoa binh)", "05200", "5200@2025-07-01",
		"p12 q3", "ban lac xa", "xa xa xa", "tt", "Ea H'leo", "\x00\xff\u202e", "😀 mai chau", "thi tran", "khong phai xa mai chau",
		"0", "01 02 03", "đ", "Ðà Bắc", "t t t t t t t t t t t t t t t t t t",
	} {
		f.Add(s, "", "")
		f.Add("thong nhat", s, "")
		f.Add("cao son luong son", "Hòa Bình", s)
	}
	r := sample(f)
	f.Fuzz(func(t *testing.T, text, area, hamlet string) {
		hints := []places.Hint{{}, {Province: "Phú Thọ"}, {Area: area}, {Province: "Phú Thọ", Area: area, Hamlet: hamlet}}
		for _, h := range hints {
			for _, a := range []places.Answer{r.Find(text, h), r.FindInSentence(text, h)} {
				checkAnswer(t, a)
				for i, id := range a.Options {
					if _, ok := r.Place(id); !ok {
						t.Errorf("option %q is no place", id)
					}
					if a.Labels[i] == "" || !utf8.ValidString(a.Labels[i]) {
						t.Errorf("option %q has the label %q", id, a.Labels[i])
					}
				}
			}
		}
		if once := places.Fold(text); places.Fold(once) != once && len(text) < 1000 {
			// A unit word in front of another is taken off one at a time.
			if again := places.Fold(places.Fold(once)); len(again) > len(once) {
				t.Errorf("folding %q makes it longer: %q", once, again)
			}
		}
	})
}
