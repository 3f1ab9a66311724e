package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/flows/engine"
)

// asking is a flow of one question with an input.
func asking(t *testing.T, input string, settings ...engine.Setting) *engine.Set {
	t.Helper()
	data := fmt.Sprintf(`flow: broken
languages: [vi, en]
channels: [ussd, sms]
start: ask
giveup: bye
longest: {option: Tan Lap}
states:
  ask:
    ask: t.ask
    again: t.again
    choices: {"88": {hidden: true, do: look, on: {some: list, none: bye}}}
    %s
    save: value
    go: bye
  bye: {end: t.bye}
  list:
    ask: t.ask
    again: t.again
    options: true
    save: value
    go: bye
`, input)
	base := beside(t, "broken.yaml", []byte(data))
	texts, err := engine.LoadTexts(base)
	if err != nil {
		t.Fatal(err)
	}
	set, err := engine.Load(base, texts, brokenVerbs, settings...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestInputs(t *testing.T) {
	long := strings.Repeat("a", 2001)
	tests := []struct {
		name, input, answer, want string
		wrong                     bool
	}{
		{"a number in range", "{as: number, min: 1, max: 20}", " 12 ", "12", false},
		{"a number is tidied", "{as: number, min: 1, max: 20}", "07.", "7", false},
		{"a number above the range", "{as: number, min: 1, max: 20}", "21", "", true},
		{"a number below the range", "{as: number, min: 1, max: 20}", "0", "", true},
		{"a number in words", "{as: number}", "hai", "", true},
		{"a number of a thousand digits", "{as: number}", strings.Repeat("9", 1000), "", true},
		{"a negative number", "{as: number}", "-1", "", true},
		{"an age", "{as: age}", "5", "5", false},
		{"an age with its word", "{as: age}", "5 tuoi", "5", false},
		{"an age of an adult", "{as: age}", "18", "", true},
		{"no age", "{as: age}", "tuoi", "", true},
		{"a receipt in two groups", "{as: receipt}", "4821 9037", "48219037", false},
		{"a receipt with a hyphen", "{as: receipt}", "4821-9037", "48219037", false},
		{"a receipt that is too short", "{as: receipt}", "4821903", "", true},
		{"a receipt with a letter", "{as: receipt}", "4821903o", "", true},
		{"a PIN", "{as: pin}", "551208", "551208", false},
		{"a PIN with spaces", "{as: pin}", "551 208", "551208", false},
		{"a PIN that is too long", "{as: pin}", "5512081", "", true},
		{"digits", "{as: digits, min: 2, max: 6}", "123", "123", false},
		{"too few digits", "{as: digits, min: 2, max: 6}", "1", "", true},
		{"a text is kept to the byte", "{as: text}", " Bé bị đánh. \U0001F622 ", " Bé bị đánh. \U0001F622 ", false},
		{"a text of an emoji alone", "{as: text}", "\U0001F622", "", true},
		{"a text that is empty", "{as: text}", " ", "", true},
		{"a text that is too long", "{as: text}", long, "", true},
		{"a place in decomposed accents", "{as: place}", "Hòa Bình", "Hòa Bình", false},
		{"a place by its code", "{as: place}", "04891", "04891", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, screens := play(t, asking(t, "input: "+tt.input), &desk{}, "broken", tt.answer)
			if wrong := !s.Ended; wrong != tt.wrong {
				t.Fatalf("wrong is %v, at %q", wrong, screens[1])
			}
			if got := s.Vars["value"]; got != tt.want {
				t.Errorf("saved %q, want %q", got, tt.want)
			}
			if tt.wrong && screens[1] != "CON Bam 1" {
				t.Errorf("the question is repeated as %q", screens[1])
			}
		})
	}
}

// before is a session in front of a list of n places.
func before(t *testing.T, set *engine.Set, ch flows.Channel, n int, label func(i int) string) *flows.Session {
	t.Helper()
	s := &flows.Session{Channel: ch, Language: "en"}
	run := func(_ string, s *flows.Session, _ string) (string, error) {
		for i := range n {
			s.Options = append(s.Options, flows.Option{Value: fmt.Sprint("v", i+1), Label: label(i + 1)})
		}
		return "some", nil
	}
	if err := set.Start(s, "broken", run); err != nil {
		t.Fatal(err)
	}
	if err := set.Step(s, "88", run); err != nil {
		t.Fatal(err)
	}
	return s
}

// numbered labels an option with its number.
func numbered(i int) string { return fmt.Sprint("Place number ", i) }

func TestALongListIsPaged(t *testing.T) {
	set := asking(t, "input: {as: text}")
	s := before(t, set, flows.USSD, 20, numbered)
	seen := map[string]bool{}
	pages := 1
	for ; strings.Contains(s.Screen.Text, "98 More"); pages++ {
		for line := range strings.SplitSeq(s.Screen.Text, "\n") {
			seen[line] = true
		}
		if len(s.Screen.Text) > 160 {
			t.Errorf("%d characters: %q", len(s.Screen.Text), s.Screen.Text)
		}
		if err := set.Step(s, "98", nil); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.SplitSeq(s.Screen.Text, "\n") {
		seen[line] = true
	}
	for i := range 20 {
		if line := fmt.Sprintf("%d Place number %d", i+1, i+1); !seen[line] {
			t.Errorf("%q is on no page of %d", line, pages)
		}
	}
	t.Run("00 is the page before", func(t *testing.T) {
		last := s.Screen.Text
		if err := set.Step(s, "00", nil); err != nil || s.Screen.Text == last || !strings.Contains(s.Screen.Text, "98 More") {
			t.Errorf("screen %q, %v", s.Screen.Text, err)
		}
	})
	t.Run("a number of an earlier page still counts", func(t *testing.T) {
		if err := set.Step(s, "2", nil); err != nil || s.Vars["value"] != "v2" {
			t.Errorf("saved %q, %v", s.Vars["value"], err)
		}
	})
	t.Run("a number of a page not seen yet is wrong", func(t *testing.T) {
		s := before(t, set, flows.USSD, 20, numbered)
		if err := set.Step(s, "20", nil); err != nil || s.Tries != 1 {
			t.Errorf("tries %d, %v", s.Tries, err)
		}
	})
}

func TestAListWithOneEndlessLineIsCutToTheScreen(t *testing.T) {
	set := asking(t, "input: {as: text}")
	s := before(t, set, flows.SMS, 2, func(int) string { return strings.Repeat("Đường dài ", 60) })
	r := s.Screen
	if units, fits := engine.Measured(r.Text); !fits {
		t.Errorf("%d characters: %q", units, r.Text)
	}
}

func TestSettings(t *testing.T) {
	upper := engine.WithPlain(strings.ToUpper)
	keys := engine.WithKeys(engine.Keys{More: "#", Back: "*"})
	short := engine.WithMeasure(func(text string, _ flows.Channel) (int, bool) { return len(text), len(text) <= 55 })
	set := asking(t, "input: {as: text}", upper, keys, short)
	s := before(t, set, flows.USSD, 4, numbered)
	if got, want := s.Screen.Text, "What\n1 PLACE NUMBER 1\n2 PLACE NUMBER 2\n# More"; !strings.HasPrefix(got, want) {
		t.Errorf("screen %q, want %q", got, want)
	}
	if err := set.Step(s, "#", nil); err != nil || !strings.HasPrefix(s.Screen.Text, "What\n3 PLACE") {
		t.Errorf("the key for more leads to %q, %v", s.Screen.Text, err)
	}
}

func TestEachOperatorHasItsKeysAndItsRoom(t *testing.T) {
	viettel := engine.WithOperator("viettel",
		engine.WithKeys(engine.Keys{More: "#", Back: "*"}),
		engine.WithMeasure(func(text string, _ flows.Channel) (int, bool) { return len(text), len(text) <= 55 }))
	set := asking(t, "input: {as: text}", viettel)
	for provider, want := range map[string]struct{ more, screen, next string }{
		"viettel": {"#", "What\n1 Place number 1\n2 Place number 2\n# More", "What\n3 Place"},
		"other":   {"98", "What\n1 Place number 1\n2 Place number 2\n3 Place", ""},
	} {
		s := before(t, set, flows.USSD, 4, numbered)
		s.Provider = provider
		r, err := set.Screen(s)
		if err != nil || !strings.HasPrefix(r.Text, want.screen) {
			t.Errorf("%s: screen %q, %v; want %q", provider, r.Text, err, want.screen)
		}
		if want.next == "" {
			continue
		}
		if err := set.Step(s, want.more, nil); err != nil || !strings.HasPrefix(s.Screen.Text, want.next) {
			t.Errorf("%s: the key for more leads to %q, %v", provider, s.Screen.Text, err)
		}
	}
}
