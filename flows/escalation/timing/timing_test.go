package timing_test

import (
	"context"
	"crypto/rand"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/escalation/timing"
	"hotline/store"
	"hotline/store/storetest"
)

func world(t testing.TB) escalation.World {
	t.Helper()
	w, err := plainWorld("../../../configs/")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func plainWorld(configs string) (escalation.World, error) {
	policy, err := os.ReadFile(configs + "escalation.yaml")
	if err != nil {
		return escalation.World{}, err
	}
	p, err := escalation.ParsePolicy("escalation.yaml", policy)
	if err != nil {
		return escalation.World{}, err
	}
	days, err := os.ReadFile(configs + "calendar.yaml")
	if err != nil {
		return escalation.World{}, err
	}
	c, err := escalation.ParseCalendar("calendar.yaml", days)
	if err != nil {
		return escalation.World{}, err
	}
	return timing.World(p, c, flows.Texts{"vi": {"alert.sms.urgent.again": "GAP {ref}, chua ai nhan. Tra loi 1 {ref}."}})
}

// size is how many timers a measurement has: few by default, since every other
// test shares the machine; HOTLINE_TIMERS=100000 is the real one.
func size(t testing.TB, few int) int {
	t.Helper()
	if s := os.Getenv("HOTLINE_TIMERS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return few
}

func redisStore(t testing.TB) *store.Store {
	t.Helper()
	server := storetest.StartRedis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr})
	s, err := store.Open(context.Background(), store.Options{Client: client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestTimersAreNeverEarlyAndHardlyLate(t *testing.T) {
	s := redisStore(t)
	n := size(t, 2000)
	spread := time.Duration(n) * 600 * time.Microsecond // 100,000 over 60 s
	r, err := timing.Run(context.Background(), timing.Options{
		Store: s, Now: realTime, Random: rand.Reader, World: world(t), Place: timing.Commune,
		Cases: n, Spread: spread, Lead: 500 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r)
	if r.Early > 0 || r.Lost > 0 || r.Twice > 0 {
		t.Errorf("%d early, %d lost, %d twice", r.Early, r.Lost, r.Twice)
	}
}

func TestABurstIsWorkedOffUrgentFirst(t *testing.T) {
	s := redisStore(t)
	r, err := timing.Run(context.Background(), timing.Options{
		Store: s, Now: realTime, Random: rand.Reader, World: world(t), Place: timing.Commune,
		Cases: size(t, 3000), Urgent: 10, Lead: 500 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r, "inverse", r.Inverse)
	if r.Early > 0 || r.Lost > 0 || r.Twice > 0 {
		t.Errorf("%d early, %d lost, %d twice", r.Early, r.Lost, r.Twice)
	}
}

// realTime is for what is measured in real time.
func realTime() time.Time {
	return time.Now() //nolint:forbidigo // a measurement needs the real clock
}
