package places_test

import (
	"slices"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/flows/places"
)

// without are texts as people send them, none of which names a commune.
const without = `
be gai nha hang xom bi bo danh suot dem, xin cac anh chi den ngay
Bé gái nhà hàng xóm bị bố đánh suốt đêm, xin các anh chị đến ngay
chau 14 tuoi, bi bat lay chong, chau so lam khong dam noi voi ai
chau Phuong Anh o lop em bi thay giao so mo
em o voi ba noi, bo me di lam xa nha, chu hay vao phong em ban dem
bo em uong ruou ve la danh me con em, em khong biet lam gi
co be bi nhot trong nha, doi, khong duoc an com
toi nghe tieng khoc o nha ben canh tu toi qua den gio
thang be bi bat di an xin o cho, toi nao cung bi danh
chau muon hoi la em gai chau bi xam hai thi bao ai
gia dinh khong hoa thuan, chau bi duoi ra khoi nha
xin giup chau be, dia chi thi cho chau hoi nguoi lon da
lam on den nhanh len, mau lam roi
con toi bi bat coc, nguoi ta doi tien
day la so cua hoi phu nu phai khong a
tre em bi ep lam viec o lo gach, khong cho di hoc
co tre bi bo roi truoc cong chua sang nay
nguoi bi to cao la can bo xa nen em khong dam bao
em bi ban be trong truong quay phim roi doi tung len mang
thay Thanh Son day toan danh hoc sinh
trung tam y te huyen khong nhan chau be
bao cong an phuong ma khong ai xuong
test
alo
`

func TestSentencesWithoutAPlaceAreNeverSure(t *testing.T) {
	l := nation(t)
	all := append(slices.Clone(l.before), l.after...)
	if !l.official {
		return // invented names are not the everyday words that real ones are
	}
	near := slices.DeleteFunc(slices.Clone(all), func(p flows.Place) bool {
		return !strings.HasSuffix(p.Province, "Phú Thọ") && !strings.HasSuffix(p.Province, "Hoà Bình")
	})
	nation, province := places.New(all, l.mapping, today), places.New(near, l.mapping, today)
	for text := range strings.Lines(strings.TrimSpace(without)) {
		text = strings.TrimSpace(text)
		if a := nation.FindInSentence(text, places.Hint{}); a.Place != "" && !a.Confirm {
			t.Errorf("the whole nation loaded, %q is sure to be %s", text, say(nation, a))
		} else if got := say(nation, a); got != "none" {
			t.Logf("nation: %q asks %s", text, got)
		}
		a := province.FindInSentence(text, places.Hint{})
		if a.Place != "" && !a.Confirm {
			t.Errorf("one province loaded, %q is sure to be %s", text, say(province, a))
		} else if got := say(province, a); got != "none" {
			t.Logf("province: %q asks %s", text, got)
		}
	}
}
