package roster_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/escalation/roster"
)

func TestCompareSaysWhatWouldChange(t *testing.T) {
	before, err := read(goodMembers, goodRota, goodOverrides)
	if err != nil {
		t.Fatal(err)
	}
	after, err := read(
		"id,name,role,place,level,phones,language\nm1,Bùi Thị Hoa,duty member,04891,1,+84900000001,vi\n"+
			"m3,Lò Văn Én,duty member,04891,1,+84900000009,vi\nd1,Nguyễn An,desk,province,0,+84900000004,en\n",
		"place,level,member,days,from,to\n04891,1,m1,mon-fri,00:00,24:00\n04891,1,m3,sat,00:00,24:00\nprovince,0,d1,daily,00:00,24:00\n", "place,level,member,start,end\n")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	p, err := roster.Compare(now, before, after)
	if err != nil {
		t.Fatal(err)
	}
	lines := p.Lines()
	want := []string{
		"04891 is left without a head",
		"members added: 1 (m3)", "members removed: 1 (m2)", "members with other phones: 1 (m1)",
		"members without a verified phone, who get no alerts until they send back their code: 3 (m1, m3, d1)",
		"entries of the rota that are new or gone: 6",
	}
	for _, w := range want {
		if !strings.Contains(strings.Join(lines, "\n"), w) {
			t.Errorf("got\n%s\nwant a line %q", strings.Join(lines, "\n"), w)
		}
	}
	if strings.Contains(strings.Join(lines, "\n"), "+84") {
		t.Error("a number is shown")
	}
	same, err := roster.Compare(now, after, after)
	if err != nil || len(same.Added)+len(same.Removed)+len(same.Changed)+len(same.Phones)+same.Rota+len(same.Missing) != 0 {
		t.Errorf("nothing changed: %+v, %v", same, err)
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	d, err := read(goodMembers, goodRota, goodOverrides)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2027, 2, 5, 10, 0, 0, 0, time.UTC)
	d.Rotations = []flows.Rotation{{Place: d.Members[0].Place, Level: 1, Members: []flows.MemberID{"m1", "m2"}, Start: start, Every: 7}}
	d.Periods = []flows.Period{
		{Place: d.Members[0].Place, Level: 1, Start: start, End: start.Add(time.Hour), Shifts: d.Shifts[:1]},
		{Place: d.Members[0].Place, Level: 2, Start: start, End: start.Add(time.Hour)},
	}
	text := func(k roster.Kind) roster.Source {
		var b strings.Builder
		if err := roster.Write(&b, d, k); err != nil {
			t.Fatal(err)
		}
		return roster.Source{Name: string(k), Reader: strings.NewReader(b.String())}
	}
	got, err := roster.Read(places(), roster.Files{
		Members: text(roster.KindMembers), Rota: text(roster.KindRota), Overrides: text(roster.KindOverrides),
		Rotations: text(roster.KindRotations), Periods: text(roster.KindPeriods),
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(d, got, cmp.Comparer(func(a, b flows.Phone) bool { return a == b })); d != "" {
		t.Errorf("read back (-want +got):\n%s", d)
	}
}
