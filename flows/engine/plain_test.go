package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/engine"
)

// lower stands for what takes the accents off.
var lower = strings.ToLower

func TestLoadPlainTexts(t *testing.T) {
	got, err := engine.LoadPlainTexts(files(
		"locales/vi/a.yaml", "a.x: ONE\na.y: TWO {n}\nvoice.x: THREE\nvoices.x: FOUR\nb.x: FIVE\nb.xy: SIX\n",
		"locales/vi/plain.yaml", "accented: [voice, b.x]\ninstead:\n  a.y: 'pair {n}'\n",
		"locales/en/a.yaml", "a.x: ONE\n"), lower)
	if err != nil {
		t.Fatal(err)
	}
	want := flows.Texts{
		"vi": {"a.x": "one", "a.y": "pair {n}", "voice.x": "THREE", "voices.x": "four", "b.x": "FIVE", "b.xy": "six"},
		"en": {"a.x": "ONE"},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("texts (-got +want):\n%s", diff)
	}
}

func TestLoadPlainTextsNamesEveryFault(t *testing.T) {
	_, err := engine.LoadPlainTexts(files(
		"locales/vi/a.yaml", "a.x: ONE {n}\na.y: TWO\na.z: THREE\nvoice.x: FOUR\n",
		"locales/vi/plain.yaml", "insted: {}\naccented: [voice]\ninstead:\n  a.x: one\n  a.y: Two\n  a.z: three\n  voice.x: four\n  b: x\n"), lower)
	want := `locales/vi/plain.yaml:1:1: plain: unknown key "insted"; known are accented, instead
locales/vi/plain.yaml:4:8: instead: text a.x has other placeholders
locales/vi/plain.yaml:5:8: instead: the words for a.y are not plain themselves
locales/vi/plain.yaml:6:8: instead: text a.z reads so already
locales/vi/plain.yaml:7:12: instead: text voice.x keeps its accents
locales/vi/plain.yaml:8:6: instead: there is no text b`
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
}
