package engine_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/engine"
	"hotline/flows/sms"
)

// edited is the shipped configuration with some words of its files replaced.
func edited(t *testing.T, file string, pairs ...string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	files := os.DirFS("../../configs")
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(path, "flows/") && !strings.HasPrefix(path, "locales/") {
			return err
		}
		data, err := fs.ReadFile(files, path)
		if path == file {
			for i := 0; i+1 < len(pairs); i += 2 {
				if !bytes.Contains(data, []byte(pairs[i])) {
					t.Fatalf("%s holds no %q", path, pairs[i])
				}
				data = bytes.ReplaceAll(data, []byte(pairs[i]), []byte(pairs[i+1]))
			}
		}
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func load(t *testing.T, files fs.FS) *engine.Set {
	t.Helper()
	texts, err := engine.LoadPlainTexts(files, sms.Unaccent)
	if err != nil {
		t.Fatal(err)
	}
	set, err := engine.Load(files, texts, verbs)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestASessionFinishesOnTheEditionItBeganWith(t *testing.T) {
	d := &desk{}
	old := shipped(t)
	s, _ := play(t, old, d, "report", "2")
	fresh := load(t, edited(t, "locales/vi/report.yaml", "Ở xã, phường nào?", "Noi xay ra la xa nao?"))
	if fresh.Edition() == old.Edition() {
		t.Fatal("another text, and the same edition")
	}
	fresh.Keep(old)

	t.Run("the old is kept", func(t *testing.T) {
		kept := *s
		if err := fresh.Step(&kept, "1", d.run); err != nil {
			t.Fatal(err)
		}
		if got := screen(&kept); !strings.HasPrefix(got, "CON O xa, phuong nao?") {
			t.Errorf("the caller reads %q", got)
		}
	})
	t.Run("the old comes back from its bundle", func(t *testing.T) {
		data, err := old.Bundle()
		if err != nil {
			t.Fatal(err)
		}
		again, err := engine.Unbundle(data, verbs)
		if err != nil {
			t.Fatal(err)
		}
		if again.Edition() != old.Edition() {
			t.Errorf("edition %s comes back as %s", old.Edition(), again.Edition())
		}
	})
	t.Run("nobody has the old any more", func(t *testing.T) {
		next := load(t, edited(t, "locales/vi/report.yaml", "Ở xã, phường nào?", "Noi xay ra la xa nao?"))
		lost := *s
		if err := next.Step(&lost, "1", d.run); err != nil {
			t.Fatal(err)
		}
		if got := screen(&lost); !strings.HasPrefix(got, "CON Noi xay ra la xa nao?") {
			t.Errorf("the caller reads %q", got)
		}
	})
}

func TestReload(t *testing.T) {
	set := shipped(t)
	for _, tt := range []struct {
		name        string
		file        string
		from, to    string
		fails, same bool
	}{
		{"the same files change nothing", "flows/report.yaml", "tries", "tries", false, true},
		{"a better text takes over", "locales/vi/report.yaml", "Ở xã, phường nào?", "O xa nao?", false, false},
		{"a state that is gone is refused", "flows/report.yaml", "go: age", "go: agee", true, true},
		{"a screen that is too long is refused", "locales/vi/report.yaml", "Ở xã, phường nào?", strings.Repeat("O xa nao? ", 16), true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := edited(t, "none")
			if tt.from != tt.to {
				files = edited(t, tt.file, tt.from, tt.to)
			}
			texts, err := engine.LoadPlainTexts(files, sms.Unaccent)
			if err != nil {
				t.Fatal(err)
			}
			packs, err := engine.LoadPacks(files)
			if err != nil {
				t.Fatal(err)
			}
			next, err := set.Reload(files, texts, verbs, engine.Rules{Packs: packs})
			if _, isFaults := errors.AsType[engine.Faults](err); isFaults != tt.fails {
				t.Errorf("error %v", err)
			}
			if (next == set) != tt.same {
				t.Errorf("the set in use is the old one: %v", next == set)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	old := shipped(t)
	tests := []struct {
		name  string
		file  string
		pairs []string
		want  []string
	}{
		{"nothing", "flows/report.yaml", nil, []string{"nothing changes for callers"}},
		{
			"a text", "locales/en/report.yaml",
			[]string{"How old is the child?", "What is the child's age?"},
			[]string{`report/age in en: "How old is the child?" now reads "What is the child's age?"`},
		},
		{
			"a line that is gone and a screen less", "flows/report.yaml",
			[]string{"    do: file\n    go: contact\n", "    do: finish\n    on: {receipt: received, nothing: nothing}\n", "\"5\": unsure", "\"5\": unsure\n      \"6\": {label: report.age.5, value: unsure}"},
			[]string{
				`report/age: new line 6 "Khong ro"`,
				"report/age: no way leads to report/contact any more",
				"report: the longest way to an end was 7 screens, now it is 6 screens",
			},
		},
		{
			"an answer that leads elsewhere", "flows/report.yaml",
			[]string{`"4": {go: /advice}`, `"4": {go: /advice/numbers}`},
			[]string{"report/danger: 4 led to advice/menu, now to advice/numbers", "report/danger: no way leads to advice/menu any more"},
		},
		{
			"a new screen", "flows/status.yaml",
			[]string{"  bye: {end", "  more: {end: status.taken}\n  bye: {end", `"2": {go: bye}`, `"2": {go: more}`},
			[]string{
				"status/unknown: 2 led to status/bye, now to status/more",
				`status/more: new screen "Da co nguoi phu trach."`,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := engine.Diff(&b, old, load(t, edited(t, tt.file, tt.pairs...))); err != nil {
				t.Fatal(err)
			}
			got := strings.Split(strings.TrimSpace(b.String()), "\n")
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("difference (-got +want):\n%s", diff)
			}
		})
	}
}

func TestDiffOfFlowsThatComeAndGo(t *testing.T) {
	base := beside(t, "broken.yaml", []byte("flow: extra\nlanguages: [vi]\nchannels: [ussd]\nstart: bye\ngiveup: bye\nstates: {bye: {end: t.bye}}\n"))
	texts, err := engine.LoadTexts(base)
	if err != nil {
		t.Fatal(err)
	}
	with, err := engine.Load(base, texts, brokenVerbs)
	if err != nil {
		t.Fatal(err)
	}
	delete(base, "flows/broken.yaml")
	without, err := engine.Load(base, texts, brokenVerbs)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := errors.Join(engine.Diff(&b, without, with), engine.Diff(&b, with, without)); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "flow extra is new: 1 state\nflow extra is gone\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s := &flows.Session{Channel: flows.USSD}
	if err := without.Start(s, "extra", nil); !errors.Is(err, engine.ErrState) {
		t.Errorf("start of a flow that is gone: %v", err)
	}
}
