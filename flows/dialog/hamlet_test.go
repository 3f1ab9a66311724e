package dialog_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/links"
)

// Two reports of one hamlet, days apart and without an age, are suggested as
// linked; two of one commune are not.
func TestReportsOfOneHamletAreSuggestedAsLinked(t *testing.T) {
	for _, c := range []struct {
		name, first, second string
		want                bool
	}{
		{"the same hamlet, spelt twice", "xom Nuoc Vai, xa Mai Chau", "bản Nước Vải xã Mai Châu", true},
		{"the commune alone", "Mai Chau", "xa Mai Chau", false},
		{"another hamlet", "xom Nuoc Vai, xa Mai Chau", "xom Na Phon, xa Mai Chau", false},
		{"one without", "xom Nuoc Vai, xa Mai Chau", "Mai Chau", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, province(t))
			for i, place := range []string{c.first, c.second} {
				kind := fmt.Sprint(1 + 3*i)
				must(t, w, hop(t, w, fmt.Sprint("s", i), "2*"+kind+"*"+place+"*5*2"))
				if err := w.Advance(t.Context(), 4*24*time.Hour); err != nil {
					t.Fatal(err)
				}
			}
			cases := openCases(t, w)
			if len(cases) != 2 {
				t.Fatalf("%d cases are open, want 2", len(cases))
			}
			got := links.Suggest(w.Now(), &cases[0], cases[1:], 30*24*time.Hour)
			if (len(got) == 1) != c.want {
				t.Errorf("suggested %v, want %v", got, c.want)
			}
			if c.want && len(got) == 1 && got[0].Why[0] != links.SameHamlet {
				t.Errorf("because of %v", got[0].Why)
			}
		})
	}
}

// What a reporter typed is sealed; nothing of the case or of the session spells it.
func TestAHamletIsNowhereInWords(t *testing.T) {
	w := newWorld(t, province(t))
	must(t, w, hop(t, w, "s1", "2*1*xom Nuoc Vai, xa Mai Chau"))
	k := openCases(t, w)[0]
	sess, _, _, err := w.store.Turn(t.Context(), w.vault.Session(flows.USSD, "*1111#", phone(t, "+84900000001")), "none")
	if err != nil {
		t.Fatal(err)
	}
	text, err := w.vault.Open(t.Context(), k.ID, k.Texts[0].Field, k.Texts[0].Data)
	if err != nil || string(text) != "xom Nuoc Vai, xa Mai Chau" {
		t.Errorf("sealed %q, %v", text, err)
	}
	if len(k.Hamlet) != 24 {
		t.Errorf("mark %q", k.Hamlet)
	}
	for _, s := range []string{fmt.Sprintf("%+v", k), fmt.Sprintf("%+v", sess.Vars)} {
		if s = strings.ToLower(s); strings.Contains(s, "nuoc") || strings.Contains(s, "vai") {
			t.Error("the hamlet stands there in words")
		}
	}
}
