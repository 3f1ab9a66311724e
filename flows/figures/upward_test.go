package figures_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/figures"
)

func TestWhatGoesUpCountsWhenAndWhereItHappened(t *testing.T) {
	c := flows.Case{
		ID: "c", Opened: start, Closed: after(40 * 24 * time.Hour), Place: "b", Status: flows.StatusClosed,
		Severity: flows.Urgent, Kind: "VIOLENCE", Age: "6-10", Sex: "female", Outcome: "protected",
	}
	f := figures.Learn(c, []flows.Event{
		event(time.Minute, flows.EventRouted),
		event(15*time.Minute, flows.EventBreached, reason("answer")),
		event(20*time.Minute, flows.EventTaken),
		event(2*time.Hour, flows.EventReferred, reason("police")),
		event(time.Hour, flows.EventMoved, detail("from", "a", "to", "b")),
		event(3*time.Hour, flows.EventEntered, reason("assessed")),
		event(5*time.Hour, flows.EventEntered, reason("decided")),
		event(8*24*time.Hour, flows.EventBreached, reason("plan_5_days")),
		event(35*24*time.Hour, flows.EventEntered, reason("planned")),
	})
	months := figures.Months(time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC), 2, time.UTC)
	all := figures.Report([]*figures.Fact{f}, months)
	march := figures.Counts{
		Received: 1, Verified: 1, Intervened: 1, Urgent: 1,
		ByKind: map[string]int{"VIOLENCE": 1}, ByAge: map[string]int{"6-10": 1}, BySex: map[string]int{"female": 1}, ByOutcome: map[string]int{},
		Clocks: clocks(map[string]figures.Clock{
			"routing": {Kept: 1}, "answer": {Missed: 1}, "assessment": {Kept: 1}, "feedback": {Kept: 1}, "police_24h": {Kept: 1},
			"decision_12h": {Kept: 1}, "plan_5_days": {Missed: 1},
		}),
	}
	april := figures.Counts{
		Closed: 1, ByKind: map[string]int{}, ByAge: map[string]int{}, BySex: map[string]int{}, ByOutcome: map[string]int{"protected": 1},
		// The plan of April came too late to keep a clock that was missed in March.
		Clocks: clocks(nil),
	}
	if diff := cmp.Diff([]figures.Counts{march, april}, all.Counts); diff != "" {
		t.Error(diff)
	}
	places := figures.ReportByPlace([]*figures.Fact{f}, months)
	if len(places) != 2 || places[0].Place != "a" || places[0].Counts[0].Received != 1 || places[0].Counts[0].Verified != 0 {
		t.Errorf("a received it and no more: %+v", places)
	}
	if b := places[1].Counts; b[0].Received != 0 || b[0].Verified != 1 || b[1].Closed != 1 {
		t.Errorf("b did the rest: %+v", b)
	}
}

// clocks are all that are counted, with what is told of some.
func clocks(told map[string]figures.Clock) map[string]figures.Clock {
	all := map[string]figures.Clock{}
	for _, name := range []string{
		"routing", "answer", "assessment", "police_24h", "feedback", "decision_12h", "plan_5_days", "approval_7days", "removal_15_days",
	} {
		all[name] = told[name]
	}
	return all
}

func TestPeriodsAreWhole(t *testing.T) {
	zone := time.FixedZone("ICT", 7*3600)
	now := time.Date(2026, 3, 31, 23, 0, 0, 0, zone)
	months := figures.Months(now, 2, zone)
	if months[0].From != time.Date(2026, 1, 1, 0, 0, 0, 0, zone) || months[1].To != time.Date(2026, 3, 1, 0, 0, 0, 0, zone) || months[0].To != months[1].From {
		t.Errorf("months = %v", months)
	}
	if years := figures.Years(now, 1, zone); years[0].From != time.Date(2025, 1, 1, 0, 0, 0, 0, zone) || years[0].To != time.Date(2026, 1, 1, 0, 0, 0, 0, zone) {
		t.Errorf("years = %v", years)
	}
}

func TestUnusual(t *testing.T) {
	for name, tt := range map[string]struct {
		now    int
		before []int
		want   int
	}{
		"nothing to compare with":        {9, nil, 0},
		"nothing at all":                 {0, []int{0, 0, 0}, 0},
		"one where none was":             {1, []int{0, 0, 0}, 0},
		"twice a small number":           {4, []int{2, 2, 2}, 0},
		"six times a small number":       {12, []int{2, 2, 2}, 1},
		"twice a large number":           {80, []int{40, 38, 41}, 1},
		"silence after many":             {0, []int{9, 8, 10, 9}, -1},
		"silence after few":              {0, []int{2, 1, 2}, 0},
		"a little less than a large one": {36, []int{40, 38, 41}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := figures.Unusual(tt.now, tt.before); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

// The word "unusual" is said by chance in no more than one of a hundred.
func TestUnusualIsRareByChance(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	poisson := func(mean float64) int {
		n := 0
		for at := rng.ExpFloat64(); at < mean; at += rng.ExpFloat64() {
			n++
		}
		return n
	}
	for _, mean := range []float64{1, 9, 40} {
		said := 0
		const tries = 4000
		for range tries {
			before := make([]int, 6)
			for i := range before {
				before[i] = poisson(mean)
			}
			if figures.Unusual(poisson(mean), before) != 0 {
				said++
			}
		}
		if said > tries*13/1000 {
			t.Errorf("at a mean of %v it is said %d times of %d", mean, said, tries)
		}
	}
}

func TestSuppressHidesWhatTotalsGiveAway(t *testing.T) {
	table := [][]int{
		{12, 3, 20},
		{30, 9, 11},
		{8, 0, 7},
	}
	want := [][]bool{
		{true, true, false},
		{false, true, true},
		{true, false, true},
	}
	if diff := cmp.Diff(want, figures.Suppress(table)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]bool{{false, false}}, figures.Suppress([][]int{{0, 7}})); diff != "" {
		t.Error("nothing needs to be hidden:", diff)
	}
}

// An attacker who knows the totals and what is shown must not learn a hidden cell:
// no line has one hidden cell, or hidden cells that come to less than five.
func FuzzSuppress(f *testing.F) {
	f.Add([]byte{12, 3, 20, 30, 9, 11, 8, 0, 7}, 3)
	f.Add([]byte{1, 1, 0, 0}, 2)
	f.Fuzz(func(t *testing.T, cells []byte, width int) {
		if width < 2 || width > 12 || len(cells) < 2*width || len(cells) > 400 {
			return
		}
		var table [][]int
		for row := range len(cells) / width {
			line := make([]int, width)
			for c := range line {
				line[c] = int(cells[row*width+c]) % 30
			}
			table = append(table, line)
		}
		hidden := figures.Suppress(table)
		check := func(what string, n int, at func(int) (int, bool)) {
			count, sum, shown := 0, 0, 0
			for i := range n {
				v, h := at(i)
				if h {
					count, sum = count+1, sum+v
				} else if shown++; v > 0 && v < figures.Fewest {
					t.Errorf("%s shows %d", what, v)
				}
			}
			if count == 1 || count > 0 && sum < figures.Fewest && shown > 0 {
				t.Errorf("%s hides %d cells of %d together", what, count, sum)
			}
		}
		for r := range table {
			check("a row", width, func(i int) (int, bool) { return table[r][i], hidden[r][i] })
		}
		for c := range width {
			check("a column", len(table), func(i int) (int, bool) { return table[i][c], hidden[i][c] })
		}
	})
}

// Before the first report there was no service: that it begins is no news.
func TestTheBeginningIsNoChange(t *testing.T) {
	var facts []*figures.Fact
	add := func(month time.Month, n int) {
		for i := range n {
			facts = append(facts, figures.Learn(flows.Case{Opened: time.Date(2026, month, 2+i, 0, 0, 0, 0, time.UTC), Place: "a"}, nil))
		}
	}
	add(time.August, 3) // from the middle of the month
	add(time.September, 14)
	add(time.October, 15)
	months := figures.Months(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), 7, time.UTC)
	if u := figures.Report(facts, months); u.Changed != 0 {
		t.Errorf("a service that began in August: changed = %d", u.Changed)
	}
	add(time.October, 25)
	if u := figures.ReportByPlace(facts, months); u[0].Changed != 1 {
		t.Errorf("40 after 14: changed = %d, want 1", u[0].Changed)
	}
}
