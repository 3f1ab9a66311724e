package main

import (
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
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
	if away := a.now().Sub(realTime()).Abs(); away > time.Second {
		t.Errorf("the program is %v away from Redis", away)
	}
	if err := a.install(t.Context(), func() (flows.Directory, error) { return readDirectory(configs.Files, "sample") }); err != nil {
		t.Fatal(err)
	}
	ahead = -time.Hour
	if err := a.watch.tick(t.Context(), a.now()); err != nil {
		t.Fatal(err)
	}
	if away := a.now().Sub(realTime()).Abs(); away > time.Second {
		t.Errorf("after the clock was set the program is %v away from Redis", away)
	}
	if skew := values(t, a.figures)["hotline_clock_skew_seconds"]; skew < 3599 || skew > 3601 {
		t.Errorf("the skew is %v s, want 3600", skew)
	}
}
