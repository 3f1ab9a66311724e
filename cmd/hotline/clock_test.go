package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/dispatch"
	"hotline/store"
	"hotline/store/vault"
)

func TestClockRunsFasterWithoutJumping(t *testing.T) {
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	real := start
	c := newClock(start, func() time.Time { return real })
	real = real.Add(10 * time.Second)
	c.SetSpeed(60)
	if got := c.Now().Sub(start); got != 10*time.Second {
		t.Errorf("at the switch it shows +%v, want +10s", got)
	}
	real = real.Add(15 * time.Second)
	if got := c.Now().Sub(start); got != 10*time.Second+15*time.Minute {
		t.Errorf("15 s later it shows +%v, want +15m10s", got)
	}
	c.SetSpeed(0)
	real = real.Add(time.Second)
	if got := c.Now().Sub(start); got != 15*time.Minute+11*time.Second || c.Speed() != 1 {
		t.Errorf("back at speed %d it shows +%v", c.Speed(), got)
	}
}

func TestClockWithoutATimeToFollowStandsStill(t *testing.T) {
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	c := newClock(start, nil)
	if !c.Now().Equal(start) {
		t.Error("it moved by itself")
	}
	c.Advance(time.Hour)
	if got := c.Now().Sub(start); got != time.Hour {
		t.Errorf("it shows +%v, want +1h", got)
	}
}

// TestTheClockOfRedisCounts: a machine whose clock is an hour ahead, or is set an
// hour back while the program runs, still goes by the time of Redis, and says how
// far it is away.
func TestTheClockOfRedisCounts(t *testing.T) {
	server, err := newRedisServer(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := server.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.kill)
	key := filepath.Join(t.TempDir(), "key")
	if err := vault.NewKeyFile(key); err != nil {
		t.Fatal(err)
	}
	cfg, err := configs.Load("", []string{"HOTLINE_REDIS_ADDRESSES=" + server.addr, "HOTLINE_KEY_FILE=" + key})
	if err != nil {
		t.Fatal(err)
	}
	d, err := loadData(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	ahead := time.Hour
	a, err := openApp(t.Context(), parts{
		cfg: cfg, log: zap.NewNop(), data: d, send: refuser{},
		now: func() time.Time { return realTime().Add(ahead) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	if away := a.now().Sub(realTime()).Abs(); away > time.Minute {
		t.Errorf("the program is %v away from Redis", away)
	}
	if err := a.install(t.Context(), func() (flows.Directory, error) { return directory.Read(configs.Files, "sample") }); err != nil {
		t.Fatal(err)
	}
	second := &pager{name: "second"}
	a.watch.guard = newGuard(cfg, a.alarm([]dispatch.Sender{second}), nil)
	ahead = -time.Hour
	if err := a.watch.tick(t.Context(), a.now()); err != nil {
		t.Fatal(err)
	}
	if away := a.now().Sub(realTime()).Abs(); away > time.Minute {
		t.Errorf("after the clock was set the program is %v away from Redis", away)
	}
	if skew := values(t, a.figures)["hotline_clock_skew_seconds"]; skew < 3540 || skew > 3660 {
		t.Errorf("the skew is %v s, want about 3600", skew)
	}
	if len(second.sent) == 0 || !strings.Contains(second.sent[0].Text, "dong ho may chu sai") {
		t.Errorf("the supervisors read %+v", second.sent)
	}
}

// TestSlowAnswersDoNotMoveTheClock: the surer answer counts, unless both cannot be
// true.
func TestSlowAnswersDoNotMoveTheClock(t *testing.T) {
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	own, takes, ahead := start, time.Duration(0), time.Duration(0)
	c := &sharedClock{own: func() time.Time { return own }, ask: func(context.Context) (time.Time, error) {
		own = own.Add(takes)
		return own.Add(ahead), nil // made at the very end: half of the time it took is wrong
	}}
	for _, step := range []struct {
		name         string
		takes, ahead time.Duration
		want         time.Duration
	}{
		{"a quick answer", 2 * time.Millisecond, 0, time.Millisecond},
		{"a slow one", 400 * time.Millisecond, 0, time.Millisecond},
		{"a quicker one", 0, 0, 0},
		{"a clock that was set, and answers slowly", 400 * time.Millisecond, -time.Hour, -time.Hour + 200*time.Millisecond},
		{"the same, quickly", 0, -time.Hour, -time.Hour},
		{"clocks that drift", 0, -time.Hour + 30*time.Millisecond, -time.Hour + 30*time.Millisecond},
	} {
		takes, ahead = step.takes, step.ahead
		if _, err := c.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := c.Now().Sub(own); got != step.want {
			t.Errorf("after %s it is %v ahead, want %v", step.name, got, step.want)
		}
	}
}

// TestAClockThatWasSetBack: the ladder goes by an old reading and gets nothing that
// is not due on the clock of Redis; what was due before it was set comes still.
func TestAClockThatWasSetBack(t *testing.T) {
	s, err := store.OpenEmbedded(t.Context(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for id, due := range map[flows.CaseID]time.Time{"00now": noon, "00later": noon.Add(15 * time.Minute), "00hour": noon.Add(-30 * time.Minute)} {
		ch := flows.BeginChange(noon, flows.Case{ID: id, Status: flows.StatusOpen, Severity: flows.Urgent, Opened: noon})
		ch.Arm(flows.TimerLadder, due)
		ch.Log(flows.Event{Kind: flows.EventFiled})
		if id == "00now" {
			ch.Post(flows.Message{To: "duty1", Channel: flows.SMS, Purpose: flows.PurposeAlert, Text: "x"})
		}
		if _, err := s.Commit(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
	}
	own, ahead := noon, time.Duration(0)
	c := &sharedClock{own: func() time.Time { return own }, ask: func(context.Context) (time.Time, error) { return own.Add(ahead), nil }}
	if _, err := c.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	redis := timely{s.Store, c}
	names := func() (all []string) {
		t.Helper()
		due, _, err := redis.DueAll(t.Context(), c.Now(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range due {
			all = append(all, string(d.Case))
		}
		return all
	}
	// An hour back, not noticed yet: what was due half an hour ago on the old clock
	// may have been set on the new one, and waits.
	ahead = -time.Hour
	if diff := cmp.Diff([]string{"00now"}, names()); diff != "" {
		t.Errorf("just after (-want +got):\n%s", diff)
	}
	if got, _, err := redis.ClaimAll(t.Context(), c.Now(), time.Minute, 10); err != nil || len(got) != 1 {
		t.Errorf("%d messages, %v; want the one that was due", len(got), err)
	}
	own = own.Add(2 * backFor)
	if diff := cmp.Diff([]string(nil), names()); diff != "" {
		t.Errorf("later (-want +got):\n%s", diff)
	}
	own = noon.Add(31 * time.Minute)
	if diff := cmp.Diff([]string{"00hour"}, names()); diff != "" {
		t.Errorf("half an hour later (-want +got):\n%s", diff)
	}
}
