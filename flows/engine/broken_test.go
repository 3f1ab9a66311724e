package engine_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"hotline/flows/engine"
)

var update = flag.Bool("update", false, "write what was found into the golden files; read the difference")

// wantMark begins the lines of a broken flow that say what is to be found.
const wantMark = "# want: "

// brokenVerbs are the verbs that broken flows may use.
var brokenVerbs = []engine.VerbSpec{
	{Name: "note", Outcomes: []string{"ok"}},
	{Name: "look", Outcomes: []string{"some", "none"}},
}

// beside puts a flow file beside the sound one and its texts.
func beside(t testing.TB, name string, data []byte) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{"flows/" + name: {Data: data}}
	schema, err := os.ReadFile("../../configs/flows/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	files["flows/schema.json"] = &fstest.MapFile{Data: schema}
	base := os.DirFS("testdata/base")
	err = fs.WalkDir(base, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(base, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// oneSided is a text that only one language has.
const oneSided = "t.only_vi: Chi tieng Viet\n"

// find loads and checks a flow file and returns all faults.
func find(t testing.TB, name string, data []byte) engine.Faults {
	t.Helper()
	files := beside(t, name, data)
	if strings.HasPrefix(name, "text-missing-in-one-language") {
		files["locales/vi/one.yaml"] = &fstest.MapFile{Data: []byte(oneSided)}
	}
	texts, err := engine.LoadTexts(files)
	if err != nil {
		t.Fatal(err)
	}
	packs, err := engine.LoadPacks(files)
	if err != nil {
		t.Fatal(err)
	}
	set, err := engine.Load(files, texts, brokenVerbs)
	if faults, ok := errors.AsType[engine.Faults](err); ok {
		return faults
	}
	if err != nil {
		t.Fatal(err)
	}
	return set.Check(engine.Rules{
		Packs:   packs,
		Longest: map[string]string{"place_name": "Mai Chau Ha"},
	}).Faults
}

func TestBrokenFlows(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d broken flows, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, body := splitWant(string(data))
			// The comment lines stay, so that line numbers are those of the file.
			var got []string
			for _, f := range find(t, filepath.Base(file), data) {
				got = append(got, strings.TrimPrefix(f.String(), "flows/"+filepath.Base(file)+":"))
			}
			if *update && len(got) != len(want) {
				rewrite(t, file, body)
				return
			}
			if *update {
				write(t, file, got, body)
				return
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("faults (-got +want):\n%s", diff)
			}
			if len(got) == 0 {
				t.Error("nothing was found")
			}
		})
	}
}

// rewrite makes room for a new number of want lines, then writes them: they move
// the lines that they speak of.
func rewrite(t *testing.T, file, body string) {
	t.Helper()
	n := len(find(t, filepath.Base(file), []byte(body)))
	blank := make([]string, n)
	var got []string
	for _, f := range find(t, filepath.Base(file), []byte(join(blank, body))) {
		got = append(got, strings.TrimPrefix(f.String(), "flows/"+filepath.Base(file)+":"))
	}
	write(t, file, got, body)
}

func write(t *testing.T, file string, want []string, body string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(join(want, body)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func join(want []string, body string) string {
	var b strings.Builder
	for _, w := range want {
		b.WriteString(wantMark + w + "\n")
	}
	return b.String() + body
}

func splitWant(text string) (want []string, body string) {
	for strings.HasPrefix(text, wantMark) {
		line, rest, _ := strings.Cut(text, "\n")
		want, text = append(want, strings.TrimPrefix(line, wantMark)), rest
	}
	return want, text
}
