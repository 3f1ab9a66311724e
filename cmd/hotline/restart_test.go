package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
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
// cases of three changes each, or HOTLINE_BENCH_CASES; as they were written, and as
// the nightly compaction leaves them.
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
	b.Run("as written", func(b *testing.B) { startAgain(b, v, dir) })
	o := journal.Options{Dir: dir, Key: []byte("key"), Now: func() time.Time { return at }}
	if j, _, err = journal.Open(o); err != nil {
		b.Fatal(err)
	}
	if _, err := j.Compact(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("compacted", func(b *testing.B) { startAgain(b, v, dir) })
}

// startAgain opens the journal and takes everything from it.
func startAgain(b *testing.B, v *vault.Vault, dir string) {
	worked := processorTime(b)
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
	b.ReportMetric((processorTime(b)-worked).Seconds()/float64(b.N), "cpu-s/op")
}

// processorTime is what this process has had of all processors together. On a busy
// machine it says more than the clock on the wall.
func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
