package links_test

import (
	"slices"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/links"
)

var now = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

func report(change func(*flows.Case)) flows.Case {
	c := flows.Case{ID: "00b", Place: "mai@1", Status: flows.StatusOpen, Opened: now.Add(-24 * time.Hour), Age: "6-10", Kind: "VIOLENCE"}
	change(&c)
	return c
}

func TestWhatMakesTwoReportsLikeOne(t *testing.T) {
	mine := flows.Case{ID: "00a", Place: "mai@1", Status: flows.StatusOpen, Opened: now, Age: "6-10", Kind: "VIOLENCE", Hamlet: "h1"}
	days := func(n int) func(*flows.Case) {
		return func(c *flows.Case) { c.Opened = now.AddDate(0, 0, -n) }
	}
	for _, c := range []struct {
		name   string
		change func(*flows.Case)
		score  int
		why    []links.Why
		shown  bool
	}{
		{"the same but for the hamlet, which nobody said", func(*flows.Case) {}, 65, []links.Why{"age", "kind", "days"}, true},
		{"the same hamlet", func(c *flows.Case) { c.Hamlet = "h1" }, 100, []links.Why{"hamlet", "age", "kind", "days"}, true},
		{"another hamlet", func(c *flows.Case) { c.Hamlet = "h2" }, 40, []links.Why{"age", "kind", "days"}, false},
		{"another commune", func(c *flows.Case) { c.Place, c.Hamlet = "tan@1", "h1" }, 0, nil, false},
		{"no commune", func(c *flows.Case) { c.Place = "" }, 0, nil, false},
		{"the same code with other borders", func(c *flows.Case) { c.Place = "mai@2" }, 0, nil, false},
		{"a child of another age", func(c *flows.Case) { c.Age = "16-17" }, 40, []links.Why{"kind", "days"}, false},
		{"an age that nobody knows", func(c *flows.Case) { c.Age = "unsure" }, 50, []links.Why{"kind", "days"}, true},
		{"another kind, the same hamlet", func(c *flows.Case) { c.Kind, c.Hamlet = "NEGLECT", "h1" }, 85, []links.Why{"hamlet", "age", "days"}, true},
		{"two weeks ago", days(14), 60, []links.Why{"age", "kind", "days"}, true},
		{"a month ago", days(30), 55, []links.Why{"age", "kind", "days"}, true},
		{"seven weeks ago", days(49), 50, []links.Why{"age", "kind"}, true},
		{"four months ago", days(120), 0, nil, false},
		{"four months ago in the same hamlet", func(c *flows.Case) { days(120)(c); c.Hamlet = "h1" }, 85, []links.Why{"hamlet", "age", "kind"}, true},
		{"still being told", func(c *flows.Case) { c.Status = flows.StatusIntake }, 65, []links.Why{"age", "kind", "days"}, false},
		{"nothing but the commune and the day", func(c *flows.Case) { c.Age, c.Kind = "", "" }, 35, []links.Why{"days"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			other := report(c.change)
			score, why := links.Score(&mine, &other)
			back, _ := links.Score(&other, &mine)
			if score != c.score || !slices.Equal(why, c.why) || back != score {
				t.Errorf("got %d (and back %d) %v, want %d %v", score, back, why, c.score, c.why)
			}
			if shown := len(links.Suggest(now, &mine, []flows.Case{other}, 30*24*time.Hour)) == 1; shown != c.shown {
				t.Errorf("suggested: %v", shown)
			}
		})
	}
}

func TestClosedCasesComeUpForAWhile(t *testing.T) {
	mine := flows.Case{ID: "00a", Place: "mai@1", Opened: now, Age: "6-10", Kind: "VIOLENCE"}
	closed := func(ago time.Duration) flows.Case {
		return report(func(c *flows.Case) {
			c.Status, c.Opened, c.Closed = flows.StatusClosed, now.Add(-ago-time.Hour), now.Add(-ago)
		})
	}
	const day = 24 * time.Hour
	for ago, want := range map[time.Duration]int{day: 1, 30 * day: 1, 30*day + time.Second: 0} {
		got := links.Suggest(now, &mine, []flows.Case{closed(ago)}, 30*day)
		if len(got) != want || want == 1 && !slices.Contains(got[0].Why, links.Again) {
			t.Errorf("closed %s ago: %+v", ago, got)
		}
	}
}

func TestTheLikeliestComesFirstAndLinkedOnesDoNot(t *testing.T) {
	mine := flows.Case{ID: "00a", Place: "mai@1", Opened: now, Age: "6-10", Kind: "VIOLENCE", Hamlet: "h1"}
	near := report(func(c *flows.Case) { c.ID, c.Hamlet = "00near", "h1" })
	far := report(func(c *flows.Case) { c.ID = "00far" })
	joined := report(func(c *flows.Case) { c.ID, c.Hamlet = "00joined", "h1" })
	mine.Links = []flows.Link{{Kind: flows.LinkSame, Case: "00joined"}}
	got := links.Suggest(now, &mine, []flows.Case{far, joined, mine, near}, time.Hour)
	if len(got) != 2 || got[0].Case.ID != "00near" || got[1].Case.ID != "00far" {
		t.Errorf("%+v", got)
	}
}
