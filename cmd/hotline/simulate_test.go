package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestSimulatePlaysEveryStory plays the stories with the command that people
// use, on the wiring that serves callers.
func TestSimulatePlaysEveryStory(t *testing.T) {
	names, err := filepath.Glob("../../flows/dialog/testdata/*.txt")
	if err != nil || len(names) < 20 {
		t.Fatalf("%d stories, %v", len(names), err)
	}
	for _, name := range names {
		if filepath.Base(name) == "province.txt" { // the scene that they share
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			t.Parallel()
			var errs bytes.Buffer
			if code := run(t.Context(), []string{"simulate", "--quiet", name}, streams{out: io.Discard, err: &errs}); code != 0 {
				t.Errorf("exit code %d\n%s", code, errs.String())
			}
		})
	}
}

// TestSimulateSaysWhereAStoryDiffers: an expectation that is not met ends with
// exit code 1 and the line.
func TestSimulateSaysWhereAStoryDiffers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wrong.txt")
	story := "# The caller is told something else.\nplace mai-chau\nduty +84900000101 duty-member level 1 place mai-chau\n\nussd +84900000001\n< CON Chao ban.\n"
	if err := os.WriteFile(file, []byte(story), 0o600); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	code := run(t.Context(), []string{"simulate", file}, streams{out: io.Discard, err: &errs})
	if code != 1 || !strings.Contains(errs.String(), "wrong.txt:6") {
		t.Errorf("exit code %d, message:\n%s", code, errs.String())
	}
}

// TestSimulateByHand types a report and the answer of the member who was asked.
func TestSimulateByHand(t *testing.T) {
	in := strings.NewReader("1\n1\nmai chau\n2\n2\nboard\nwait 15m\nsms mai-chau-head: 1\nboard\nquit\n")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"simulate"}, streams{in: in, out: &out, err: &errs}); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	asked := regexp.MustCompile(`(\d\d:\d\d) sms to mai-chau-duty`).FindStringSubmatch(out.String())
	called := regexp.MustCompile(`(\d\d:\d\d) voice to mai-chau-duty`).FindStringSubmatch(out.String())
	if asked == nil || called == nil {
		t.Fatalf("nobody was asked, or called:\n%s", out.String())
	}
	at, _ := time.Parse("15:04", asked[1])
	if late := at.Add(5 * time.Minute).Format("15:04"); called[1] != late { // in the middle of the wait
		t.Errorf("called at %s, want %s", called[1], late)
	}
	for _, want := range []string{"PIN", "sms to mai-chau-duty", "sms to mai-chau-head", "urgent open level 1 Mai Châu", "taken level 2 Mai Châu holder mai-chau-head"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the screen lacks %q:\n%s", want, out.String())
		}
	}
}
