package console_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers/console"
)

// past is a history that was written by hand.
type past []flows.Case

func (p past) Filed(_ context.Context, from, to time.Time) ([]flows.Case, error) {
	return slices.DeleteFunc(slices.Clone(p), func(k flows.Case) bool { return k.Opened.Before(from) || !k.Opened.Before(to) }), nil
}

func withPast(p past) func(*console.Options) {
	return func(o *console.Options) { o.History = p }
}

// took is a case that somebody took after a wait.
func took(ago, wait time.Duration, s flows.Severity, place flows.PlaceID) flows.Case {
	opened := start.Add(-ago)
	return flows.Case{Opened: opened, Taken: opened.Add(wait), Severity: s, Place: place, Level: 1, Kind: "VIOLENCE", Status: flows.StatusTaken}
}

func TestResponseTimes(t *testing.T) {
	const day = 24 * time.Hour
	cases := past{
		took(40*day, 100*time.Minute, flows.Urgent, "mai-chau"), // the period before
		took(3*day, 4*time.Minute, flows.Urgent, "mai-chau"),
		took(3*day, 10*time.Minute, flows.Urgent, "mai-chau"),
		took(2*day, 20*time.Minute, flows.Urgent, "mai-chau"),
		took(2*day, 90*time.Minute, flows.Normal, "tan-lac"),
		{Opened: start.Add(-day), Severity: flows.Urgent, Status: flows.StatusOpen},
	}
	w := newTown(t, false, withPast(cases))
	_, page, _ := w.get(t, "/times?lang=en")
	// Waits 4, 10, 20, 90: the median is the second, nine in ten is the last;
	// three of five were taken in the time of their severity.
	has(t, page, "<dd>10:00</dd>", "<dd>1:30:00</dd>", "<dd>60 %</dd>", "<dd>5</dd>", "1 not taken yet", "before: 1:40:00", "Xã Mai Châu", "Place not known")
	_, page, _ = w.get(t, "/times?lang=en&days=90&by=severity")
	has(t, page, "<dd>6</dd>", `<th scope="row">Urgent</th>`)
	if status, page, _ := w.get(t, "/times?days=7&by=hour"); status != http.StatusOK || strings.Contains(page, "NaN") {
		t.Errorf("by hour: got %d", status)
	}
}

func TestResponseTimesOfNothing(t *testing.T) {
	w := newTown(t, false, withPast(nil))
	_, page, _ := w.get(t, "/times")
	has(t, page, "Không có vụ việc nào trong khoảng thời gian này.")
}

func TestTableForSpreadsheetsRunsNothing(t *testing.T) {
	w := newTown(t, false, withPast(past{took(time.Hour, time.Minute, flows.Urgent, "x")}), func(o *console.Options) {
		o.Place = func(flows.PlaceID) string { return `=HYPERLINK("evil")` }
	})
	_, file, h := w.get(t, "/times.csv")
	has(t, file, `"'=HYPERLINK(""evil"")",1,0,1.0,1.0,100`)
	if !strings.HasPrefix(h.Get("Content-Type"), "text/csv") {
		t.Errorf("got type %q", h.Get("Content-Type"))
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
		k := took(time.Duration(r.IntN(170))*12*time.Hour, wait, s, flows.PlaceID(fmt.Sprintf("p%d", r.IntN(9))))
		if i%97 == 0 {
			k.Taken = time.Time{}
		}
		p = append(p, k)
	}
	return p
}
