package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store"
	"hotline/store/storetest"
)

// BenchmarkBurst is what a worker does after an outage: every timer is due at
// once; cases are read and changes committed by the hundred.
func BenchmarkBurst(b *testing.B) {
	server := storetest.StartRedis(b)
	s := open(b, &redis.Options{Addr: server.Addr}, store.Options{})
	commit := func(changes []flows.Change) {
		for part := range slices.Chunk(changes, 128) {
			for _, err := range s.CommitAll(b.Context(), part) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	cases := make([]flows.Change, b.N)
	for i := range cases {
		cases[i] = filed(b, s)
	}
	commit(cases)
	at := now.Add(time.Hour)
	b.ReportAllocs()
	b.ResetTimer()
	for {
		due, _, err := s.DueAll(b.Context(), at, 128)
		if err != nil {
			b.Fatal(err)
		}
		if len(due) == 0 {
			break
		}
		ids := make([]flows.CaseID, len(due))
		for i := range due {
			ids[i] = due[i].Case
		}
		read, err := s.Cases(b.Context(), ids)
		if err != nil {
			b.Fatal(err)
		}
		changes := make([]flows.Change, len(read))
		for i, c := range read {
			changes[i] = life(c, 3)
			changes[i].Disarm(flows.TimerIntake)
			changes[i].Arm(flows.TimerLadder, at.Add(time.Hour))
			changes[i].Arm(flows.TimerDecision, at.Add(time.Hour))
		}
		commit(changes)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}
