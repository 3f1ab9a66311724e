package places_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows/places"
)

func TestFindLines(t *testing.T) {
	in := "Mai Châu\r\nxa mai chaau\nthong nhat\ntỉnh Phú Thọ\nthong nhat\tLac Thuy\n\nkhong biet"
	want := strings.Join([]string{
		`{"text":"Mai Châu","code":"05200","how":"district","id":"05200@2025-07-01"}`,
		`{"text":"xa mai chaau","options":["05200"],"how":"near","ids":["05200@2025-07-01"],"labels":["Mai Chau"]}`,
		`{"text":"thong nhat","options":["04828","05425"],"how":"name","ids":["04828@2025-07-01","05425@2025-07-01"],"labels":["Thong Nhat (TP Hoa Binh)","Thong Nhat (Lac Thuy)"]}`,
		`{"text":"tỉnh Phú Thọ","narrow":"commune","how":"province"}`,
		`{"text":"thong nhat\tLac Thuy","code":"05425","how":"old name","id":"05425@2025-07-01"}`,
		`{"text":"","none":true,"how":"none"}`,
		`{"text":"khong biet","none":true,"how":"none"}`,
	}, "\n") + "\n"
	var out bytes.Buffer
	if err := places.FindLines(strings.NewReader(in), &out, sample(t)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
