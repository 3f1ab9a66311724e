package sms_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"hotline/flows/sms"
)

func TestSegments(t *testing.T) {
	tests := []struct {
		name     string
		text     string
		alphabet sms.Alphabet
		count    int
		units    int
	}{
		{"nothing", "", sms.GSM7, 1, 0},
		{"unaccented Vietnamese", "Co tre bi danh", sms.GSM7, 1, 14},
		{"accented Vietnamese", "Có trẻ bị đánh", sms.UCS2, 1, 14},
		{"the accents that GSM-7 has", "à è ì ò ù é Ç Ø", sms.GSM7, 1, 15},
		{"a small cedilla is not among them", "ç", sms.UCS2, 1, 1},
		{"a backtick", "`", sms.UCS2, 1, 1},
		{"160 fit", strings.Repeat("a", 160), sms.GSM7, 1, 160},
		{"161 do not", strings.Repeat("a", 161), sms.GSM7, 2, 161},
		{"306 are two parts", strings.Repeat("a", 306), sms.GSM7, 2, 306},
		{"307 are three", strings.Repeat("a", 307), sms.GSM7, 3, 307},
		{"80 euro signs", strings.Repeat("€", 80), sms.GSM7, 1, 160},
		{"81 euro signs", strings.Repeat("€", 81), sms.GSM7, 2, 162},
		{"an escape on the border moves whole", strings.Repeat("€", 153), sms.GSM7, 3, 306},
		{"every character of the extension table", "\f^{}\\[~]|€", sms.GSM7, 1, 20},
		{"70 letters đ", strings.Repeat("đ", 70), sms.UCS2, 1, 70},
		{"71 letters đ", strings.Repeat("đ", 71), sms.UCS2, 2, 71},
		{"134 letters đ", strings.Repeat("đ", 134), sms.UCS2, 2, 134},
		{"135 letters đ", strings.Repeat("đ", 135), sms.UCS2, 3, 135},
		{"35 faces", strings.Repeat("😀", 35), sms.UCS2, 1, 70},
		{"36 faces", strings.Repeat("😀", 36), sms.UCS2, 2, 72},
		{"a face on the border moves whole", strings.Repeat("😀", 67), sms.UCS2, 3, 134},
		{"decomposed letters count once", norm.NFD.String(strings.Repeat("ế", 24)), sms.UCS2, 1, 24},
		{"decomposed letters that GSM-7 has", norm.NFD.String("à è"), sms.GSM7, 1, 3},
		// The next two are inputs that a known gateway cuts wrongly: it counts bytes.
		{"200 letters of three bytes", strings.Repeat("ạ", 200), sms.UCS2, 3, 200},
		{"a sentence of 159 bytes", sentence, sms.UCS2, 2, 116},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			count, units := sms.Segments(tt.text)
			got := []any{sms.Class(tt.text), count, units}
			if diff := cmp.Diff([]any{tt.alphabet, tt.count, tt.units}, got); diff != "" {
				t.Errorf("alphabet, segments, units (-want +got):\n%s", diff)
			}
			if n := sms.Units(tt.text); n != tt.units {
				t.Errorf("Units = %d, want %d", n, tt.units)
			}
			checkParts(t, tt.text)
		})
	}
}

// sentence has 116 letters and 159 bytes.
const sentence = "Có trẻ bị đánh ở bản Lác, xã Mai Châu. Cháu gái khoảng bảy tuổi, đêm nào cũng khóc. Mẹ rất sợ bố cháu, hãy tới sớm ạ"

func TestTheSentenceIsTheOneOfTheDefect(t *testing.T) {
	if n, b := utf8.RuneCountInString(sentence), len(sentence); n != 116 || b != 159 {
		t.Errorf("%d letters, %d bytes; want 116 and 159", n, b)
	}
}

// checkParts holds what is true of the parts of any text.
func checkParts(t *testing.T, text string) {
	t.Helper()
	parts := sms.Split(text)
	composed := norm.NFC.String(text)
	if joined := strings.Join(parts, ""); joined != composed {
		t.Errorf("the parts joined are not the text:\n got %q\nwant %q", joined, composed)
	}
	limit := sms.Part.Of(sms.Class(text))
	if len(parts) == 1 {
		limit = sms.Single.Of(sms.Class(text))
	}
	for i, p := range parts {
		if utf8.ValidString(text) && !utf8.ValidString(p) {
			t.Errorf("part %d is cut inside a character", i)
		}
		// Where the whole is UCS-2 a part alone might be GSM-7: count UTF-16.
		n := sms.Units(p)
		if sms.Class(text) == sms.UCS2 {
			n = utf16Len(p)
		}
		if n > limit {
			t.Errorf("part %d takes %d units, more than %d", i, n, limit)
		}
		if p == "" && len(parts) > 1 {
			t.Errorf("part %d is empty", i)
		}
	}
	if count, _ := sms.Segments(text); len(parts) < count {
		t.Errorf("%d parts, fewer than the %d segments it takes", len(parts), count)
	}
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

func TestSplitKeepsWordsWhole(t *testing.T) {
	got := sms.Split(sentence)
	want := []string{
		"Có trẻ bị đánh ở bản Lác, xã Mai Châu. Cháu gái khoảng bảy tuổi, ",
		"đêm nào cũng khóc. Mẹ rất sợ bố cháu, hãy tới sớm ạ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	tests := []struct {
		name, text string
		lengths    []int
	}{
		{"one word longer than a part", strings.Repeat("ạ", 200), []int{67, 67, 66}},
		{"a space on the border opens the next part", strings.Repeat("a", 153) + " " + strings.Repeat("b", 20), []int{153, 21}},
		{"a word that ends on the border", strings.Repeat("a", 152) + " " + strings.Repeat("b", 20), []int{153, 20}},
		{"a word that would be cut moves", strings.Repeat("a", 140) + " " + strings.Repeat("b", 50), []int{141, 50}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []int
			for _, p := range sms.Split(tt.text) {
				got = append(got, utf8.RuneCountInString(p))
			}
			if diff := cmp.Diff(tt.lengths, got); diff != "" {
				t.Errorf("lengths (-want +got):\n%s", diff)
			}
			checkParts(t, tt.text)
		})
	}
}

func TestSplitKeepsMarksWithTheirLetter(t *testing.T) {
	// A letter that has no composed form, so that NFC leaves its mark apart.
	for _, cluster := range []string{"q\u0323", "👩\u200d👧", "👋🏽"} {
		for pad := range 4 {
			text := strings.Repeat("đ", 66-pad) + strings.Repeat(cluster, 30)
			for _, p := range sms.Split(text) {
				if strings.HasPrefix(p, "\u0323") || strings.HasPrefix(p, "\u200d") || strings.HasPrefix(p, "🏽") || strings.HasSuffix(p, "\u200d") {
					t.Errorf("%+q after %d letters is cut inside: part %+q", cluster, 66-pad, p)
				}
			}
			checkParts(t, text)
		}
	}
}

func TestUnaccent(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"tone marks and hooks", "Trẻ em ở xã Mường Thải, Đà Bắc", "Tre em o xa Muong Thai, Da Bac"},
		{"both styles of the tone", "Hòa Bình, Hoà Bình", "Hoa Binh, Hoa Binh"},
		{"decomposed", norm.NFD.String("Đắk Lắk"), "Dak Lak"},
		{"the Latin eth taken for a đ", "Ðà Nẵng, ðà nẵng", "Da Nang, da nang"},
		{"quotes and dashes of a word processor", "“Báo – tin”…", `"Bao - tin"...`},
		{"other scripts keep their marks", "กำลัง", "กำลัง"},
		{"faces stay", "được 😀", "duoc 😀"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sms.Unaccent(tt.in); got != norm.NFC.String(tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFit(t *testing.T) {
	long := strings.Repeat("xã Mai Châu ", 10)
	tests := []struct {
		name  string
		text  string
		limit sms.Limit
		want  string
		whole bool
	}{
		{"fits with accents", "xã Mai Châu", sms.Page, "xã Mai Châu", true},
		{"loses its accents", long, sms.Page, strings.ReplaceAll(strings.ReplaceAll(long, "ã", "a"), "â", "a"), true},
		{"an operator that takes 182", strings.Repeat("a", 182), sms.Limit{GSM7: 182}, strings.Repeat("a", 182), true},
		{"is cut at a word", "mot hai ba bon nam", sms.Limit{GSM7: 12}, "mot hai ba..", false},
		{"is cut in a long word", strings.Repeat("a", 30), sms.Limit{GSM7: 12}, "aaaaaaaaaa..", false},
		{"a limit of one", "abcdef", sms.Limit{GSM7: 1}, "..", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, whole := sms.Fit(tt.text, tt.limit)
			if got != tt.want || whole != tt.whole {
				t.Errorf("got %q, %v; want %q, %v", got, whole, tt.want, tt.whole)
			}
		})
	}
}

func TestUSSDFits(t *testing.T) {
	tests := []struct {
		name  string
		text  string
		limit sms.Limit
		want  bool
	}{
		{"160 by default", strings.Repeat("a", 160), sms.Limit{}, true},
		{"161 by default", strings.Repeat("a", 161), sms.Limit{}, false},
		{"70 with accents", strings.Repeat("ả", 70), sms.Limit{}, true},
		{"71 with accents", strings.Repeat("ả", 71), sms.Limit{}, false},
		{"an operator's own limits", strings.Repeat("ả", 80), sms.Limit{UCS2: 80}, true},
		{"brackets cost two", strings.Repeat("[", 81), sms.Limit{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sms.USSDFits(tt.text, tt.limit); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestEstimate(t *testing.T) {
	rate := func(_ sms.Alphabet, segments int) int64 { return int64(segments) * 300_000 }
	got := sms.Estimate(sentence, rate)
	want := sms.Bill{Alphabet: sms.UCS2, Units: 116, Segments: 2, Cost: 600_000}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bill (-want +got):\n%s", diff)
	}
	if got := sms.Estimate("", nil); got.Cost != 0 || got.Segments != 1 {
		t.Errorf("without a rate: %+v", got)
	}
	if s := sms.GSM7.String() + " " + sms.UCS2.String(); s != "GSM-7 UCS-2" {
		t.Errorf("names: %s", s)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("Co tre bi danh o ban Lac")
	f.Add(sentence)
	f.Add(strings.Repeat("ạ", 200))
	f.Add(strings.Repeat("€[", 160))
	f.Add(strings.Repeat("👩\u200d👧🏽", 40))
	f.Add("\xff\xfe\x00 \u200f\u202e" + strings.Repeat("e\u0301\u0323", 90))
	f.Fuzz(func(t *testing.T, text string) {
		checkParts(t, text)
		if fit, _ := sms.Fit(text, sms.Page); !sms.USSDFits(fit, sms.Page) {
			t.Errorf("Fit gives a text that does not fit")
		}
		if got := sms.Unaccent(sms.Unaccent(text)); got != sms.Unaccent(text) {
			t.Errorf("unaccented twice is not the same")
		}
	})
}
