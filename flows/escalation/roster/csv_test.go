package roster_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/escalation/roster"
)

const (
	goodMembers = `id,name,role,place,level,phones,language
m1,Bùi Thị Hoa,duty member,04891,1,+84900000001;+84900000002,vi
m2,Hà Văn Páo,group head,04891,2,+84900000003,vi
d1,Nguyễn An,desk,province,0,+84900000004,en
`
	goodRota = `place,level,member,days,from,to
04891,1,m1,mon-sun,18:00,06:00
04891,2,m2,"mon,tue",00:00,24:00
province,0,d1,daily,00:00,24:00
`
	goodOverrides = `place,level,member,start,end
04891,1,m2,2026-02-16T18:00,2026-02-17T06:00:00
04891,2,,2028-02-29T00:00,2028-03-01T00:00
`
)

func places() flows.Directory {
	return flows.Directory{
		Province: "25@2025-07-01", Zone: "Asia/Ho_Chi_Minh",
		Places: []flows.Place{
			{ID: "04891@2025-07-01", Name: "Mai Châu"},
			{ID: "04900@1999-01-01", Name: "Gone", Until: "2025-07-01"},
		},
	}
}

func read(members, rota, overrides string) (flows.Directory, error) {
	return roster.Read(places(), roster.Files{
		Members:   roster.Source{Name: "members.csv", Reader: strings.NewReader(members)},
		Rota:      roster.Source{Name: "rota.csv", Reader: strings.NewReader(rota)},
		Overrides: roster.Source{Name: "overrides.csv", Reader: strings.NewReader(overrides)},
	})
}

func TestRead(t *testing.T) {
	d, err := read(goodMembers, goodRota, goodOverrides)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Members) != 3 || len(d.Members[0].Unproven) != 2 || len(d.Members[0].Phones) != 0 || len(d.Shifts) != 3 || len(d.Overrides) != 2 {
		t.Errorf("read %d members, %d shifts, %d overrides", len(d.Members), len(d.Shifts), len(d.Overrides))
	}
	if d.Members[2].Place != "25@2025-07-01" || d.Shifts[0].Place != "04891@2025-07-01" {
		t.Errorf("places %s, %s", d.Members[2].Place, d.Shifts[0].Place)
	}
	if got := d.Overrides[0].Start.UTC().Format(time.RFC3339); got != "2026-02-16T11:00:00Z" {
		t.Errorf("the override starts at %s", got)
	}
}

func TestReadRotationsAndPeriods(t *testing.T) {
	source := func(name, text string) roster.Source {
		return roster.Source{Name: name, Reader: strings.NewReader(text)}
	}
	files := func(rotations, periods string) roster.Files {
		return roster.Files{
			Members: source("members.csv", goodMembers), Rota: source("rota.csv", goodRota), Overrides: source("overrides.csv", goodOverrides),
			Rotations: source("rotations.csv", rotations), Periods: source("periods.csv", periods),
		}
	}
	const period = "04891,1,2027-02-05T17:00,2027-02-10T08:00,"
	d, err := roster.Read(places(), files(
		"place,level,members,start,every\n04891,1,m1;m2,2027-01-04T08:00,7\n",
		"place,level,start,end,member,days,from,to\n"+period+"m1,daily,08:00,20:00\n"+period+"m2,daily,20:00,08:00\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Rotations) != 1 || len(d.Rotations[0].Members) != 2 || len(d.Periods) != 1 || len(d.Periods[0].Shifts) != 2 {
		t.Errorf("rotations %v, periods %v", d.Rotations, d.Periods)
	}
	_, err = roster.Read(places(), files(
		"place,level,members,start,every\n04891,1,m1;mx,2027-01-04T08:00,0\n",
		"place,level,start,end,member,days,from,to\n04891,1,2027-02-10T08:00,2027-02-05T17:00,,,,\n"))
	for _, w := range []string{
		`rotations.csv:2: member: "mx" is not among the members`, `rotations.csv:2: every: expected a number of days, got "0"`,
		"periods.csv:2: end: 2027-02-05T17:00 is not after 2027-02-10T08:00",
	} {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("got %v, want a line with %q", err, w)
		}
	}
}

func TestReadNamesEveryFaultWithItsLine(t *testing.T) {
	for _, c := range []struct {
		name                     string
		members, rota, overrides string
		want                     []string
	}{
		{
			"members", "id,name,role,place,level,phones,language\nm1,A,r,04891,1,+84900000001,vi\nm1,,r,04999,9,0900000001,vi\nm3,C,r,04900,1,+84900000001,vi\n", goodRota, goodOverrides,
			[]string{
				`members.csv:3: place: expected the code of a place or "province", got "04999"`,
				`members.csv:3: level: expected 0 to 5, got "9"`,
				"members.csv:3: id: m1 is there twice",
				"members.csv:3: name is empty",
				"members.csv:3: phones: number 1: not an international phone number",
				"members.csv:4: place: 04900 is gone since 2025-07-01",
				"members.csv:4: phones: number 1 is also of m1",
			},
		},
		{
			"the rota", goodMembers, "place,level,member,days,from,to\n04891,1,nobody,mon-foo,25:00,6\n", goodOverrides,
			[]string{
				`rota.csv:2: member: "nobody" is not among the members`,
				`rota.csv:2: days: expected days like mon-fri or sat,sun, got "mon-foo"`,
				`rota.csv:2: from: expected a time like 18:00, got "25:00"`,
				`rota.csv:2: to: expected a time like 06:00, got "6"`,
			},
		},
		{
			"a day that does not exist", goodMembers, goodRota, "place,level,member,start,end\n04891,1,m1,2027-02-29T00:00,2027-03-01T00:00\n04891,1,m1,2027-03-02T00:00,2027-03-01T00:00\n",
			[]string{
				`overrides.csv:2: start: expected a moment like 2026-02-16T18:00, got "2027-02-29T00:00"`,
				"overrides.csv:3: end: 2027-03-01T00:00 is not after 2027-03-02T00:00",
			},
		},
		{"columns", "id,name\nx,y\n", goodRota, goodOverrides, []string{`members.csv:1: column "role" is missing`}},
		{"a level of the other tier", goodMembers + "m9,N,r,04891,4,+84900000009,vi\n", goodRota, goodOverrides, []string{"members.csv:5: member m9: level 4 belongs to the province, got place 04891@"}},
		{"a shift of the other tier", goodMembers, "place,level,member,days,from,to\n04891,1,m1,daily,08:00,20:00\nprovince,0,m1,daily,08:00,20:00\n", goodOverrides, []string{"rota.csv:3: shift 2: member m1 of level 1 cannot stand in at level 0"}},
		{"a short line", goodMembers + "m9,x\n", goodRota, goodOverrides, []string{"members.csv:5: expected 7 fields, got 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := read(c.members, c.rota, c.overrides)
			if err == nil {
				t.Fatal("accepted")
			}
			if d.Members != nil {
				t.Error("half of it was read")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("got\n%v\nwant a line with %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "900000001") {
				t.Error("a number is shown")
			}
		})
	}
}

func TestParseDays(t *testing.T) {
	for _, c := range []struct {
		text string
		want []time.Weekday
	}{
		{"mon-sun", []time.Weekday{1, 2, 3, 4, 5, 6, 0}},
		{"Sat, sun", []time.Weekday{6, 0}},
		{"fri-mon", []time.Weekday{5, 6, 0, 1}},
		{"mon,mon", []time.Weekday{1}},
	} {
		got, ok := roster.ParseDays(c.text)
		if d := cmp.Diff(c.want, got); d != "" || !ok {
			t.Errorf("%s: %s", c.text, d)
		}
	}
	for _, bad := range []string{"", "mon-", "mon-fri-sun", "t2"} {
		if _, ok := roster.ParseDays(bad); ok {
			t.Errorf("accepted %q", bad)
		}
	}
}
