package escalation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/escalation"
)

// duty is a roster of one commune's level 1 with members a, b and c.
func duty(t *testing.T, zone string, shifts []flows.Shift, overrides []flows.Override) *escalation.Roster {
	t.Helper()
	d := flows.Directory{Province: province, Zone: zone, Places: []flows.Place{{ID: maiChau}}}
	for i, id := range []string{"a", "b", "c"} {
		d.Members = append(d.Members, member(id, maiChau, flows.LevelDuty, i))
	}
	for _, s := range shifts {
		s.Place, s.Level = maiChau, flows.LevelDuty
		d.Shifts = append(d.Shifts, s)
	}
	for _, o := range overrides {
		o.Place, o.Level = maiChau, flows.LevelDuty
		d.Overrides = append(d.Overrides, o)
	}
	r, err := escalation.NewRoster(d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOnDuty(t *testing.T) {
	const vietnam, newYork = "Asia/Ho_Chi_Minh", "America/New_York"
	at := func(zone, s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, mustZone(t, zone))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	over := func(zone string, m flows.MemberID, start, end string) flows.Override {
		return flows.Override{Member: m, Start: at(zone, start), End: at(zone, end)}
	}
	night := flows.Shift{Member: "a", Days: []time.Weekday{time.Friday}, From: 18 * 60, To: 6 * 60}
	day := flows.Shift{Member: "b", Days: everyDay, From: 6 * 60, To: 18 * 60}
	for _, c := range []struct {
		name      string
		zone      string
		shifts    []flows.Shift
		overrides []flows.Override
		when      []string // moment → members, joined by "+"
	}{
		{"a shift across midnight", vietnam, []flows.Shift{night, day}, nil, []string{
			"2026-11-27 17:59 b", "2026-11-27 18:00 a", "2026-11-28 00:00 a", "2026-11-28 05:59 a", "2026-11-28 06:00 b",
			"2026-11-28 18:00 -", "2026-11-27 05:59 -",
		}},
		{"the whole day round", vietnam, []flows.Shift{{Member: "a", Days: everyDay, From: 8 * 60, To: 8 * 60}}, nil, []string{
			"2026-11-27 07:59 a", "2026-11-27 08:00 a",
		}},
		{"until 24:00", vietnam, []flows.Shift{{Member: "a", Days: []time.Weekday{time.Friday}, From: 0, To: 24 * 60}}, nil, []string{
			"2026-11-27 00:00 a", "2026-11-27 23:59 a", "2026-11-28 00:00 -",
		}},
		{"two together, in the order of the rota", vietnam, []flows.Shift{day, {Member: "a", Days: everyDay, From: 7 * 60, To: 8 * 60}}, nil, []string{
			"2026-11-27 07:30 b+a",
		}},
		{"an override across midnight", vietnam, []flows.Shift{day}, []flows.Override{over(vietnam, "c", "2026-11-27 12:00", "2026-11-28 12:00")}, []string{
			"2026-11-27 11:59 b", "2026-11-27 12:00 c", "2026-11-28 00:00 c", "2026-11-28 12:00 b",
		}},
		{"an override within a longer one", vietnam, nil, []flows.Override{
			over(vietnam, "c", "2026-11-27 12:00", "2026-11-27 14:00"), over(vietnam, "b", "2026-11-25 00:00", "2026-11-30 00:00"),
		}, []string{"2026-11-27 11:00 b", "2026-11-27 13:00 c", "2026-11-27 14:00 b"}},
		{"two overrides that overlap", vietnam, nil, []flows.Override{
			over(vietnam, "b", "2026-11-27 10:00", "2026-11-27 14:00"), over(vietnam, "c", "2026-11-27 12:00", "2026-11-27 16:00"),
		}, []string{"2026-11-27 11:00 b", "2026-11-27 13:00 c", "2026-11-27 15:00 c"}},
		{"two overrides of the same start", vietnam, nil, []flows.Override{
			over(vietnam, "b", "2026-11-27 10:00", "2026-11-27 14:00"), over(vietnam, "c", "2026-11-27 10:00", "2026-11-27 16:00"),
		}, []string{"2026-11-27 11:00 b+c", "2026-11-27 15:00 c"}},
		{"nobody, on purpose", vietnam, []flows.Shift{day}, []flows.Override{over(vietnam, "", "2026-11-27 10:00", "2026-11-27 14:00")}, []string{
			"2026-11-27 09:59 b", "2026-11-27 10:00 -", "2026-11-27 14:00 b",
		}},
		{"29 February", vietnam, []flows.Shift{{Member: "a", Days: []time.Weekday{time.Tuesday}, From: 0, To: 24 * 60}}, []flows.Override{
			over(vietnam, "c", "2028-02-29 12:00", "2028-03-01 12:00"),
		}, []string{"2028-02-28 12:00 -", "2028-02-29 11:00 a", "2028-02-29 13:00 c", "2028-03-01 11:00 c", "2028-03-01 12:00 -"}},
		{"clocks go forward in the night", newYork, []flows.Shift{{Member: "a", Days: []time.Weekday{time.Saturday}, From: 22 * 60, To: 6 * 60}}, nil, []string{
			"2026-03-08 01:59 a", "2026-03-08 03:00 a", "2026-03-08 05:59 a", "2026-03-08 06:00 -",
		}},
		{"clocks go back in the night", newYork, []flows.Shift{{Member: "a", Days: []time.Weekday{time.Saturday}, From: 22 * 60, To: 6 * 60}}, nil, []string{
			"2026-11-01 01:30 a", "2026-11-01 05:59 a", "2026-11-01 06:00 -",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := duty(t, c.zone, c.shifts, c.overrides)
			for _, w := range c.when {
				moment, want := w[:16], w[17:]
				var ids []string
				for _, m := range r.OnDuty(maiChau, flows.LevelDuty, at(c.zone, moment)) {
					ids = append(ids, string(m.ID))
				}
				if got := strings.Join(ids, "+"); got != strings.Trim(want, "-") {
					t.Errorf("at %s: %q, want %q", moment, got, want)
				}
			}
		})
	}
}

func TestTheSecondNightOfAutumnCountsBothHours(t *testing.T) {
	r := duty(t, "America/New_York", []flows.Shift{{Member: "a", Days: everyDay, From: 60, To: 120}}, nil)
	first := time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC) // 01:30, before the change
	for _, at := range []time.Time{first, first.Add(time.Hour)} {
		if len(r.OnDuty(maiChau, flows.LevelDuty, at)) != 1 {
			t.Errorf("nobody at %s", at.In(r.Zone()))
		}
	}
}

func TestNewRosterNamesEveryFault(t *testing.T) {
	d := directory()
	d.Zone = "Mars/Olympus"
	d.Members = append(d.Members, member("duty1", maiChau, flows.LevelDuty, 1), member("lost", "99@2025", flows.LevelDuty, 50), member("boss", maiChau, flows.LevelDepartment, 51))
	d.Shifts = append(d.Shifts, flows.Shift{Place: maiChau, Level: flows.LevelDuty, Member: "nobody", Days: everyDay, To: 60},
		flows.Shift{Place: province, Level: flows.LevelDesk, Member: "duty1", Days: everyDay, To: 60})
	d.Overrides = append(d.Overrides, flows.Override{Place: maiChau, Level: flows.LevelDuty, Member: "duty1"})
	_, err := escalation.NewRoster(d)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, w := range []string{
		`zone "Mars/Olympus"`, "member duty1: the id is missing or there twice", "phone 1 is empty, there twice or also of duty1",
		"member lost: place 99@2025 is not in the directory", "member boss: level 4 belongs to the province",
		`shift 8: member "nobody" is not in the directory`, "member duty1 of level 1 cannot stand in at level 0", "override 1: ends before it starts",
	} {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("got\n%v\nwant a line with %q", err, w)
		}
	}
}

func TestByPhone(t *testing.T) {
	w := worldOf(t, directory())
	m, ok := w.Roster.ByPhone(phone(102))
	if !ok || m.ID != "duty2" {
		t.Errorf("the second phone of duty2 is of %q", m.ID)
	}
	if _, ok := w.Roster.ByPhone(phone(999)); ok {
		t.Error("a stranger is a member")
	}
	p, ok := w.Roster.Phone("duty2", 1)
	if !ok || p != phone(102) {
		t.Error("the second phone of duty2 is not found")
	}
	if _, ok := w.Roster.Phone("duty2", 2); ok {
		t.Error("a third phone is found")
	}
}

func TestWorkingDays(t *testing.T) {
	c := shippedCalendar(t)
	zone := mustZone(t, "Asia/Ho_Chi_Minh")
	for _, x := range []struct {
		name, from string
		n          int
		want       string
	}{
		{"a plain week", "2026-11-23 12:00", 5, "2026-12-01 00:00"},
		{"late in the evening is still that day", "2026-11-23 23:59", 1, "2026-11-25 00:00"},
		{"over Tet", "2026-02-13 09:00", 1, "2026-02-24 00:00"},
		{"a Saturday that is worked", "2026-08-21 09:00", 1, "2026-08-23 00:00"},
		{"over the end of the year", "2026-12-31 09:00", 2, "2027-01-06 00:00"},
		{"29 February", "2028-02-28 09:00", 1, "2028-03-01 00:00"},
	} {
		from, err := time.ParseInLocation("2006-01-02 15:04", x.from, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.End(from, x.n, zone).Format("2006-01-02 15:04"); got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
	if c.Lists(2030) || !c.Lists(2026) {
		t.Error("the calendar does not know which years it lists")
	}
}

func TestParseCalendarNamesFaults(t *testing.T) {
	_, err := escalation.ParseCalendar("calendar.yaml", []byte("rest: [funday]\nyears:\n  2026:\n    off:\n      - {from: 2027-01-01, to: 2026-01-01, name: x}\n    work:\n      - {day: 2026-11-23, name: y}\n"))
	if err == nil {
		t.Fatal("accepted")
	}
	got := strings.Split(err.Error(), "\n")
	slices.Sort(got)
	want := []string{
		`calendar.yaml:1: rest: expected a day like sunday, got "funday"`,
		`calendar.yaml:5: expected a day of 2026 like 2026-01-31, got "2027-01-01"`,
		"calendar.yaml:5: off: expected at most a month from 2027-01-01, got 2026-01-01",
		"calendar.yaml:7: work: 2026-11-23 is a working day already",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("faults (-want +got):\n%s", d)
	}
}
