package console_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hotline/flows"
	"hotline/flows/figures"
)

// october is a month in which Mai Chau had twelve reports after six months of two,
// and Tan Lac three.
func october() past {
	var p past
	add := func(opened time.Time, place flows.PlaceID) {
		p = append(p, figures.Learn(flows.Case{Opened: opened, Place: place, Severity: flows.Urgent, Kind: "VIOLENCE", Age: "6-10", Status: flows.StatusOpen}, nil))
	}
	for m := time.April; m <= time.September; m++ {
		add(time.Date(2026, m, 3, 8, 0, 0, 0, time.UTC), "mai-chau")
		add(time.Date(2026, m, 20, 8, 0, 0, 0, time.UTC), "mai-chau")
	}
	for d := 1; d <= 12; d++ {
		add(time.Date(2026, time.October, d, 8, 0, 0, 0, time.UTC), "mai-chau")
	}
	for d := 1; d <= 3; d++ {
		add(time.Date(2026, time.October, d, 9, 0, 0, 0, time.UTC), "tan-lac")
	}
	return p
}

func TestReportOfTheMonth(t *testing.T) {
	w := newTown(t, false, withPast(october()))
	_, page, _ := w.get(t, "/report?lang=en")
	has(t, page, "Report 10/2026", "<dt>Received</dt><dd>15</dd>", "mean of 6 before: 2.0",
		"Xã Mai Châu: clearly more reports than before", "Everything: clearly more")
	// Three of Tan Lac are not for every eye, and neither is what they could be
	// taken from.
	row := page[strings.Index(page, `<th scope="row">Xã Tân Lạc`):]
	if row = row[:strings.Index(row, "</tr>")]; !strings.Contains(row, "<td>&lt;5</td>") || strings.Contains(row, "<td>3</td>") {
		t.Errorf("Tan Lac is shown as %s", row)
	}
	row = page[strings.Index(page, `<th scope="row">Xã Mai Châu`):]
	if row = row[:strings.Index(row, "</tr>")]; strings.Contains(row, "<td>12</td>") {
		t.Error("with 15 in all and 12 here, three are given away")
	}
	_, page, _ = w.get(t, "/report?lang=vi&of=2026-09")
	has(t, page, "Báo cáo 09/2026", "<dd>2</dd>", "trung bình 6 kỳ trước: 1,7")
	_, page, _ = w.get(t, "/report?lang=en&of=2025")
	has(t, page, "Report 2025", "<dd>0</dd>", "Nothing happened in this period.")
	for _, of := range []string{"2026-13", "9999-01", "x", "0000-00", "-1"} {
		if status, page, _ := w.get(t, "/report?lang=en&of="+of); status != http.StatusOK || !strings.Contains(page, "Report 10/2026") {
			t.Errorf("of=%s: got %d", of, status)
		}
	}
}

func TestReportAsPaperAndSpreadsheet(t *testing.T) {
	w := newTown(t, false, withPast(october()))
	_, file, h := w.get(t, "/report.pdf?lang=vi")
	if h.Get("Content-Type") != "application/pdf" {
		t.Fatalf("got type %q", h.Get("Content-Type"))
	}
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext (apt install poppler-utils): %v", err)
	}
	for _, want := range []string{"BÁO CÁO 10/2026", "Đã nhận", "15", "Xã Mai Châu: số tin tăng rõ rệt", "<5", "12 giờ"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the paper lacks %q", want)
		}
	}
	_, file, _ = w.get(t, "/report.xlsx?lang=en")
	book, err := excelize.OpenReader(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	received, _ := book.GetCellValue("Everything", "B2")
	hidden, _ := book.GetCellValue("By place", "B3")
	if received != "15" || hidden != "<5" {
		t.Errorf("the spreadsheet says %q received, %q of Tan Lac", received, hidden)
	}
}
