package engine_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/engine"
)

func files(pairs ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return out
}

func TestLoadTexts(t *testing.T) {
	tests := []struct {
		name  string
		files fstest.MapFS
		want  flows.Texts
		fault string
	}{
		{
			"files of a language are merged, packs and keywords are no texts",
			files("locales/vi/a.yaml", "a.x: Mot\n", "locales/vi/b.yaml", "b.x: |\n  Hai\n", "locales/en/a.yaml", "a.x: One\n",
				"locales/vi/pack.yaml", "name: V\n", "locales/thai/keywords.yaml", "danger: []\n"),
			flows.Texts{"vi": {"a.x": "Mot", "b.x": "Hai"}, "en": {"a.x": "One"}},
			"",
		},
		{
			"a key in two files is refused",
			files("locales/vi/a.yaml", "x: Mot\n", "locales/vi/b.yaml", "\nx: Hai\n"), nil,
			"locales/vi/b.yaml:2:1: text x stands in locales/vi/a.yaml already",
		},
		{
			"a key twice in a file is refused",
			files("locales/vi/a.yaml", "x: Mot\nx: Hai\n"), nil, `locales/vi/a.yaml:2:1: texts: "x" stands here twice`,
		},
		{
			"a text must be a text, and all faults are told",
			files("locales/vi/a.yaml", "x: [1]\ny:\n"), nil,
			"locales/vi/a.yaml:1:4: a text: expected a plain value\nlocales/vi/a.yaml:2:3: a text: expected a plain value",
		},
		{"a list is no file of texts", files("locales/vi/a.yaml", "- x\n"), nil, "locales/vi/a.yaml:1:1: texts: expected a mapping"},
		{"an empty file is one without texts", files("locales/vi/a.yaml", "# soon\n"), flows.Texts{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := engine.LoadTexts(tt.files)
			if err != nil || tt.fault != "" {
				if err == nil || err.Error() != tt.fault {
					t.Errorf("error %v, want %s", err, tt.fault)
				}
				return
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("texts (-got +want):\n%s", diff)
			}
		})
	}
}

func TestLoadPacks(t *testing.T) {
	packs, err := engine.LoadPacks(files(
		"locales/vi/pack.yaml", "name: Tieng Viet\nreviewed: {by: A speaker, date: 2026-11-01}\nforbidden: [tre em]\n",
		"locales/dao/pack.yaml", "name: Dao\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(packs) != 2 || packs[0].Language != "dao" || packs[1].Reviewer != "A speaker" || packs[1].Date != "2026-11-01" {
		t.Errorf("packs %+v", packs)
	}
	_, err = engine.LoadPacks(files("locales/vi/pack.yaml", "naam: V\nreviewed: {on: today}\n"))
	want := "locales/vi/pack.yaml:1:1: pack: unknown key \"naam\"; known are name, reviewed, forbidden\n" +
		"locales/vi/pack.yaml:2:16: reviewed: unknown key \"on\"; known are by, date"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestAPackWithTextsMustBeComplete(t *testing.T) {
	base := beside(t, "broken.yaml", nil)
	delete(base, "flows/broken.yaml")
	base["locales/dao/t.yaml"] = &fstest.MapFile{Data: []byte("t.ask: x\n")}
	base["locales/dao/pack.yaml"] = &fstest.MapFile{Data: []byte("name: Dao\n")}
	set := load(t, base)
	packs, err := engine.LoadPacks(base)
	if err != nil {
		t.Fatal(err)
	}
	faults := set.Check(engine.Rules{Packs: packs}).Faults
	var warned, lacks bool
	for _, f := range faults {
		warned = warned || f.Warning && strings.Contains(f.Text, "dao is not marked as reviewed")
		lacks = lacks || f.String() == "locales/dao/pack.yaml:1:1: language dao lacks the text t.bye"
	}
	if !warned || !lacks {
		t.Errorf("faults:\n%v", faults)
	}
}

func TestReportPrints(t *testing.T) {
	var b strings.Builder
	r := engine.Report{States: 2, Paths: 3, Screens: 4, Faults: engine.Faults{{File: "a.yaml", Text: "odd", Warning: true}}}
	if err := r.Print(&b); err != nil {
		t.Fatal(err)
	}
	if want := "a.yaml: warning: odd\n2 states, 3 paths, 4 screens explored; 1 faults\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	if r.Faults.Stops() {
		t.Error("a warning stops the start")
	}
}
