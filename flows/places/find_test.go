package places_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"hotline/flows"
	"hotline/flows/places"
)

var today = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// readPlaces and readMapping read a file or end the test.
func readPlaces(t testing.TB, path string) []flows.Place {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out, err := places.ReadPlaces(filepath.Base(path), f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readMapping(t testing.TB, path string) []flows.Succession {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out, err := places.ReadMapping(filepath.Base(path), f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const sampleDir = "../../configs/sample/"

func sample(t testing.TB) *places.Resolver {
	t.Helper()
	dir, mapping := readPlaces(t, sampleDir+"places.csv"), readMapping(t, sampleDir+"mapping.csv")
	if err := places.Check(dir, mapping); err != nil {
		t.Fatal(err)
	}
	return places.New(dir, mapping, today)
}

// say writes an answer in one line: a label, "? label", a list, or what to ask.
func say(r *places.Resolver, a places.Answer) string {
	switch {
	case a.Narrow != "" && len(a.Options) == 0:
		return "which " + string(a.Narrow)
	case a.Confirm:
		return "? " + strings.Join(a.Labels, "/")
	case len(a.Options) > 0:
		return strings.Join(a.Labels, "/")
	case a.Place != "":
		return r.Label(a.Place)
	}
	return "none"
}

func TestFind(t *testing.T) {
	tests := []struct{ name, text, want, how string }{
		{"as it is written", "Mai Châu", "Mai Chau", places.HowDistrict},
		{"without accents", "mai chau", "Mai Chau", places.HowDistrict},
		{"in capitals, decomposed", norm.NFD.String("MAI CHÂU"), "Mai Chau", places.HowDistrict},
		{"without the space", "maichau", "Mai Chau", places.HowDistrict},
		{"with the unit word", "xa Mai Chau", "Mai Chau", places.HowName},
		{"with the unit word shortened", "x.mai chau", "Mai Chau", places.HowName},
		{"with the unit word of the town it was", "tt Mai Châu", "Mai Chau", places.HowName},
		{"with the unit word glued on", "xamaichau", "? Mai Chau", places.HowNear},
		{"with the old province", "mai chau hoa binh", "Mai Chau", places.HowDistrict},
		{"with the new province", "mai chau, phu tho", "Mai Chau", places.HowDistrict},
		{"with every unit word", "xã Mai Châu, huyện Mai Châu, tỉnh Hoà Bình", "Mai Chau", places.HowName},
		{"in English", "Mai Chau commune", "Mai Chau", places.HowName},
		{"an old district in English", "Luong Son district", "Cao Duong/Lien Son/Luong Son", places.HowDistrict},
		{"a hamlet before it", "ban Lac, xa Mai Chau", "Mai Chau", places.HowName},
		{"a hamlet before it, no unit word between", "ban lac mai chau", "Mai Chau", places.HowName},
		{"an official code", "05200", "Mai Chau", places.HowCode},
		{"a code without its first zero", "5200", "? Mai Chau", places.HowCode},
		{"a code with its date", "05200@2025-07-01", "Mai Chau", places.HowCode},
		{"a code of before with its date", "05425@2004-01-01", "An Binh", places.HowCode},
		{"a code that only an old list has", "05233", "Mai Chau", places.HowCode},

		{"an old name", "Tòng Đậu", "Mai Chau", places.HowOldName},
		{"an old name with its district", "na phon mai chau", "Mai Chau", places.HowOldName},
		{"an old name with the Latin eth", "Tong Ðau", "Mai Chau", places.HowOldName},
		{"a split commune", "cao son luong son", "Lien Son (Cao Son)/Luong Son (Cao Son)", places.HowOldName},
		{"a split commune and its hamlet", "xom vai dao, xa cao son, luong son", "Luong Son", places.HowOldName},
		{"one name in two districts, one of them split", "cao son", "Cao Son/Lien Son (Cao Son)/Luong Son (Cao Son)", places.HowName},
		{"one name in two districts, with one", "cao son da bac", "Cao Son", places.HowName},
		{"one name in two districts", "thong nhat", "Thong Nhat (TP Hoa Binh)/Thong Nhat (Lac Thuy)", places.HowName},
		{"one name in two districts, with the other", "xa Thong Nhat, h. Lac Thuy", "An Binh", places.HowOldName},
		{"two that differ by accents", "van son", "Van Son (Tan Lac)/Van Son (Lac Son)", places.HowName},
		{"two that differ by accents, typed with them", "Văn Sơn", "Van Son (Lac Son)/Van Son (Tan Lac)", places.HowName},
		{"two that differ by accents, with the district", "van son lac son", "Thuong Coc", places.HowOldName},
		{"two old names that differ by accents", "thanh son", "Thanh Son (Luong Son)/Thanh Son (Mai Chau)", places.HowOldName},
		{"two old names, with the district behind a comma", "thanh son, luong son", "Cao Duong", places.HowOldName},

		{"an old district that is a commune too", "Kim Boi", "Kim Boi/Muong Dong", places.HowDistrict},
		{"an old district that is a commune too, as a commune", "xa kim boi", "Kim Boi", places.HowName},
		{"an old district of one commune, as a district", "huyen mai chau", "? Mai Chau", places.HowDistrict},
		{"an old district, as a district", "huyen luong son", "Cao Duong/Lien Son/Luong Son", places.HowDistrict},
		{"a province", "tinh phu tho", "which commune", places.HowProvince},
		{"a province that is an old town too", "Hoa Binh", "Hoa Binh/Thong Nhat", places.HowDistrict},

		{"Telex left in a word", "mai chaau", "? Mai Chau", places.HowNear},
		{"Telex left in all words", "Maxn DDuwcs", "? Man Duc", places.HowNear},
		{"VNI left in", "ma4n d9u7c1", "? Man Duc", places.HowNear},
		{"a letter dropped", "mai chu", "? Mai Chau", places.HowNear},
		{"a letter doubled", "mmai chau", "? Mai Chau", places.HowNear},
		{"two letters swapped", "mai cahu", "? Mai Chau", places.HowNear},
		{"a letter changed", "nai chau", "? Mai Chau", places.HowNear},
		{"two slips in a long name", "thuog coocs", "? Thuong Coc", places.HowNear},
		{"a slip in the district", "cao son da bca", "? Cao Son", places.HowNear},
		{"a slip in the unit word", "ax mai chau", "? Mai Chau", places.HowNear},
		{"a slip in a name that stands twice", "thong nhta", "Thong Nhat (TP Hoa Binh)/Thong Nhat (Lac Thuy)", places.HowNear},

		{"only a hamlet", "ban pom coong", "? Mai Chau", places.HowNear},
		{"a hamlet that is a slip of a name too", "ban lac", "Mai Chau/Tan Lac", places.HowNear},
		{"a hamlet without its unit word", "pom coong", "? Mai Chau", places.HowHamlet},
		{"filler words around", "nha em o xa mai chau co bac giup", "? Mai Chau", places.HowSentence},
		{"nothing", "", "none", places.HowNone},
		{"a zero", "0", "none", places.HowNone},
		{"a letter", "m", "none", places.HowNone},
		{"signs alone", "?!#*", "none", places.HowNone},
		{"faces", "😀😀", "none", places.HowNone},
		{"right to left", "مرحبا", "none", places.HowNone},
		{"a place elsewhere", "Ca Mau", "none", places.HowNone},
		{"I do not know", "khong biet", "none", places.HowNone},
	}
	r := sample(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := r.Find(tt.text, places.Hint{Province: "Phú Thọ"})
			if got := say(r, a); got != tt.want || a.How != tt.how {
				t.Errorf("Find(%q) = %q by %q, want %q by %q", tt.text, got, a.How, tt.want, tt.how)
			}
			checkAnswer(t, a)
		})
	}
}

// checkAnswer holds what is promised of every answer.
func checkAnswer(t testing.TB, a places.Answer) {
	t.Helper()
	if len(a.Options) > places.MaxOptions || len(a.Options) != len(a.Labels) {
		t.Errorf("%d options, %d labels", len(a.Options), len(a.Labels))
	}
	if a.Confirm != (len(a.Options) == 1) {
		t.Errorf("confirm is %v with %d options", a.Confirm, len(a.Options))
	}
	if (a.Place != "") != (len(a.Options) == 1 || (len(a.Options) == 0 && a.Narrow == "" && a.How != places.HowNone)) {
		t.Errorf("place %q with %d options, narrow %q, how %q", a.Place, len(a.Options), a.Narrow, a.How)
	}
	if a.Narrow != "" && len(a.Options) > 0 {
		t.Errorf("narrows and lists at once")
	}
	if a.How == "" {
		t.Error("no word on how")
	}
	seen := map[string]bool{}
	for _, l := range a.Labels {
		if seen[l] {
			t.Errorf("label %q stands twice", l)
		}
		seen[l] = true
	}
}

func TestFindTellsTheOldNameThatLedThere(t *testing.T) {
	r := sample(t)
	got := r.Find("Tòng Đậu", places.Hint{})
	want := places.Answer{Place: "05200@2025-07-01", Via: "05233@2004-01-01", How: places.HowOldName}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestHamletOfTheHintDecidesASplit(t *testing.T) {
	r := sample(t)
	a := r.Find("Cao Son, Luong Son", places.Hint{Hamlet: "xóm Nước Vải"})
	if got := say(r, a); got != "Lien Son" || a.Confirm {
		t.Errorf("got %q", got)
	}
}

func TestBeforeTheReformOldNamesStandForThemselves(t *testing.T) {
	dir, mapping := readPlaces(t, sampleDir+"places.csv"), readMapping(t, sampleDir+"mapping.csv")
	r := places.New(dir, mapping, time.Date(2025, 6, 30, 23, 0, 0, 0, time.UTC))
	a := r.Find("Tong Dau", places.Hint{})
	if a.Place != "05233@2004-01-01" || a.How != places.HowName {
		t.Errorf("got %+v", a)
	}
	if a := r.Find("05200", places.Hint{}); a.Place != "05200@2004-01-01" {
		t.Errorf("the code means %s", a.Place)
	}
}

func TestFindInSentence(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unit words and a hamlet", "be gai nha ben bi danh, ban Lac, xa Mai Chau", "Mai Chau"},
		{"with accents", "Bé gái nhà bên bị đánh, bản Lác, xã Mai Châu", "Mai Chau"},
		{"a name and its district", "o cao son da bac co be bi bo danh", "Cao Son"},
		{"a bare name is asked back", "co tre bi danh o mai chau chieu nay", "? Mai Chau"},
		{"an old name behind its unit word", "chau be o xa tong dau bi bo danh suot", "Mai Chau"},
		{"a split commune with its hamlet", "xom vai dao, xa cao son, luong son co tre bi bo doi", "Luong Son"},
		{"two communes", "nha o xa mai chau, dang o xa cao duong", "Cao Duong/Mai Chau"},
		{"taken back", "khong phai xa mai chau dau", "? Mai Chau"},
		{"a slip behind the unit word", "be o xa mai chaau bi danh", "? Mai Chau"},
		{"keyboard leftovers in every word", "bes gais owr xax mai chaau bij ddanhs", "? Mai Chau"},
		{"a bare name and later the unit word", "o mai chau, dung roi, xa mai chau", "Mai Chau"},
		{"a district alone", "o huyen luong son co tre bi danh", "Cao Duong/Lien Son/Luong Son"},
		{"a hamlet alone", "co chuyen o ban lac", "? Mai Chau"},
		{"a girl whose name is a unit word", "chau Phuong Mai Chau bi danh", "? Mai Chau"},
		{"a ward by its unit word", "o phuong hoa binh co be bi danh", "Hoa Binh"},
		{"everyday words that are names", "gia dinh khong hoa binh, khong doan ket, khong duoc tu do", "none"},
		{"far is no commune", "chau phai di hoc xa nha lam", "none"},
		{"no place", "be bi danh dau lam", "none"},
		{"nothing", "", "none"},
	}
	r := sample(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := r.FindInSentence(tt.text, places.Hint{})
			if got := say(r, a); got != tt.want {
				t.Errorf("%q: got %q by %q, want %q", tt.text, got, a.How, tt.want)
			}
			checkAnswer(t, a)
		})
	}
}

func TestFold(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Đắk Lắk", "dak lak"},
		{"Hòa Bình", "hoa binh"},
		{"HOÀ BÌNH", "hoa binh"},
		{"Ðà Nẵng", "da nang"},
		{"  xã   Mai  Châu ", "mai chau"},
		{"X.Mai Châu", "mai chau"},
		{"thị trấn Bo", "bo"},
		{"Ea H'leo", "ea hleo"},
		{"Phường 01", "1"},
		{"P.12", "12"},
		{"xã", "xa"},
		{norm.NFD.String("Tỉnh Phú Thọ"), "phu tho"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := places.Fold(tt.in); got != tt.want {
			t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
