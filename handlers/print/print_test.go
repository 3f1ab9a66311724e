package print_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/handlers/print"
)

func paper() print.Paper {
	return print.Paper{
		Nation: "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM", Motto: "Độc lập – Tự do – Hạnh phúc",
		Organ: "UBND XÃ MAI CHÂU", Number: "Số: 12/PTN", Title: "PHIẾU TIẾP NHẬN THÔNG TIN", Under: "Mã vụ việc K7F4",
		Parts: []print.Part{
			{Title: "2. Thông tin về trẻ em", Lines: []print.Line{
				{Label: "Họ và tên trẻ", Text: "Lò Thị Mỷ Đặng Thuỳ Ngữ Ỷ"},
				{Label: "Giới tính", Options: []print.Option{{Label: "Nam"}, {Label: "Nữ", Ticked: true}, {Label: "Không biết"}}},
				{Label: "Nghề nghiệp của cha"},
				{Label: "Tình trạng hiện tại của trẻ", Long: true, Text: "Vết bầm ở tay trái.\nĐã ăn, ngủ được; chưa đi học lại."},
			}},
			{Title: "Các bước và thời hạn", Table: &print.Table{
				Widths: []float64{2, 1, 1}, Head: []string{"Bước", "Hạn", "Tình trạng"},
				Rows: [][]string{{"Quyết định khẩn cấp", "24/11/2026 00:00", "QUÁ HẠN"}, {"Kế hoạch", "30/11/2026", "chưa làm"}},
				Loud: func(i int) bool { return i == 0 },
			}},
		},
		Sign: "Cán bộ tiếp nhận", SignAs: "(ký, ghi rõ họ tên)", Foot: "Thông tin mật của trẻ em.", Page: "Trang {n}/{of}",
		Made: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC),
	}
}

// read is what pdftotext reads on a paper.
func read(t testing.TB, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Fatal("the test needs pdftotext: apt-get install poppler-utils")
	}
	name := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(name, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if to := os.Getenv("PICTURES"); to != "" {
		_ = os.WriteFile(filepath.Join(to, strings.ReplaceAll(t.Name(), "/", "-")+".pdf"), pdf, 0o600)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-layout", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestVietnameseIsReadBackLetterByLetter(t *testing.T) {
	pdf, err := paper().PDF()
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, pdf)
	for _, want := range []string{
		"CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập – Tự do – Hạnh phúc", "UBND XÃ MAI CHÂU", "Lò Thị Mỷ Đặng Thuỳ Ngữ Ỷ",
		"Vết bầm ở tay trái.", "Đã ăn, ngủ được; chưa đi học lại.", "QUÁ HẠN", "Trang 1/1", "Nghề nghiệp của cha:", "(ký, ghi rõ họ tên)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper does not say %q:\n%s", want, text)
		}
	}
	if len(pdf) > 120_000 {
		t.Errorf("the paper takes %d bytes", len(pdf))
	}
	again, err := paper().PDF()
	if err != nil || !bytes.Equal(pdf, again) {
		t.Errorf("the same paper gives other bytes: %v", err)
	}
}

func TestEveryVietnameseLetterIsInTheTypeface(t *testing.T) {
	const letters = "aáàảãạăắằẳẵặâấầẩẫậ bcdđ eéèẻẽẹêếềểễệ fgh iíìỉĩị jklmn oóòỏõọôốồổỗộơớờởỡợ pqrst uúùủũụưứừửữự vwx yýỳỷỹỵ z"
	p := paper()
	p.Parts = []print.Part{{Lines: []print.Line{{Label: "x", Text: letters}, {Label: "X", Text: strings.ToUpper(letters), Long: true}}}}
	pdf, err := p.PDF()
	if err != nil {
		t.Fatal(err)
	}
	plain := func(s string) string { return strings.Join(strings.Fields(s), "") }
	text := plain(read(t, pdf))
	for _, want := range []string{letters, strings.ToUpper(letters)} {
		if !strings.Contains(text, plain(want)) {
			t.Errorf("letters are missing:\n%s\nwant\n%s", text, plain(want))
		}
	}
}

func TestALongPaperGoesOnAndAnEndlessOneDoesNot(t *testing.T) {
	p := paper()
	p.Parts[0].Lines[3].Text = strings.Repeat("Rất dài, có dấu và xuống dòng.\n", 120)
	pdf, err := p.PDF()
	if err != nil {
		t.Fatal(err)
	}
	if text := read(t, pdf); !strings.Contains(text, "Trang 3/") || strings.Count(text, "Rất dài") != 120 {
		t.Errorf("the paper lost text or its pages:\n%s", text)
	}
	for range 200 {
		p.Parts = append(p.Parts, p.Parts[0])
	}
	if _, err := p.PDF(); err == nil {
		t.Error("a paper of hundreds of pages is made")
	}
}
