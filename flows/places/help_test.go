package places_test

import (
	"strings"
	"testing"

	"hotline/flows/places"
)

func TestReadPlacesReadsWhereHelpIs(t *testing.T) {
	const head = "code,name,province_code,province_name,type,health_station,safe_house\n"
	row := func(station, house string) string {
		return "05200,Mai Châu,25,Tỉnh Phú Thọ,Xã," + station + "," + house + "\n"
	}
	got, err := places.ReadPlaces("p.csv", strings.NewReader(head+row("Trạm y tế xã Mai Châu 02180000001", "")))
	if err != nil || got[0].HealthStation != "Trạm y tế xã Mai Châu 02180000001" || got[0].SafeHouse != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = places.ReadPlaces("p.csv", strings.NewReader(head+row("Trạm y tế", strings.Repeat("a", 46)+" 113")))
	want := "p.csv:2: health_station \"Trạm y tế\": want a name and its phone\n" +
		"p.csv:2: safe_house \"" + strings.Repeat("a", 40) + "…\" is longer than 48 letters"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err = places.ReadPlaces("p.csv", strings.NewReader(head+row("Trạm 😀 113", ""))); err == nil || !strings.Contains(err.Error(), "a phone may not show") {
		t.Errorf("got %v", err)
	}
}
