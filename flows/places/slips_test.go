package places_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"hotline/flows"
	"hotline/flows/places"
)

// slips are the ways a thumb goes wrong, each once at random in a text. They
// report false where the text has no room for them.
var slips = []struct {
	name string
	slip func(rng *rand.Rand, text string) (string, bool)
}{
	{"a letter dropped", func(rng *rand.Rand, text string) (string, bool) {
		r, i := letterOf(rng, text)
		return string(slices.Delete(r, i, i+1)), true
	}},
	{"a letter doubled", func(rng *rand.Rand, text string) (string, bool) {
		r, i := letterOf(rng, text)
		return string(slices.Insert(r, i, r[i])), true
	}},
	{"two letters swapped", func(rng *rand.Rand, text string) (string, bool) {
		r, i := letterOf(rng, text)
		if i+1 >= len(r) {
			return "", false
		}
		r[i], r[i+1] = r[i+1], r[i]
		return string(r), true
	}},
	{"one accent in Telex letters", func(rng *rand.Rand, text string) (string, bool) {
		r, i := letterOf(rng, text)
		for range r {
			if t := inTelex(r[i]); t != "" {
				return string(r[:i]) + t + string(r[i+1:]), true
			}
			i = (i + 1) % len(r)
		}
		return "", false
	}},
	{"all accents in Telex letters", func(_ *rand.Rand, text string) (string, bool) {
		var b strings.Builder
		for _, r := range text {
			if t := inTelex(r); t != "" {
				b.WriteString(t)
			} else {
				b.WriteRune(r)
			}
		}
		return b.String(), b.String() != text
	}},
	{"the tone behind the syllable", func(_ *rand.Rand, text string) (string, bool) {
		words := strings.Fields(text)
		for i, w := range words {
			words[i] = lateTone(w)
		}
		s := strings.Join(words, " ")
		return s, s != text
	}},
}

// letterOf draws a letter of the text.
func letterOf(rng *rand.Rand, text string) ([]rune, int) {
	r := []rune(norm.NFC.String(text))
	for {
		if i := rng.IntN(len(r)); unicode.IsLetter(r[i]) || unicode.IsDigit(r[i]) {
			return r, i
		}
	}
}

// telexMarks are the keys of the marks; the horn and the breve share one.
var telexMarks = map[rune]string{
	'\u0301': "s", '\u0300': "f", '\u0309': "r", '\u0303': "x", '\u0323': "j",
	'\u0306': "w", '\u031b': "w",
}

// inTelex is how a letter is typed in Telex, or "" for one without a mark.
func inTelex(r rune) string {
	switch r {
	case 'đ':
		return "dd"
	case 'Đ':
		return "DD"
	}
	parts := []rune(norm.NFD.String(string(r)))
	if len(parts) == 1 {
		return ""
	}
	out := string(parts[0])
	for _, m := range parts[1:] {
		if m == '\u0302' {
			out += string(parts[0])
			continue
		}
		out += telexMarks[m]
	}
	return out
}

// lateTone types the marks of letters in place and the tone at the end.
func lateTone(word string) string {
	tone := ""
	out := ""
	for _, r := range word {
		t := inTelex(r)
		if t == "" {
			out += string(r)
			continue
		}
		if last := t[len(t)-1]; strings.IndexByte("sfrxj", last) >= 0 {
			tone, t = string(last), t[:len(t)-1]
		}
		out += t
	}
	return out + tone
}

func TestOneSlipOfTheThumb(t *testing.T) {
	l := nation(t)
	old := places.New(l.before, nil, time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC))
	now := places.New(l.after, nil, today)
	both := places.New(append(slices.Clone(l.before), l.after...), l.mapping, today)
	runs := []struct {
		name string
		list []flows.Place
		r    *places.Resolver
		want func(flows.Place) []flows.PlaceID
	}{
		{"before the reform", l.before, old, itself},
		{"after the reform", l.after, now, itself},
		{"names of today in both lists", l.after, both, itself},
	}
	for _, run := range runs {
		for _, s := range slips {
			for _, hinted := range []bool{true, false} {
				t.Run(run.name+", "+s.name+", "+where(hinted), func(t *testing.T) {
					slipThrough(t, run.list, run.r, s.slip, hinted, run.want)
				})
			}
		}
	}
}

func where(hinted bool) string {
	if hinted {
		return "within its province"
	}
	return "whole nation"
}

// slipThrough types every name of a list with one slip.
func slipThrough(t *testing.T, list []flows.Place, r *places.Resolver, slip func(*rand.Rand, string) (string, bool), hinted bool, want func(flows.Place) []flows.PlaceID) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	c := &tally{}
	for i, p := range list {
		if i%(3*stride) != 0 { // a third of the names is enough to tell 98 %
			continue
		}
		h := places.Hint{}
		if hinted {
			h.Province = p.Province
		}
		texts := []string{p.Name, places.Unaccented(p.Name), p.Type + " " + p.Name}
		text, ok := slip(rng, texts[rng.IntN(len(texts))])
		if ok {
			c.ask(r, text, h, p, want(p)...)
		}
	}
	share := 100 * float64(c.asked-c.wrong) / float64(max(1, c.asked))
	t.Logf("%.2f %% offered; %s", share, c)
	if share < 98 || c.silent > 0 {
		t.Errorf("offered %.2f %%, want 98; silently wrong %d, want none", share, c.silent)
	}
}
