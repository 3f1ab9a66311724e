package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestResponderDownloadsEverySheet takes each sheet from the page of papers as a
// responder does, in both languages, and reads it back.
func TestResponderDownloadsEverySheet(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Fatal("the test needs pdftotext: apt-get install poppler-utils")
	}
	o := newOffice(t)
	_, page, _ := o.ask("duty", http.MethodGet, "/papers", nil)
	const commune = "xã Mai Châu"
	if !strings.Contains(page, "<option>"+commune+"</option>") {
		t.Errorf("%s is not offered for the poster", commune)
	}
	for _, sheet := range sheets() {
		if !strings.Contains(page, `action="/papers/`+sheet+`.pdf"`) {
			t.Errorf("the page does not offer %s", sheet)
		}
		for _, lang := range []string{"vi", "en"} {
			path := "/papers/" + sheet + ".pdf?in=" + lang
			if sheet == "poster" {
				path += "&place=x%C3%A3+Mai+Ch%C3%A2u"
			}
			status, pdf, header := o.ask("duty", http.MethodGet, path, nil)
			if status != http.StatusOK || header.Get("Content-Type") != "application/pdf" || !strings.Contains(header.Get("Content-Disposition"), sheet+"-"+lang+".pdf") {
				t.Errorf("%s: %d, headers %v", path, status, header)
				continue
			}
			file := filepath.Join(t.TempDir(), "sheet.pdf")
			if err := os.WriteFile(file, []byte(pdf), 0o600); err != nil {
				t.Fatal(err)
			}
			text, err := exec.CommandContext(t.Context(), tool, file, "-").Output()
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			want := o.data.texts.Text(lang, "console.paper."+sheet+".title")
			if read := flat(string(text)); !strings.Contains(read, want) || !strings.Contains(read, "113") || sheet == "poster" && !strings.Contains(read, commune) {
				t.Errorf("%s does not say %q: %s", path, want, read)
			}
		}
	}
	for _, path := range []string{"/papers/poster.pdf", "/papers/poster.pdf?in=xx", "/papers/none.pdf?in=vi", "/papers/poster.pdf?in=vi&place=nowhere"} {
		if status, _, _ := o.ask("duty", http.MethodGet, path, nil); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, status)
		}
	}
}
