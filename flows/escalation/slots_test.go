package escalation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hotline/flows"
	"hotline/flows/escalation"
)

func TestRotationsAndPeriods(t *testing.T) {
	zone := mustZone(t, "Asia/Ho_Chi_Minh")
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	d := flows.Directory{Province: province, Zone: "Asia/Ho_Chi_Minh", Places: []flows.Place{{ID: maiChau}}}
	for i, id := range []string{"a", "b", "c"} {
		d.Members = append(d.Members, member(id, maiChau, flows.LevelDuty, i))
	}
	d.Rotations = []flows.Rotation{{Place: maiChau, Level: 1, Members: []flows.MemberID{"a", "b"}, Start: at("2027-01-04 08:00"), Every: 7}}
	d.Periods = []flows.Period{{
		Place: maiChau, Level: 1, Start: at("2027-02-05 17:00"), End: at("2027-02-10 08:00"),
		Shifts: []flows.Shift{{Place: maiChau, Level: 1, Member: "c", Days: everyDay, From: 8 * 60, To: 20 * 60}},
	}}
	d.Overrides = []flows.Override{{Place: maiChau, Level: 1, Member: "a", Start: at("2027-02-06 20:00"), End: at("2027-02-07 08:00")}}
	r, err := escalation.NewRoster(d)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range r.Slots(maiChau, 1, at("2027-01-04 00:00"), at("2027-02-12 00:00")) {
		who := make([]string, 0, 2)
		for _, id := range s.Members {
			who = append(who, string(id))
		}
		got = append(got, s.Start.Format("01-02 15:04")+" "+strings.Join(who, "+"))
	}
	want := []string{
		"01-04 00:00 ", "01-04 08:00 a", "01-11 08:00 b", "01-18 08:00 a", "01-25 08:00 b", "02-01 08:00 a",
		"02-05 17:00 c", "02-05 20:00 ", "02-06 08:00 c", "02-06 20:00 a", "02-07 08:00 c", "02-07 20:00 ",
		"02-08 08:00 c", "02-08 20:00 ", "02-09 08:00 c", "02-09 20:00 ", "02-10 08:00 b",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("slots (-want +got):\n%s", d)
	}
}

func TestGapsOfAFortnight(t *testing.T) {
	d := directory()
	d.Shifts[0].Days, d.Shifts[1].Days = []time.Weekday{1, 2, 3, 4, 5}, []time.Weekday{1, 2, 3, 4, 5, 6}
	w := worldOf(t, d)
	var got []string
	for _, g := range w.Roster.Gaps(noon(t), 14) {
		got = append(got, g.Place.Code()+" "+g.Start.Format("01-02 15:04")+" "+g.End.Sub(g.Start).String())
	}
	if d := cmp.Diff([]string{"04891 11-29 00:00 24h0m0s", "04891 12-06 00:00 24h0m0s"}, got); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
}

// TestSlotsAgreeWithTheMinute compares the slots with who is on duty in every
// quarter of an hour.
func TestSlotsAgreeWithTheMinute(t *testing.T) {
	zone := mustZone(t, "America/New_York")
	rapid.Check(t, func(t *rapid.T) {
		d := flows.Directory{Province: province, Zone: "America/New_York", Places: []flows.Place{{ID: maiChau}}}
		names := []flows.MemberID{"a", "b", "c"}
		for i, id := range names {
			d.Members = append(d.Members, member(string(id), maiChau, flows.LevelDuty, i))
		}
		begin := time.Date(2026, 10, 30, 0, 0, 0, 0, zone) // the clocks go back on the first
		moment := func(what string) time.Time {
			return begin.Add(time.Duration(rapid.IntRange(-40, 500).Draw(t, what)) * 15 * time.Minute)
		}
		who := rapid.SampledFrom(names)
		for range rapid.IntRange(0, 3).Draw(t, "shifts") {
			d.Shifts = append(d.Shifts, flows.Shift{
				Place: maiChau, Level: 1, Member: who.Draw(t, "who"),
				Days: []time.Weekday{time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")), time.Saturday},
				From: rapid.IntRange(0, 95).Draw(t, "from") * 15, To: rapid.IntRange(0, 96).Draw(t, "to") * 15,
			})
		}
		for range rapid.IntRange(0, 3).Draw(t, "overrides") {
			o := flows.Override{Place: maiChau, Level: 1, Member: who.Draw(t, "who"), Start: moment("start")}
			o.End = o.Start.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "long")) * 15 * time.Minute)
			d.Overrides = append(d.Overrides, o)
		}
		if rapid.Bool().Draw(t, "rotation") {
			d.Rotations = append(d.Rotations, flows.Rotation{Place: maiChau, Level: 1, Members: names, Start: moment("turn"), Every: 1})
		}
		r, err := escalation.NewRoster(d)
		if err != nil {
			t.Fatal(err)
		}
		end := begin.Add(5 * 24 * time.Hour)
		slots := r.Slots(maiChau, 1, begin, end)
		if !slots[0].Start.Equal(begin) || !slots[len(slots)-1].End.Equal(end) {
			t.Fatalf("the slots go from %s to %s", slots[0].Start, slots[len(slots)-1].End)
		}
		for at := begin; at.Before(end); at = at.Add(15 * time.Minute) {
			for _, s := range slots {
				if at.Before(s.Start) || !at.Before(s.End) {
					continue
				}
				var on []flows.MemberID
				for _, m := range r.OnDuty(maiChau, 1, at) {
					on = append(on, m.ID)
				}
				if !cmp.Equal(on, s.Members) {
					t.Fatalf("at %s: %v on duty, the slot says %v", at, on, s.Members)
				}
			}
		}
	})
}
