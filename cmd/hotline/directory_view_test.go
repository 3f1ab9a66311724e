package main

import (
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// TestCommunesAreThoseWithPeopleOfTheirOwn, in whatever order the members stand: a
// province that is a place of people of both tiers must not hide itself.
func TestCommunesAreThoseWithPeopleOfTheirOwn(t *testing.T) {
	desk := flows.Member{ID: "desk", Place: "b", Level: flows.LevelDesk}
	group := []flows.Member{{ID: "a1", Place: "a", Level: flows.LevelDuty}, {ID: "b1", Place: "b", Level: flows.LevelHead}}
	for name, members := range map[string][]flows.Member{
		"the desk last":  append(append([]flows.Member{}, group...), desk),
		"the desk first": append([]flows.Member{desk}, group...),
	} {
		var d current
		d.view.Store(&view{directory: flows.Directory{Members: members, Places: []flows.Place{
			{ID: "b", Name: "B"}, {ID: "a", Name: "A"}, {ID: "gone", Name: "C", Until: "2025-07-01"}, {ID: "empty", Name: "D"},
		}}})
		list := d.communes()
		if len(list) != 2 || list[0].ID != "a" || list[1].ID != "b" {
			t.Errorf("%s: %v", name, list)
		}
	}
}

// TestHoursOnDutyCountOnce: two shifts at the same time are one stretch of work.
func TestHoursOnDutyCountOnce(t *testing.T) {
	sample := func(number string) flows.Phone {
		p, err := flows.ParsePhone(number)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	week := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	d := flows.Directory{
		Zone: "Asia/Ho_Chi_Minh", Province: "p", Places: []flows.Place{{ID: "p"}, {ID: "a", Parent: "p"}},
		Members: []flows.Member{
			{ID: "m", Place: "a", Level: flows.LevelDuty, Phones: []flows.Phone{sample("+84960000001")}},
			{ID: "n", Place: "a", Level: flows.LevelHead, Phones: []flows.Phone{sample("+84960000002")}},
		},
		Shifts: []flows.Shift{
			{Place: "a", Level: flows.LevelDuty, Member: "m", Days: week, From: 8 * 60, To: 12 * 60},
			{Place: "a", Level: flows.LevelHead, Member: "m", Days: week, From: 10 * 60, To: 14 * 60},
			{Place: "a", Level: flows.LevelDuty, Member: "n", Days: week, From: 22 * 60, To: 6 * 60},
		},
	}
	r, err := escalation.NewRoster(d)
	if err != nil {
		t.Fatal(err)
	}
	var c current
	c.view.Store(&view{directory: d, roster: r})
	from := time.Date(2026, 11, 2, 0, 0, 0, 0, r.Zone())
	got := c.hours(from, from.AddDate(0, 0, 2))
	if got["m"] != 12*time.Hour || got["n"] != 16*time.Hour {
		t.Errorf("two days of duty: %v", got)
	}
}
