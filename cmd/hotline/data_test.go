package main

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"hotline/configs"
	"hotline/flows/engine"
	"hotline/flows/sms"
)

// TestPhoneTextsAreTheAccentedOnesWithoutAccents holds the source, its plain
// form and the exceptions against a list that was read by people: a text that
// gets other words in passing is found.
func TestPhoneTextsAreTheAccentedOnesWithoutAccents(t *testing.T) {
	d, err := loadData(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	written, err := engine.LoadTexts(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile("testdata/phone.vi.golden")
	if err != nil {
		t.Fatal(err)
	}
	var others []string
	for line := range strings.Lines(string(golden)) {
		key, want, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if got := sms.Unaccent(written["vi"][key]); got != want {
			t.Errorf("%s without accents: got %q, want %q", key, got, want)
		}
		got := d.texts["vi"][key]
		if sms.Class(got) != sms.GSM7 {
			t.Errorf("%s is not for phones: %q", key, got)
		}
		if got != want {
			others = append(others, key)
		}
		delete(written["vi"], key)
	}
	want := []string{
		"advice.rights", "advice.rights.sms", "ask.hamlet", "report.kind.5", "report.place_confirm.1",
		"report.place_confirm.again", "status.unknown.2",
	}
	if slices.Sort(others); !slices.Equal(others, want) {
		t.Errorf("in other words on phones: got %q, want %q", others, want)
	}
	for _, key := range slices.Sorted(maps.Keys(written["vi"])) {
		if first, _, _ := strings.Cut(key, "."); !slices.Contains([]string{"console", "voice", "press"}, first) && !strings.HasPrefix(key, "alert.voice.") {
			t.Errorf("%s is not in the list of texts for phones", key)
		} else if d.texts["vi"][key] != written["vi"][key] {
			t.Errorf("%s lost its accents", key)
		}
	}
}
