package main

import (
	"testing"
	"time"
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
