package retention_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/retention"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

var now = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// closed is a case that was closed now, with a text.
func closed() flows.Case {
	c := flows.Case{
		ID: "03abc", Ref: "K7F4", Version: 4, Status: flows.StatusClosed, Opened: now.Add(-day), Closed: now,
		Texts: []flows.Sealed{{Field: "text/1", Data: []byte("sealed")}},
	}
	c.Timers, c.NoTimer = retention.Rules{}.Ended(&c)
	return c
}

// TestTextsGoByTheTable: domain.md §8.
func TestTextsGoByTheTable(t *testing.T) {
	ended := func(change func(*flows.Case)) flows.Case {
		c := closed()
		c.Timers = nil
		change(&c)
		c.Timers, c.NoTimer = retention.Rules{}.Ended(&c)
		return c
	}
	for name, c := range map[string]struct {
		change func(*flows.Case)
		after  time.Duration // 0: never
		why    string
	}{
		"no plan was made":         {func(*flows.Case) {}, year, ""},
		"a plan was made":          {func(c *flows.Case) { c.Stages = flows.Stages{flows.StagePlanned: now} }, 5 * year, ""},
		"only assessed":            {func(c *flows.Case) { c.Stages = flows.Stages{flows.StageAssessed: now} }, year, ""},
		"under a hold":             {func(c *flows.Case) { c.Hold = "12/2026" }, 0, retention.WhyHold},
		"purged":                   {func(c *flows.Case) { c.Purge(now) }, 0, retention.WhyPurged},
		"written to after a purge": {func(c *flows.Case) { c.Purged = now }, year, ""},
		"its timer was moved": {func(c *flows.Case) {
			c.Timers = flows.Timers{flows.TimerPurge: flows.Millis(now.Add(9 * day)), flows.TimerReview: 1}
		}, 9 * day, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ended(c.change)
			var want flows.Timers
			if c.after > 0 {
				want = flows.Timers{flows.TimerPurge: flows.Millis(now.Add(c.after))}
			}
			if diff := cmp.Diff(want, got.Timers); diff != "" || got.NoTimer != c.why {
				t.Errorf("reason %q, want %q; timers -want +got\n%s", got.NoTimer, c.why, diff)
			}
		})
	}
}

func TestInputShortlyBeforeTheEndPostponesIt(t *testing.T) {
	for name, c := range map[string]struct {
		at   time.Duration // after closing
		want time.Duration // 0: nothing changes
	}{
		"long before":    {year - 15*day, 0},
		"two weeks":      {year - 14*day + time.Hour, year + time.Hour},
		"the last hour":  {year - time.Hour, year - time.Hour + 14*day},
		"already due":    {year + time.Hour, year + time.Hour + 14*day},
		"just after":     {time.Hour, 0},
		"two weeks even": {year - 14*day, 0},
	} {
		t.Run(name, func(t *testing.T) {
			ch, ok := retention.Rules{}.Input(now.Add(c.at), closed())
			if ok != (c.want > 0) {
				t.Fatalf("postponed: %v", ok)
			}
			if ok && ch.Case.Timers[flows.TimerPurge] != flows.Millis(now.Add(c.want)) {
				t.Errorf("due %v, want %v", flows.Moment(ch.Case.Timers[flows.TimerPurge]), now.Add(c.want))
			}
		})
	}
	open := closed()
	open.Status = flows.StatusTaken
	if _, ok := (retention.Rules{}).Input(now.Add(year), open); ok {
		t.Error("an open case has no end to postpone")
	}
}

func TestHoldTakesTheTimerAndLiftingGivesItBack(t *testing.T) {
	rules := retention.Rules{}
	if _, err := retention.Hold(now, closed(), "m1", ""); err == nil {
		t.Error("a hold without an order is taken")
	}
	held, err := retention.Hold(now, closed(), "m1", "QD 12/2026")
	if err != nil || held.Case.Hold != "QD 12/2026" || held.Events[0].Kind != flows.EventHeld || held.Events[0].By != "m1" {
		t.Fatalf("Hold = %+v, %v", held, err)
	}
	if timers, why := rules.Ended(&held.Case); len(timers) > 0 || why != retention.WhyHold {
		t.Errorf("held with timers %v, %q", timers, why)
	}
	if _, err := retention.Hold(now, held.Case, "m1", "another"); !errors.Is(err, retention.ErrHeld) {
		t.Errorf("a second hold: %v", err)
	}
	if _, err := retention.Early(now, held.Case, nil, "m1"); !errors.Is(err, retention.ErrHeld) {
		t.Errorf("a purge under a hold: %v", err)
	}
	for name, c := range map[string]struct{ at, want time.Duration }{
		"before its time": {30 * day, year},
		"after its time":  {2 * year, 2*year + 14*day},
	} {
		lifted, err := rules.Lift(now.Add(c.at), held.Case, "m2")
		if err != nil || lifted.Case.Hold != "" || lifted.Case.Timers[flows.TimerPurge] != flows.Millis(now.Add(c.want)) {
			t.Errorf("%s: %+v, %v", name, lifted.Case, err)
		}
	}
	if _, err := rules.Lift(now, closed(), "m1"); err == nil {
		t.Error("a hold that is none is lifted")
	}
	gone := closed()
	gone.Purge(now)
	if _, err := retention.Hold(now, gone, "m1", "late"); err == nil {
		t.Error("what was purged can be held")
	}
}

func TestPurgeEmptiesEveryFieldThatIsSealed(t *testing.T) {
	c := closed()
	c.Texts = append(c.Texts, flows.Sealed{Field: "place", Data: []byte("x")})
	if !c.HoldsText() {
		t.Fatal("the case holds no text: this tests nothing")
	}
	c.Purge(now)
	if c.HoldsText() || len(c.Texts) != 2 || c.Texts[1].Field != "place" || !c.Purged.Equal(now) {
		t.Errorf("after it the case is %+v", c)
	}
}

// shelf is a store of one case.
type shelf struct {
	c         flows.Case
	answers   []flows.Answer
	commits   int
	fail      error // of Commit
	destroyed int
	undone    error // of Destroy
	deeds     []flows.Deed
	silent    error // of Audit
}

func (s *shelf) DuePurges(_ context.Context, now time.Time, _ int) ([]flows.DueCase, error) {
	ms, ok := s.c.Timers[flows.TimerPurge]
	if !ok || ms > flows.Millis(now) {
		return nil, nil
	}
	return []flows.DueCase{{Case: s.c.ID, Due: flows.Moment(ms)}}, nil
}
func (s *shelf) Case(context.Context, flows.CaseID) (flows.Case, error) { return s.c.Clone(), nil }
func (s *shelf) Answers(context.Context, flows.CaseID) ([]flows.Answer, error) {
	return s.answers, nil
}

func (s *shelf) Commit(_ context.Context, ch flows.Change) (flows.Outcome, error) {
	if s.fail != nil || ch.From != s.c.Version {
		return flows.Outcome{}, errors.Join(s.fail, flows.ErrConflict)
	}
	s.commits++
	s.c = ch.Case
	if len(ch.Answers) > 0 {
		s.answers = ch.Answers
	}
	s.c.Version++
	s.c.Timers, s.c.NoTimer = retention.Rules{}.Ended(&s.c)
	return flows.Outcome{Version: s.c.Version}, nil
}

func (s *shelf) worker() *retention.Worker {
	return &retention.Worker{
		Timers: s, Cases: s, Rules: func() retention.Rules { return retention.Rules{} },
		Destroy: func(context.Context, flows.CaseID) error {
			if s.undone == nil {
				s.destroyed++
			}
			return s.undone
		},
		Audit: func(_ context.Context, d flows.Deed) error {
			s.deeds = append(s.deeds, d)
			return s.silent
		},
		Now: func() time.Time { return now }, Warn: func(error) {},
	}
}

// TestPurgeIsTakenUpWhereItStopped: whatever fails, the timer stays until the key
// is gone, and nothing is destroyed that was not written down.
func TestPurgeIsTakenUpWhereItStopped(t *testing.T) {
	s := &shelf{c: closed(), answers: []flows.Answer{{
		Field: "01/child_name", Version: 3, By: "m1", Data: []byte("sealed"), Rivals: []flows.Rival{{By: "m2", Data: []byte("sealed too")}},
	}}}
	w, broken, end := s.worker(), errors.New("broken"), now.Add(year)
	tick := func(at time.Time, wantDone int) {
		t.Helper()
		if n, err := w.Tick(t.Context(), at); n != wantDone || (s.silent != nil || s.undone != nil) != (err != nil) {
			t.Fatalf("Tick = %d, %v; want %d", n, err, wantDone)
		}
	}
	tick(end.Add(-time.Minute), 0)
	s.silent = broken
	tick(end, 0)
	if s.commits > 0 || s.destroyed > 0 {
		t.Fatal("it was begun without a record of it")
	}
	s.silent, s.fail = nil, flows.ErrConflict
	tick(end, 0)
	if s.destroyed > 0 {
		t.Fatal("the key went before the text")
	}
	s.fail, s.undone = nil, broken
	tick(end, 0)
	if s.c.HoldsText() || s.c.Purged.IsZero() || len(s.c.Timers) != 1 {
		t.Fatalf("after the first step the case is %+v", s.c)
	}
	if diff := cmp.Diff([]flows.Answer{{Field: "01/child_name", Version: 4, At: end}}, s.answers); diff != "" {
		t.Errorf("its forms -want +got\n%s", diff)
	}
	s.undone = nil
	tick(end, 1)
	if s.destroyed != 1 || len(s.c.Timers) != 0 || s.c.NoTimer != retention.WhyPurged {
		t.Errorf("in the end: destroyed %d times, case %+v", s.destroyed, s.c)
	}
	tick(end.Add(year), 0)
	if d := s.deeds[len(s.deeds)-1]; d.Kind != flows.DeedPurge || d.Case != "03abc" {
		t.Errorf("deed = %+v", d)
	}
}

func TestALongerRuleIsFollowedWhenTheTimerFires(t *testing.T) {
	s := &shelf{c: closed()}
	s.c.Stages = flows.Stages{flows.StagePlanned: now} // entered after it was closed
	if n, err := s.worker().Tick(t.Context(), now.Add(year)); n != 0 || err != nil || s.destroyed > 0 || !s.c.HoldsText() {
		t.Fatalf("Tick = %d, %v; destroyed %d", n, err, s.destroyed)
	}
	if got := flows.Moment(s.c.Timers[flows.TimerPurge]); !got.Equal(now.Add(5 * year)) {
		t.Errorf("due %v, want in five years", got)
	}
}

func TestEarlyPurge(t *testing.T) {
	s := &shelf{c: closed()}
	ch, err := retention.Early(now.Add(day), s.c, nil, "m4")
	if err != nil || ch.Events[0].Reason != retention.ReasonOrder || ch.Events[0].By != "m4" {
		t.Fatalf("Early = %+v, %v", ch, err)
	}
	if _, err := s.Commit(t.Context(), ch); err != nil {
		t.Fatal(err)
	}
	if n, err := s.worker().Tick(t.Context(), now.Add(day)); n != 1 || err != nil || s.destroyed != 1 {
		t.Errorf("Tick = %d, %v; destroyed %d", n, err, s.destroyed)
	}
	open := closed()
	open.Status = flows.StatusOpen
	for name, c := range map[string]flows.Case{"open": open, "purged": s.c} {
		if _, err := retention.Early(now, c, nil, "m4"); err == nil {
			t.Errorf("a case that is %s can be purged", name)
		}
	}
}
