package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"hotline/configs"
	"hotline/flows"
)

// printed is what pdftotext reads on a sheet, and how many pages it has.
func printed(t *testing.T, sheet, lang, place string) (text string, pages int) {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Fatal("the test needs pdftotext: apt-get install poppler-utils")
	}
	name := filepath.Join(t.TempDir(), "sheet.pdf")
	var out, bad bytes.Buffer
	args := []string{"paper", sheet, "--out", name, "--language", lang}
	if place != "" {
		args = append(args, "--place", place)
	}
	if code := run(t.Context(), args, streams{nil, &out, &bad, nil}); code != 0 {
		t.Fatalf("hotline paper %s: %d %s", sheet, code, bad.String())
	}
	pdf, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(pdf, []byte("/FontFile2")) {
		t.Errorf("%s in %s: the typeface is not embedded", sheet, lang)
	}
	read, err := exec.CommandContext(t.Context(), tool, name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(read), len(regexp.MustCompile(`/Type /Page\b[^s]`).FindAll(pdf, -1))
}

// flat is a text without the breaks of its lines.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestSheetsSayWhatTheProductSays prints every sheet in every language and reads it
// back: the numbers, the first screen and the alert are those of the product.
func TestSheetsSayWhatTheProductSays(t *testing.T) {
	d, err := loadData(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := configs.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"vi", "en"} {
		session := &flows.Session{Channel: flows.USSD, Language: lang, Vars: map[string]string{}}
		if err := d.flows.Start(session, "report", nil); err != nil {
			t.Fatal(err)
		}
		screen, err := d.flows.Screen(session)
		if err != nil {
			t.Fatal(err)
		}
		days := fmt.Sprint(int(cfg.Retention.NumberClosed.Hours() / 24))
		wants := map[string][]string{
			"poster":     {cfg.Service.SMS, cfg.Service.Code, "111", "113", "115", flat(screen.Text), days, "xã Mai Châu"},
			"responder":  {flat(d.texts.Text(lang, "alert.sms.urgent", "ref", "K7F4")), "113", d.texts.Text(lang, "console.case.recuse"), "15 "},
			"supervisor": {"113", d.texts.Text(lang, "console.board.count.undelivered")},
			"operator":   {flat(screen.Text), "hotline journal verify"},
		}
		for n := 1; n <= 8; n++ {
			promise := d.texts.Text(lang, fmt.Sprintf("console.paper.poster.promise.%d", n), "days", days)
			wants["poster"] = append(wants["poster"], promise)
		}
		for _, sheet := range sheets() {
			text, pages := printed(t, sheet, lang, "xã Mai Châu")
			if pages != 1 {
				t.Errorf("%s in %s has %d pages", sheet, lang, pages)
			}
			for _, want := range wants[sheet] {
				if !strings.Contains(flat(text), want) {
					t.Errorf("%s in %s does not say %q:\n%s", sheet, lang, want, flat(text))
				}
			}
			if left := regexp.MustCompile(`\{[a-z_]+\}|console\.`).FindString(text); left != "" {
				t.Errorf("%s in %s: %q was not filled in", sheet, lang, left)
			}
		}
	}
}

// TestGuidesShowPagesInTheirLanguage: no guide shows the pages of another language.
func TestGuidesShowPagesInTheirLanguage(t *testing.T) {
	for _, page := range []string{"board", "case", "link"} {
		vi, err := paperWords{lang: "vi"}.picture(page)
		if err != nil {
			t.Fatal(err)
		}
		en, err := paperWords{lang: "en"}.picture(page)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(vi, en) {
			t.Errorf("the picture of %s is the same in both languages", page)
		}
	}
}

// TestOperatorsGuideNamesCommandsThatExist holds the commands of the guide against
// the command line.
func TestOperatorsGuideNamesCommandsThatExist(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		text, _ := printed(t, "operator", lang, "")
		found := regexp.MustCompile(`hotline (health|drill [a-z]+|journal [a-z]+)`).FindAllStringSubmatch(flat(text), -1)
		if len(found) < 4 {
			t.Errorf("in %s the guide names %d commands", lang, len(found))
		}
		for _, m := range found {
			var c commands
			parser, err := kong.New(&c, kong.Exit(func(int) {}), kong.Writers(io.Discard, io.Discard))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse(append(strings.Fields(m[1]), "--help")); err != nil && strings.Contains(err.Error(), "unexpected argument") {
				t.Errorf("the guide names hotline %s: %v", m[1], err)
			}
		}
	}
}

// TestThePosterPromisesWhatTestsHold looks for each promise of the poster in
// THREATS.md, word for word, with the tests that hold it. That those exist is what
// TestEveryPromiseHasItsTest looks at.
func TestThePosterPromisesWhatTestsHold(t *testing.T) {
	d, err := loadData(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := configs.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	threats, err := os.ReadFile(filepath.Join("..", "..", "THREATS.md"))
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]string{} // promise → tests
	for line := range strings.Lines(string(threats)) {
		if cells := strings.Split(line, "|"); len(cells) == 4 {
			held[strings.TrimSpace(cells[1])] = cells[2]
		}
	}
	p := newPrinter(cfg, d)
	promises := paperWords{p, "en"}.points("poster.promise")
	if vi := (paperWords{p, "vi"}).points("poster.promise"); len(vi) != len(promises) || len(vi) == 0 {
		t.Errorf("%d promises in Vietnamese, %d in English", len(vi), len(promises))
	}
	for _, promise := range promises {
		if !regexp.MustCompile("`Test[A-Za-z]+`").MatchString(held[promise]) {
			t.Errorf("THREATS.md names no test for %q", promise)
		}
	}
}
