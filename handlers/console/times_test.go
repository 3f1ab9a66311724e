package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hotline/flows"
	"hotline/flows/figures"
	"hotline/handlers/console"
)

// past is a history that was written by hand.
type past []*figures.Fact

func (p past) Facts(_ context.Context, from, to time.Time) ([]*figures.Fact, error) {
	return slices.DeleteFunc(slices.Clone(p), func(f *figures.Fact) bool { return f.Case.Opened.Before(from) || !f.Case.Opened.Before(to) }), nil
}

func withPast(p past) func(*console.Options) {
	return func(o *console.Options) { o.History = p }
}

// took is a case that somebody took after a wait; 0: nobody has.
func took(ago, wait time.Duration, s flows.Severity, place flows.PlaceID, more ...flows.Event) *figures.Fact {
	opened := start.Add(-ago)
	c := flows.Case{Ref: "K7F4", Opened: opened, Severity: s, Place: place, Level: 1, Kind: "VIOLENCE", Status: flows.StatusOpen}
	events := []flows.Event{{At: opened.Add(time.Second), Kind: flows.EventAlerted, Level: 1}}
	if wait > 0 {
		c.Status, c.Taken = flows.StatusTaken, opened.Add(wait)
		events = append(events, flows.Event{At: c.Taken, Kind: flows.EventTaken, Level: 1})
	}
	for _, e := range more {
		e.At = opened.Add(12 * time.Hour)
		events = append(events, e)
	}
	return figures.Learn(c, events)
}

const day = 24 * time.Hour

func someWeeks() past {
	return past{
		took(40*day, 100*time.Minute, flows.Urgent, "mai-chau"), // the period before
		took(3*day, 4*time.Minute, flows.Urgent, "mai-chau"),
		took(3*day, 10*time.Minute, flows.Urgent, "mai-chau"),
		took(2*day, 20*time.Minute, flows.Urgent, "mai-chau", flows.Event{Kind: flows.EventBreached, Reason: "decision_12h"}),
		took(2*day, 90*time.Minute, flows.Normal, "tan-lac"),
		took(day, 0, flows.Urgent, ""),
	}
}

func TestResponseTimes(t *testing.T) {
	w := newTown(t, false, withPast(someWeeks()))
	_, page, _ := w.get(t, "/times?lang=en")
	// Waits 4, 10, 20, 90: the median is the second, nine in ten is the last;
	// three of five were taken in the time of their severity.
	has(t, page, "<dd>10:00</dd>", "<dd>1:30:00</dd>", "<dd>60 %</dd>", "<dd>5</dd>", "1 still waiting", "before: 1:40:00", "Xã Mai Châu", "Place not known",
		"12 hours for the emergency decision", "held, without an entry", `<a href="/cases/K7F4">`)
	_, page, _ = w.get(t, "/times?lang=en&days=90&by=severity&step=alert")
	has(t, page, "<dd>6</dd>", `<th scope="row">Urgent</th>`, "<dd>0:01</dd>")
	for _, by := range figures.Groupings() {
		if status, page, _ := w.get(t, "/times?days=7&by="+string(by)); status != http.StatusOK || strings.Contains(page, "NaN") || strings.Contains(page, "console.times") {
			t.Errorf("by %s: got %d", by, status)
		}
	}
}

func TestResponseTimesOfNothing(t *testing.T) {
	w := newTown(t, false, withPast(nil))
	_, page, _ := w.get(t, "/times")
	has(t, page, "Không có vụ việc nào trong khoảng thời gian này.")
}

func TestResponseTimesSayThatTheyAreNotDone(t *testing.T) {
	w := newTown(t, false, withPast(someWeeks()), func(o *console.Options) { o.Counted = func() (int, int) { return 250, 1000 } })
	_, page, _ := w.get(t, "/times?lang=en")
	has(t, page, "Still reading past cases: 25 %")
}

func TestTableForSpreadsheetsRunsNothing(t *testing.T) {
	w := newTown(t, false, withPast(past{took(time.Hour, time.Minute, flows.Urgent, "x")}), func(o *console.Options) {
		o.Place = func(flows.PlaceID) string { return `=HYPERLINK("evil")` }
	})
	_, file, h := w.get(t, "/times.csv?lang=en")
	has(t, file, `"'=HYPERLINK(""evil"")",1,0,1,0,0,0,,,1,1,1,`)
	if !strings.HasPrefix(h.Get("Content-Type"), "text/csv") {
		t.Errorf("got type %q", h.Get("Content-Type"))
	}
	_, file, _ = w.get(t, "/times.xlsx?lang=en")
	book, err := excelize.OpenReader(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	name, _ := book.GetCellValue("Response times", "A3")
	formula, _ := book.GetCellFormula("Response times", "A3")
	answer, _ := book.GetCellValue("Response times", "K3")
	if name != `=HYPERLINK("evil")` || formula != "" || answer != "1" {
		t.Errorf("the spreadsheet says %q, formula %q, median %q", name, formula, answer)
	}
}

func TestTimesForPrograms(t *testing.T) {
	w := newTown(t, false, withPast(someWeeks()))
	_, body, _ := w.get(t, "/times.json?by=place")
	var got struct {
		Total struct {
			Cases int
			Steps map[string]struct {
				Count  int
				Median float64 `json:"median_seconds"`
			}
		}
		Rows   []struct{ Key string }
		Missed []struct{ Case, Clock, Why string }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if got.Total.Cases != 5 || got.Total.Steps["answer"].Count != 4 || got.Total.Steps["answer"].Median != 600 || len(got.Rows) != 3 {
		t.Errorf("got %+v", got)
	}
	if len(got.Missed) != 1 || got.Missed[0].Clock != "decision_12h" || got.Missed[0].Why != "held" {
		t.Errorf("missed = %+v", got.Missed)
	}
}

// rota is a week with a hole: nobody is on duty on Saturday nights.
type rota struct{}

func (rota) Posts() []flows.Place {
	return []flows.Place{
		{ID: "hoa-binh", Type: "Tỉnh", Name: "Hòa Bình"},
		{ID: "mai-chau", Type: "Xã", Name: "Mai Châu", Parent: "hoa-binh"},
	}
}

func (rota) Members(place flows.PlaceID) []flows.Member {
	if place == "mai-chau" {
		return members()[:2]
	}
	return members()[2:]
}

func (rota) OnDuty(_ flows.PlaceID, l flows.Level, at time.Time) []flows.Member {
	at = at.In(time.FixedZone("ICT", 7*3600))
	night := at.Hour() >= 22 || at.Hour() < 6
	switch {
	case l == flows.LevelDuty && night && at.Weekday() == time.Saturday:
		return nil
	case l == flows.LevelDuty && night:
		return members()[1:2]
	}
	return members()[:1]
}

func TestDutyShowsWhoAndTheGaps(t *testing.T) {
	w := newTown(t, false, func(o *console.Options) { o.Rota = rota{} })
	_, page, _ := w.get(t, "/duty?place=mai-chau")
	// Saturday 28 November and 5 December, each until 6 and again from 22.
	has(t, page, "4 khoảng trống trong 14 ngày tới", "T7 28/11 00:00", "T7 28/11 06:00", "T7 28/11 22:00", "CN 29/11 00:00", "Lò Văn Inh", "Hà Thị Nga", "không có ai", "T2 23/11")
	_, page, _ = w.get(t, "/duty?lang=en&week=99&place=nowhere")
	has(t, page, "Provincial desk")
}

// years makes a history that looks like one.
func years() past {
	r := rand.New(rand.NewPCG(1, 2))
	var p past
	for i := range 400 {
		wait := time.Duration(float64(6*time.Minute) * (0.2 + r.ExpFloat64()*1.4))
		s := flows.Normal
		if r.IntN(3) == 0 {
			s, wait = flows.Urgent, wait/2
		} else {
			wait *= 3
		}
		if i%97 == 0 {
			wait = 0
		}
		p = append(p, took(time.Duration(r.IntN(170))*12*time.Hour, wait, s, flows.PlaceID(fmt.Sprintf("p%d", r.IntN(9)))))
	}
	return p
}
