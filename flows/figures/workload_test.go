package figures_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/figures"
)

func by(id flows.MemberID) func(*flows.Event) { return func(e *flows.Event) { e.By = id } }

func TestWorkload(t *testing.T) {
	urgent := flows.Case{ID: "c", Opened: start, Severity: flows.Urgent, Status: flows.StatusOpen}
	taken := func(by flows.MemberID) flows.Case {
		c := urgent
		c.Status, c.Holder = flows.StatusTaken, by
		return c
	}
	alerted := func(d time.Duration, id flows.MemberID) flows.Event { return event(d, flows.EventAlerted, by(id)) }
	for _, c := range []struct {
		name   string
		k      flows.Case
		events []flows.Event
		now    time.Duration
		want   map[flows.MemberID]figures.Load
	}{
		{
			"an alert that is repeated is one asking, and its time runs from the first", taken("a"),
			[]flows.Event{alerted(0, "a"), alerted(5*time.Minute, "a"), event(9*time.Minute, flows.EventTaken, by("a"))},
			time.Hour,
			map[flows.MemberID]figures.Load{"a": {Held: 1, Week: 1, Month: 1, Timed: 1, Median: 9 * time.Minute}},
		},
		{
			"who was quicker spares the other a reproach", taken("b"),
			[]flows.Event{alerted(0, "a"), alerted(0, "b"), event(2*time.Minute, flows.EventTaken, by("b"))},
			time.Hour,
			map[flows.MemberID]figures.Load{"a": {}, "b": {Held: 1, Week: 1, Month: 1, Timed: 1, Median: 2 * time.Minute}},
		},
		{
			"silence counts when the time for an answer is over", taken("b"),
			[]flows.Event{alerted(0, "a"), alerted(15*time.Minute, "b"), event(20*time.Minute, flows.EventTaken, by("b"))},
			time.Hour,
			map[flows.MemberID]figures.Load{"a": {Unanswered: 1}, "b": {Held: 1, Week: 1, Month: 1, Timed: 1, Median: 5 * time.Minute}},
		},
		{
			"not before", urgent,
			[]flows.Event{alerted(0, "a")},
			14 * time.Minute,
			map[flows.MemberID]figures.Load{"a": {}},
		},
		{
			"a no is an answer", urgent,
			[]flows.Event{alerted(0, "a"), event(time.Minute, flows.EventDeclined, by("a"))},
			time.Hour,
			map[flows.MemberID]figures.Load{"a": {Declined: 1}},
		},
		{
			"taken without an alert has no time, and given is not taken", taken("b"),
			[]flows.Event{event(time.Minute, flows.EventTaken, by("a")), event(2*time.Minute, flows.EventHanded, by("a"), detail("to", "b"))},
			time.Hour,
			map[flows.MemberID]figures.Load{"a": {Week: 1, Month: 1}, "b": {Held: 1}},
		},
		{
			"the next Monday begins a new week", taken("a"),
			[]flows.Event{alerted(0, "a"), event(time.Minute, flows.EventTaken, by("a"))},
			7 * 24 * time.Hour,
			map[flows.MemberID]figures.Load{"a": {Held: 1, Month: 1, Timed: 1, Median: time.Minute}},
		},
		{
			"after a month nothing is left but what they hold", taken("a"),
			[]flows.Event{alerted(0, "a"), event(time.Minute, flows.EventTaken, by("a")), alerted(2*time.Minute, "b")},
			31 * 24 * time.Hour,
			map[flows.MemberID]figures.Load{"a": {Held: 1}, "b": {}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := figures.Loads([]*figures.Fact{figures.Learn(c.k, c.events)}, after(c.now), time.UTC)
			for id, l := range c.want {
				l.Member = id
				c.want[id] = l
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
