package timing_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/escalation/timing"
	"hotline/store"
	"hotline/store/storetest"
)

// fighters is the environment variable that makes this test binary a process of
// four workers on the Redis that it names.
const fighters = "HOTLINE_FIGHT"

func TestMain(m *testing.M) {
	if addr := os.Getenv(fighters); addr != "" {
		if err := fight(addr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fight runs four workers until no timer of the ladder is due any more.
func fight(addr string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Client: redis.NewClient(&redis.Options{Addr: addr})})
	if err != nil {
		return err
	}
	defer s.Close()
	w, err := plainWorld("../../../configs/")
	if err != nil {
		return err
	}
	now := realTime()
	var group sync.WaitGroup
	errs := make(chan error, 4)
	for range 4 {
		group.Go(func() {
			worker := &escalation.Worker{
				Timers: s, Cases: s, World: func() escalation.World { return w },
				Partitions: all(s.Partitions()), Batch: 20,
			}
			for range 2000 {
				if _, err := worker.Tick(ctx, now); err != nil {
					errs <- err
					return
				}
				if due, _, err := s.DueAll(ctx, now, 1); err == nil && len(due) == 0 {
					return
				}
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs
}

func all(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func TestEightWorkersInTwoProcessesMoveEachCaseOnce(t *testing.T) {
	const cases = 5000
	server := storetest.StartRedis(t)
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Client: redis.NewClient(&redis.Options{Addr: server.Addr})})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ids, err := timing.File(ctx, timing.Options{
		Store: s, Now: realTime, Random: rand.Reader, World: world(t), Place: timing.Commune, Cases: cases,
	}, realTime().Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			cmd := exec.CommandContext(ctx, os.Args[0])
			cmd.Env = append(os.Environ(), fighters+"="+server.Addr)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("a process of workers: %v: %s", err, out)
			}
		})
	}
	group.Wait()
	found, err := s.Cases(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	lost, doubled := 0, 0
	for _, c := range found {
		switch {
		case c.Level < flows.LevelHead || len(c.Alerts) == 0:
			lost++
		case c.Level > flows.LevelHead || len(c.Alerts) > 1:
			doubled++
		}
	}
	messages, _, err := s.ClaimAll(ctx, realTime().Add(time.Hour), time.Hour, cases)
	if err != nil {
		t.Fatal(err)
	}
	waiting := len(messages)
	if lost > 0 || doubled > 0 || waiting != cases {
		t.Errorf("%d cases lost, %d moved twice, %d messages for %d cases", lost, doubled, waiting, cases)
	}
}
