package duty_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/escalation/duty"
)

const (
	commune  = flows.PlaceID("05200@2025-07-01")
	province = flows.PlaceID("25@2025-07-01")
)

var zone = time.FixedZone("+07", 7*3600)

func at(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, zone) }

// roster has a on duty every night, b every day, c never, at level 1.
func roster(t *testing.T, overrides ...flows.Override) *escalation.Roster {
	t.Helper()
	d := flows.Directory{Province: province, Zone: "Asia/Ho_Chi_Minh", Places: []flows.Place{{ID: commune}}, Overrides: overrides}
	for i, id := range []flows.MemberID{"a", "b", "c"} {
		p, err := flows.ParsePhone(fmt.Sprintf("+8490000000%d", i))
		if err != nil {
			t.Fatal(err)
		}
		d.Members = append(d.Members, flows.Member{ID: id, Place: commune, Level: flows.LevelDuty, Phones: []flows.Phone{p}})
	}
	week := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	d.Shifts = []flows.Shift{
		{Place: commune, Level: flows.LevelDuty, Member: "a", Days: week, From: 18 * 60, To: 6 * 60},
		{Place: commune, Level: flows.LevelDuty, Member: "b", Days: week, From: 6 * 60, To: 18 * 60},
	}
	r, err := escalation.NewRoster(d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func turn(start, end time.Time) escalation.Slot {
	return escalation.Slot{Place: commune, Level: flows.LevelDuty, Start: start, End: end}
}

func TestASwapPutsEachInTheOthersPlace(t *testing.T) {
	r := roster(t)
	night, day := turn(at(24, 18), at(25, 6)), turn(at(26, 6), at(26, 18))
	got, err := duty.Swap(r, at(23, 12), duty.Request{From: "a", To: "b", Turn: night, Back: &day})
	if err != nil {
		t.Fatal(err)
	}
	swapped := roster(t, got...)
	for _, c := range []struct {
		when time.Time
		want flows.MemberID
	}{
		{at(24, 17), "b"},
		{at(24, 18), "b"},
		{at(25, 5), "b"},
		{at(25, 6), "b"},
		{at(25, 18), "a"},
		{at(26, 6), "a"},
		{at(26, 17), "a"},
		{at(26, 18), "a"},
		{at(27, 6), "b"},
	} {
		on := swapped.OnDuty(commune, flows.LevelDuty, c.when)
		if len(on) != 1 || on[0].ID != c.want {
			t.Errorf("at %s: %v, want %s", c.when, on, c.want)
		}
	}
}

func TestWhatCannotBeSwapped(t *testing.T) {
	r := roster(t)
	night := turn(at(24, 18), at(25, 6))
	for _, c := range []struct {
		name string
		now  time.Time
		q    duty.Request
		want error
	}{
		{"somebody else's turn", at(23, 12), duty.Request{From: "b", To: "c", Turn: night}, duty.ErrNotOnDuty},
		{"with oneself", at(23, 12), duty.Request{From: "a", To: "a", Turn: night}, duty.ErrOnDuty},
		{"with nobody", at(23, 12), duty.Request{From: "a", To: "x", Turn: night}, duty.ErrStranger},
		{"a turn that has begun", at(24, 18), duty.Request{From: "a", To: "b", Turn: night}, duty.ErrPast},
		{"more than the turn", at(23, 12), duty.Request{From: "a", To: "c", Turn: turn(at(24, 18), at(25, 7))}, duty.ErrNotOnDuty},
	} {
		if _, err := duty.Swap(r, c.now, c.q); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestATurnIsConfirmedOrReplaced(t *testing.T) {
	rule := duty.Rule{Ask: 12 * time.Hour, Remind: 6 * time.Hour, Replace: 2 * time.Hour}
	night := turn(at(24, 18), at(25, 6))
	asked := duty.Confirmation{Turn: night, Member: "a", Asked: at(24, 6)}
	confirmed, declined, reminded := asked, asked, asked
	confirmed.Confirmed, declined.Declined, reminded.Reminded = at(24, 8), at(24, 8), at(24, 12)
	for _, c := range []struct {
		name string
		now  time.Time
		c    duty.Confirmation
		act  duty.Act
		who  flows.MemberID
		next time.Time
	}{
		{"long before", at(23, 12), duty.Confirmation{Turn: night, Member: "a"}, duty.ActNothing, "", at(24, 6)},
		{"in time", at(24, 6), duty.Confirmation{Turn: night, Member: "a"}, duty.ActAsk, "a", at(24, 12)},
		{"asked", at(24, 7), asked, duty.ActNothing, "", at(24, 12)},
		{"silent", at(24, 12), asked, duty.ActRemind, "a", at(24, 16)},
		{"reminded", at(24, 13), reminded, duty.ActNothing, "", at(24, 16)},
		{"still silent", at(24, 16), reminded, duty.ActReplace, "c", time.Time{}},
		{"a yes", at(24, 17), confirmed, duty.ActNothing, "", time.Time{}},
		{"a no", at(24, 8), declined, duty.ActReplace, "c", time.Time{}},
		{"begun", at(24, 18), reminded, duty.ActTooLate, "", time.Time{}},
	} {
		got := duty.Confirm(roster(t), c.now, rule, c.c)
		if got.Act != c.act || got.Member != c.who || !got.Next.Equal(c.next) {
			t.Errorf("%s: %s %s, next %s", c.name, got.Act, got.Member, got.Next)
		}
		if (len(got.Overrides) > 0) != (c.act == duty.ActReplace) {
			t.Errorf("%s: overrides %v", c.name, got.Overrides)
		}
	}
}

func TestTurnsToConfirm(t *testing.T) {
	var got []string
	for _, c := range duty.Turns(roster(t), at(24, 0), at(25, 0)) {
		got = append(got, string(c.Member)+" "+c.Turn.Start.In(zone).Format("02 15:04")+" to "+c.Turn.End.In(zone).Format("02 15:04"))
	}
	if d := cmp.Diff([]string{"b 24 06:00 to 24 18:00", "a 24 18:00 to 25 06:00"}, got); d != "" {
		t.Errorf("turns (-want +got):\n%s", d)
	}
}

func TestICalOfAMember(t *testing.T) {
	feed := duty.Feed{
		Roster: roster(t), Member: "a", From: at(24, 12), To: at(26, 12), Stamp: at(23, 12), Name: "Truc",
		Title: func(s escalation.Slot) string { return "Truc " + s.Place.Code() }, Remind: 2 * time.Hour,
	}
	var first, second strings.Builder
	if err := duty.ICal(&first, feed); err != nil {
		t.Fatal(err)
	}
	feed.Stamp = feed.Stamp.Add(time.Hour)
	if err := duty.ICal(&second, feed); err != nil {
		t.Fatal(err)
	}
	cal, err := ics.ParseCalendar(strings.NewReader(first.String()))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range cal.Events() {
		start, _ := e.GetStartAt()
		end, _ := e.GetEndAt()
		got = append(got, start.In(zone).Format("02 15:04")+" to "+end.In(zone).Format("02 15:04")+" "+e.GetProperty(ics.ComponentPropertySummary).Value)
	}
	if d := cmp.Diff([]string{"24 18:00 to 25 06:00 Truc 05200", "25 18:00 to 26 06:00 Truc 05200"}, got); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
	uids := func(s string) []string {
		return slices.DeleteFunc(strings.Split(s, "\n"), func(l string) bool { return !strings.HasPrefix(l, "UID:") })
	}
	if d := cmp.Diff(uids(first.String()), uids(second.String())); d != "" || len(uids(first.String())) != 2 {
		t.Errorf("the turns change their identity: %s", d)
	}
	if strings.Contains(first.String(), "+84") {
		t.Error("a number is in the calendar")
	}
}
