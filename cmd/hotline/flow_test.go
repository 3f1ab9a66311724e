package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// flowFolder is the shipped files in a folder, with words replaced in one of
// them.
func flowFolder(t *testing.T, file string, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../configs")); err != nil {
		t.Fatal(err)
	}
	if file == "" {
		return dir
	}
	name := filepath.Join(dir, filepath.FromSlash(file))
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(pairs...).Replace(string(data))
	if text == string(data) {
		t.Fatalf("%s holds none of %q", file, pairs)
	}
	put(t, name, text)
	return dir
}

// crowdedFolder is the sample directory in a folder, with words replaced.
func crowdedFolder(t *testing.T, pairs ...string) string {
	t.Helper()
	return filepath.Join(flowFolder(t, "sample/places.csv", pairs...), "sample")
}

// TestFlowCommands runs each command as it is typed.
func TestFlowCommands(t *testing.T) {
	same := flowFolder(t, "")
	text := flowFolder(t, "locales/vi/report.yaml", "Ở xã, phường nào?", "Nơi xảy ra là xã nào?")
	long := flowFolder(t, "locales/vi/report.yaml", "Ở xã, phường nào?", strings.Repeat("Ở xã nào? ", 16))
	broken := flowFolder(t, "flows/report.yaml", "go: contact", "go: contactt")
	plain := flowFolder(t, "locales/vi/plain.yaml", "report.kind.5:", "report.kind.55:")
	small := flowFolder(t, "phone.yaml", "plain: 160", "plain: 120")
	short := flowFolder(t, "phone.yaml", "session: 180s", "session: 60s")
	keys := flowFolder(t, "phone.yaml", `back: "00"`, `back: "*"`)
	taken := flowFolder(t, "phone.yaml", `back: "00"`, `back: "98"`)
	tight := flowFolder(t, "phone.yaml", "operators: {}", "operators: {viettel: {screen: {plain: 120, accented: 70}}}")
	twice := flowFolder(t, "phone.yaml", "operators: {}", `operators: {viettel: {keys: {more: "9", back: "9"}}}`)
	crowd := crowdedFolder(t, "Tòng Đậu,156", "Tòng Đậu và Mười Sáu Xóm Ven Suối Phía Trên Đèo,156")
	const unknown = "flows/report.yaml:89:9: there is no state contactt in flow report"
	for _, c := range []struct {
		name  string
		args  []string
		typed string
		code  int
		out   []string
		errs  string
	}{
		{"check the built-in flows", []string{"check"}, "", 0, []string{"states, ", " paths, ", " screens explored; 2 faults", "vi is not marked as reviewed"}, ""},
		{"check a folder", []string{"check", "--files", same}, "", 0, []string{" screens explored"}, ""},
		{"check a flow that leads nowhere", []string{"check", "--files", broken}, "", 1, []string{unknown}, ""},
		{"check a screen that is too long", []string{"check", "--files", long}, "", 1, []string{"screen report/place in vi by ussd is too long: 210 characters"}, ""},
		{"check other words for a text that is not there", []string{"check", "--files", plain}, "", 1, []string{"locales/vi/plain.yaml:14:19: instead: there is no text report.kind.55"}, ""},
		{"check a folder that is not there", []string{"check", "--files", "/nowhere"}, "", 2, nil, "/nowhere"},
		{"check for an operator with small screens", []string{"check", "--files", small}, "", 1, []string{"screen report/kind in vi by ussd is too long: 151 characters"}, ""},
		{"check for an operator with short sessions", []string{"check", "--files", short}, "", 1, []string{"a session has time for 3: "}, ""},
		{"check for an operator with one key twice", []string{"check", "--files", taken}, "", 1, []string{"phone.yaml: keys: expected a key of its own for more, back and home"}, ""},
		{"check for one operator of several", []string{"check", "--files", tight}, "", 1, []string{"for viettel: screen report/kind in vi by ussd is too long: 151 characters"}, ""},
		{"check for one operator's key twice", []string{"check", "--files", twice}, "", 1, []string{"phone.yaml: operators.viettel.keys: expected a key of its own for more, back and home"}, ""},
		{"check with the longest names of a directory", []string{"check", "--directory", crowd}, "", 1, []string{"longest: place_name may be 57 characters long", "flow report makes room for 41"}, ""},
		{"try an operator's own key", []string{"try", "--files", keys}, "1\n*\n", 0, []string{"* Quay lai"}, ""},
		{"graph as Mermaid", []string{"graph", "status"}, "", 0, []string{"flowchart TD", "Gõ PIN 6 số."}, ""},
		{"graph in English", []string{"graph", "--language", "en"}, "", 0, []string{"Is a child in danger right now?"}, ""},
		{"graph as SVG", []string{"graph", "advice", "--svg"}, "", 0, []string{"<svg ", "</svg>"}, ""},
		{"graph a flow that is not there", []string{"graph", "nothing"}, "", 1, nil, "nothing"},
		{"diff of the same", []string{"diff", same, same}, "", 0, []string{"nothing changes for callers"}, ""},
		{"diff of a text", []string{"diff", same, text}, "", 0, []string{`now reads "Noi xay ra la xa nao?`}, ""},
		{"diff with faults", []string{"diff", same, broken}, "", 1, nil, unknown},
		{"diff wants two folders", []string{"diff", same}, "", 2, nil, "<new>"},
		{"try by USSD", []string{"try"}, "1\n:quit\n", 0, []string{"Co tre em dang gap nguy hiem", "report/danger, 128 characters, fits", "Chuyen gi dang xay ra?"}, ""},
		{"try in English by SMS", []string{"try", "advice", "--sms", "--language", "en"}, "2\n:quit\n", 0, []string{"111: free"}, ""},
		{"try a folder", []string{"try", "--files", text}, "2\n1\n", 0, []string{"Noi xay ra la"}, ""},
		{"try a flow that is not there", []string{"try", "nothing"}, "", 1, nil, "nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := command(t, c.typed, nil, append([]string{"flow"}, c.args...)...)
			if code != c.code || !strings.Contains(errs, c.errs) || c.errs == "" && errs != "" {
				t.Errorf("exit code %d, want %d; errors %q, want %q", code, c.code, errs, c.errs)
			}
			for _, want := range c.out {
				if !strings.Contains(out, want) {
					t.Errorf("lacks %q:\n%s", want, out)
				}
			}
		})
	}
}

// TestTheCommandsOfTheFlowGuideRun holds the guide for officials to the program.
func TestTheCommandsOfTheFlowGuideRun(t *testing.T) {
	guide, err := os.ReadFile("../../configs/flows/README.md")
	if err != nil {
		t.Fatal(err)
	}
	folder, ran := flowFolder(t, ""), 0
	for line := range strings.Lines(string(guide)) {
		typed, ok := strings.CutPrefix(line, "    hotline ")
		if !ok {
			continue
		}
		ran++
		typed, _, _ = strings.Cut(typed, "#")
		typed = strings.NewReplacer("NEW", folder, "OLD", folder, "flow.svg", filepath.Join(folder, "flow.svg")).Replace(typed)
		if code, out, errs := command(t, "", nil, strings.Fields(typed)...); code != 0 {
			t.Errorf("%s: exit code %d\n%s%s", strings.TrimSpace(line), code, out, errs)
		}
	}
	if ran != 4 {
		t.Errorf("%d commands in the guide, want 4", ran)
	}
	if picture, err := os.ReadFile(filepath.Join(folder, "flow.svg")); err != nil || !strings.HasPrefix(string(picture), "<svg ") {
		t.Errorf("the picture: %v", err)
	}
}
