package places_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/places"
)

const head = "code,name,district_code,district_name,province_code,province_name,type\n"

func TestReadPlaces(t *testing.T) {
	in := "\ufeff" + "code,name,district_code,district_name,province_code,province_name,type,from,until,hamlets\n" +
		"25,Phú Thọ,,,25,Tỉnh Phú Thọ,Tỉnh,,,\r\n" +
		"05200, Mai Châu ,,,25,Tỉnh Phú Thọ,Xã,,,Bản Lác; Bản Văn\n" +
		"05200,\"Mai Cha\u0302u\",156,Huyện Mai Châu,17,Tỉnh Hoà Bình,Thị trấn,,,\n" +
		"04891,Vầy Nưa,150,Huyện Đà Bắc,17,Tỉnh Hoà Bình,Xã,2010-01-01,2020-01-01,\n"
	got, err := places.ReadPlaces("places.csv", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	want := []flows.Place{
		{ID: "25@2025-07-01", Name: "Phú Thọ", Type: "Tỉnh", Province: "Tỉnh Phú Thọ"},
		{ID: "05200@2025-07-01", Name: "Mai Châu", Type: "Xã", Province: "Tỉnh Phú Thọ", Parent: "25@2025-07-01", Hamlets: []string{"Bản Lác", "Bản Văn"}},
		{ID: "05200@2004-01-01", Name: "Mai Châu", Type: "Thị trấn", District: "Huyện Mai Châu", Province: "Tỉnh Hoà Bình", Until: "2025-07-01"},
		{ID: "04891@2010-01-01", Name: "Vầy Nưa", Type: "Xã", District: "Huyện Đà Bắc", Province: "Tỉnh Hoà Bình", Until: "2020-01-01"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

func TestReadPlacesReportsEveryFaultWithItsLine(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"an empty file", "", "p.csv:1: no header row: the file is empty"},
		{"only a header", head, "p.csv:1: no places"},
		{"a column missing", "code,name,province_code,type\n05200,A,25,Xã\n", `p.csv:1: column "province_name" is missing`},
		{"a column that nobody knows", strings.TrimSpace(head) + ",colour\n", `p.csv:1: column "colour": want one of code, name, province_code, province_name, type, district_code, district_name, from, until, hamlets, health_station, safe_house, neighbours`},
		{"a column twice", strings.TrimSpace(head) + ",type\n", `p.csv:1: column "type" stands twice`},
		{"a lower-case unit word", head + "06325,Bắc Sơn,,,20,Tỉnh Lạng Sơn,xã\n", `p.csv:2: type "xã": want Xã, Phường, Thị trấn, Đặc khu, Tỉnh, Thành phố`},
		{"the unit word in the name", head + "06325,xã Bắc Sơn,,,20,Tỉnh Lạng Sơn,Xã\n", `p.csv:2: name "xã Bắc Sơn" begins with the unit word "xã": write it in the column type`},
		{"a code without its first zero", head + "5200,Mai Châu,,,25,Tỉnh Phú Thọ,Xã\n", `p.csv:2: code "5200": want 5 digits`},
		{"a code twice", head + "05200,Mai Châu,,,25,Tỉnh Phú Thọ,Xã\n05200,Mai Hạ,,,25,Tỉnh Phú Thọ,Xã\n", `p.csv:3: code 05200 from 2025-07-01 stands on line 2 already`},
		{"half a district", head + "05200,Mai Châu,156,,25,Tỉnh Phú Thọ,Xã\n", `p.csv:2: district_code and district_name: want both or neither`},
		{"a name of nothing", head + "05200, ,,,25,Tỉnh Phú Thọ,Xã\n", `p.csv:2: name is empty`},
		{"a name of signs", head + "05200,!!,,,25,Tỉnh Phú Thọ,Xã\n", `p.csv:2: name "!!" has no letter`},
		{"a name without end", head + "05200," + strings.Repeat("a", 60) + ",,,25,Tỉnh Phú Thọ,Xã\n", `p.csv:2: name "` + strings.Repeat("a", 40) + `…" is longer than 48 letters`},
		{"another encoding", head + "05200,Mai Ch\xe2u,,,25,Tỉnh Phú Thọ,Xã\n", "p.csv:2: name is not UTF-8\np.csv:2: name is empty"},
		{"a field too few", head + "05200,Mai Châu,,25,Tỉnh Phú Thọ,Xã\n", `p.csv:2: expected 7 fields, got 6`},
		{"a quote in the middle", head + "05200,Mai \"Châu,,,25,Tỉnh Phú Thọ,Xã\n", `p.csv:2: bare " in non-quoted-field`},
		{"a date that is none", "code,name,province_code,province_name,type,from\n05200,A,25,Phú Thọ,Xã,1/7/2025\n", `p.csv:2: from "1/7/2025": want a date like 2025-07-01`},
		{"an end before the beginning", "code,name,province_code,province_name,type,until\n05200,A,25,Phú Thọ,Xã,2020-01-01\n", `p.csv:2: until: 2020-01-01 is not after 2025-07-01`},
		{"neighbours that are none", "code,name,province_code,province_name,type,neighbours\n05200,A,25,Phú Thọ,Xã,05200;05999\n", "p.csv:2: neighbours: 05200 is the place itself or there twice\np.csv:2: neighbours: no place of today has the code 05999"},
		{"a province with the code of another", head + "25,Phú Thọ,,,17,Tỉnh Phú Thọ,Tỉnh\n", `p.csv:2: province_code 17: want 25, the code of the row itself`},
		{
			"several faults at once", head + "1,Mai Châu,,,x,Tỉnh Phú Thọ,Xã\n\n05203,,,,25,Tỉnh Phú Thọ,Làng\n",
			"p.csv:2: code \"1\": want 5 digits\np.csv:2: province_code \"x\": want 2 digits\n" +
				"p.csv:4: type \"Làng\": want Xã, Phường, Thị trấn, Đặc khu, Tỉnh, Thành phố\np.csv:4: name is empty",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := places.ReadPlaces("p.csv", strings.NewReader(tt.in))
			if err == nil || got != nil {
				t.Fatalf("accepted, %d places", len(got))
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadMapping(t *testing.T) {
	in := "old_code,old_name,new_code,kind,hamlets\n04957,Xã Cao Sơn,04924,partial,Xóm Vai Đào\n04957,Xã Cao Sơn,04960,partial,\n05233,Xã Tòng Đậu,05200,full,\n"
	got, err := places.ReadMapping("m.csv", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	want := []flows.Succession{
		{Old: "04957@2004-01-01", New: "04924@2025-07-01", Part: true, Hamlets: []string{"Xóm Vai Đào"}},
		{Old: "04957@2004-01-01", New: "04960@2025-07-01", Part: true},
		{Old: "05233@2004-01-01", New: "05200@2025-07-01"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mapping (-want +got):\n%s", diff)
	}
}

func TestReadMappingReportsEveryFaultWithItsLine(t *testing.T) {
	const head = "old_code,new_code,kind,hamlets\n"
	tests := []struct{ name, in, want string }{
		{"a code of four digits", head + "5233,05200,full,\n", `m.csv:2: old_code "5233": want 5 digits`},
		{"a kind that is none", head + "05233,05200,half,\n", `m.csv:2: kind "half": want full or partial`},
		{"full to two places", head + "05233,05200,full,\n05233,05203,full,\n", `m.csv:3: old_code 05233 leads to several places: want kind partial in every row`},
		{"the same row twice", head + "05233,05200,partial,\n05233,05200,partial,\n", `m.csv:3: 05233 to 05200 stands on line 2 already`},
		{"hamlets of a whole", head + "05233,05200,full,Xóm A\n", `m.csv:2: hamlets of a place that is not split`},
		{"nothing", head, `m.csv:1: no rows`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := places.ReadMapping("m.csv", strings.NewReader(tt.in))
			if err == nil || got != nil {
				t.Fatalf("accepted, %d rows", len(got))
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	dir := []flows.Place{
		{ID: "05200@2025-07-01", Name: "Mai Châu", Type: "Xã"},
		{ID: "05233@2004-01-01", Name: "Tòng Đậu", Type: "Xã", Until: "2025-07-01"},
		{ID: "05203@2025-07-01", Name: "Pà Cò", Type: "Xã"},
		{ID: "05203@2025-07-01", Name: "Pà Cò", Type: "Xã"},
	}
	mapping := []flows.Succession{
		{Old: "05233@2004-01-01", New: "05200@2025-07-01"},
		{Old: "05234@2004-01-01", New: "05200@2025-07-01"},
		{Old: "05233@2004-01-01", New: "05299@2025-07-01"},
		{Old: "05203@2025-07-01", New: "05200@2025-07-01"},
	}
	want := strings.Join([]string{
		"place 05203@2025-07-01 stands twice",
		"mapping 05234@2004-01-01 to 05200@2025-07-01: the first is not in the directory",
		"mapping 05233@2004-01-01 to 05299@2025-07-01: the second is not in the directory",
		"mapping 05203@2025-07-01 to 05200@2025-07-01: the first still exists",
	}, "\n")
	err := places.Check(dir, mapping)
	if err == nil {
		t.Fatal("accepted")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if err := places.Check(dir[:2], mapping[:1]); err != nil {
		t.Error(err)
	}
}

// asCSV writes places as the official files have them.
func asCSV(list []flows.Place) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(strings.Split(strings.TrimSpace(head), ","))
	for _, p := range list {
		dc := ""
		if p.District != "" {
			dc = "001"
		}
		_ = w.Write([]string{p.ID.Code(), p.Name, dc, p.District, "01", p.Province, p.Type})
	}
	w.Flush()
	return b.Bytes()
}

func TestTheNationIsReadInTwoSeconds(t *testing.T) {
	l := nation(t)
	before, after := asCSV(l.before), asCSV(l.after)
	start := worked(t)
	var dir []flows.Place
	for _, b := range [][]byte{before, after} {
		got, err := places.ReadPlaces("p.csv", bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		dir = append(dir, got...)
	}
	if err := places.Check(dir, nil); err != nil {
		t.Fatal(err)
	}
	places.New(dir, nil, today)
	took := worked(t) - start
	limit := 2 * time.Second
	if stride > 1 { // the race detector
		limit *= 10
	}
	if took > limit {
		t.Errorf("%d rows took %v, want %v", len(dir), took, limit)
	}
	t.Logf("%d rows took %v", len(dir), took)
}

// worked is the time that this process has had a processor, so that the limit
// means the same on a busy machine.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestTheOfficialFilesAgree(t *testing.T) {
	dir := officialDir()
	if dir == "" {
		t.Log("the official lists are not here; the invented ones stand in for them in the other tests")
		return
	}
	all := readPlaces(t, filepath.Join(dir, "communes_2025_phu_tho.csv"))
	all = append(all, readPlaces(t, filepath.Join(dir, "communes_pre2025_hoa_binh.csv"))...)
	mapping := readMapping(t, filepath.Join(dir, "map_hoa_binh_2025.csv"))
	if len(all) != 148+151 || len(mapping) != 154 {
		t.Errorf("%d places, %d rows of mapping", len(all), len(mapping))
	}
	if err := places.Check(all, mapping); err != nil {
		t.Error(err)
	}
	r := places.New(all, mapping, today)
	a := r.Find("Kim Boi", places.Hint{})
	if len(a.Options) != 5 || a.Labels[0] != "Kim Boi" {
		t.Errorf("Kim Boi alone: %s", say(r, a))
	}
	if a := r.Find("xa tong dau, mai chau, hoa binh", places.Hint{}); a.Place != "05200@2025-07-01" {
		t.Errorf("an old name: %s", say(r, a))
	}
}

func FuzzReadPlaces(f *testing.F) {
	sample, err := os.ReadFile(sampleDir + "places.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte(head + "05200,Mai Châu,,,25,Tỉnh Phú Thọ,Xã\n"))
	f.Add([]byte("\xef\xbb\xbf\"code\",name\n\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := places.ReadPlaces("p.csv", bytes.NewReader(b))
		if (err == nil) == (got == nil) {
			t.Errorf("%d places and error %v: want one of them", len(got), err)
		}
		r := places.New(got, nil, today)
		for _, p := range got {
			if !places.Above(p) && from(p) <= "2026-11-23" {
				checkAnswer(t, r.Find(p.Name, places.Hint{}))
			}
		}
		if _, err := places.ReadMapping("m.csv", bytes.NewReader(b)); err != nil && err.Error() == "" {
			t.Error("a fault without words")
		}
	})
}

func from(p flows.Place) string { return strings.TrimPrefix(string(p.ID), p.ID.Code()+"@") }

func TestAMappingStandsInForAMissingList(t *testing.T) {
	const file = "old_code,old_name,old_district_name,new_code,new_name,new_province_name,kind\n" +
		"05233,Xã Tòng Đậu,Huyện Mai Châu,05200,Xã Mai Châu,Tỉnh Phú Thọ,full\n" +
		"05200,Thị trấn Mai Châu,Huyện Mai Châu,05200,Xã Mai Châu,Tỉnh Phú Thọ,full\n"
	got, err := places.ReadMapped("m.csv", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	want := []flows.Place{
		{ID: "05233@2004-01-01", Name: "Tòng Đậu", Type: "Xã", District: "Huyện Mai Châu", Until: "2025-07-01"},
		{ID: "05200@2025-07-01", Name: "Mai Châu", Type: "Xã", Province: "Tỉnh Phú Thọ"},
		{ID: "05200@2004-01-01", Name: "Mai Châu", Type: "Thị trấn", District: "Huyện Mai Châu", Until: "2025-07-01"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	mapping, err := places.ReadMapping("m.csv", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	list := []flows.Place{{ID: "05200@2025-07-01", Name: "Mai Châu", Type: "Xã", Province: "Tỉnh Phú Thọ", Hamlets: []string{"Bản Lác"}}}
	all := places.Join(list, got)
	if err := places.Check(all, mapping); err != nil || len(all) != 3 || len(all[0].Hamlets) != 1 {
		t.Errorf("joined %d places: %v", len(all), err)
	}
	if a := places.New(all, mapping, today).Find("tong dau, mai chau, phu tho", places.Hint{}); a.Place != "05200@2025-07-01" {
		t.Errorf("the old name gives %+v", a)
	}
	_, err = places.ReadMapped("m.csv", strings.NewReader("old_code,old_name,new_code,kind\n05233,Tòng Đậu,05200,full\n"))
	if err == nil || err.Error() != `m.csv:2: old_name "Tòng Đậu": want a name that begins with Xã, Phường, Thị trấn, Đặc khu` {
		t.Errorf("a name without its unit word: %v", err)
	}
}
