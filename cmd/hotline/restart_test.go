package main

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/store"
	"hotline/store/journal"
	"hotline/store/vault"
)

// BenchmarkStartFromTheJournal is the start of a serve without Redis: 100,000
// cases of three changes each, or HOTLINE_BENCH_CASES.
func BenchmarkStartFromTheJournal(b *testing.B) {
	cases := 100_000
	if n, err := strconv.Atoi(os.Getenv("HOTLINE_BENCH_CASES")); err == nil {
		cases = n
	}
	v, err := vault.Open(vault.Random())
	if err != nil {
		b.Fatal(err)
	}
	dir, at := b.TempDir(), time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	j, _, err := journal.Open(journal.Options{Dir: dir, Key: []byte("key"), Now: func() time.Time { return at }})
	if err != nil {
		b.Fatal(err)
	}
	for n := range cases {
		c := flows.Case{ID: flows.CaseID(fmt.Sprintf("%02d%020d", n%64, n)), Status: flows.StatusOpen, Severity: flows.Normal, Opened: at}
		for range 3 {
			ch := flows.BeginChange(at, c)
			ch.Case.Timers = flows.Timers{flows.TimerLadder: flows.Millis(at)}
			ch.Log(flows.Event{Kind: flows.EventFiled})
			ch.Case.Version = ch.From + 1
			r, err := journal.Encode(ch, ch.Case.Version)
			if err == nil {
				err = j.Post(r)
			}
			if err != nil {
				b.Fatal(err)
			}
			c = ch.Case
		}
		if n%5000 == 0 {
			if err := j.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l, err := openLedger(configs.Journal{Dir: dir}, []byte("key"), realTime, zap.NewNop())
		if err != nil {
			b.Fatal(err)
		}
		s, err := openSole(l, v, func(*store.Embedded) {})(b.Context(), store.Options{Partitions: 64})
		if err != nil {
			b.Fatal(err)
		}
		_, _ = s.Close(), l.Close()
	}
}
