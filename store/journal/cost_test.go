package journal_test

import (
	"cmp"
	"crypto/rand"
	"slices"
	"sync"
	"testing"
	"time"

	"hotline/flows"
	"hotline/store"
	"hotline/store/storetest"
)

// BenchmarkCommit compares commits of 32 writers on a real redis-server that
// syncs every write, without a journal and with one that every commit waits for.
// Both take turns in one run, each first in every other round, so that a busy
// machine slows both; the median of the ratios of the rounds should be at most 1.3.
// Low and high are those of the middle half of them. 20 rounds say something:
//
//	go test ./store/journal -run - -bench Commit -benchtime 20x
func BenchmarkCommit(b *testing.B) {
	server := storetest.StartRedis(b)
	j := open(b, options(b.TempDir()))
	journaled := func(ch flows.Change) func() {
		wait := j.Keep(ch)
		return func() {
			if err := wait(b.Context()); err != nil {
				b.Error(err)
			}
		}
	}
	var stores [2]*store.Store
	for i, keep := range []func(flows.Change) func(){nil, journaled} {
		s, err := store.Open(b.Context(), store.Options{Client: server.Client(b), Partitions: 64, Keep: keep})
		if err != nil {
			b.Fatal(err)
		}
		stores[i] = s
	}
	var took [2][]time.Duration
	var ratios []float64
	for n := 0; b.Loop(); n++ {
		var now [2]time.Duration
		for i := range stores {
			i := (i + n) % 2
			now[i] = round(b, stores[i])
			took[i] = append(took[i], now[i])
		}
		ratios = append(ratios, float64(now[1])/float64(now[0]))
	}
	b.ReportMetric(float64(quantile(took[0], 2).Nanoseconds())/writers/each, "ns/plain")
	b.ReportMetric(float64(quantile(took[1], 2).Nanoseconds())/writers/each, "ns/journaled")
	b.ReportMetric(quantile(ratios, 1), "low")
	b.ReportMetric(quantile(ratios, 2), "ratio")
	b.ReportMetric(quantile(ratios, 3), "high")
}

const writers, each = 32, 64

// round is how long the writers take for their commits.
func round(b *testing.B, s *store.Store) time.Duration {
	var changes [writers][each]flows.Change
	for w := range changes {
		for n := range changes[w] {
			changes[w][n] = filed(b, s.Partitions())
		}
	}
	begin := now()
	var wg sync.WaitGroup
	for w := range changes {
		wg.Go(func() {
			for n := range changes[w] {
				if _, err := s.Commit(b.Context(), changes[w][n]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return now().Sub(begin)
}

// now is the real clock: here the passing of time is what is measured.
var now = time.Now //nolint:forbidigo // see above

// quantile is what so many quarters of the values lie below.
func quantile[T cmp.Ordered](values []T, quarters int) T {
	slices.Sort(values)
	return values[len(values)*quarters/4]
}

// filed is a report with its answers, as the last step of a dialogue commits it.
func filed(b *testing.B, partitions int) flows.Change {
	session := flows.SessionID(rand.Text())
	home := flows.Partition(string(session), partitions)
	id, err := flows.NewCaseID(rand.Reader, home)
	if err != nil {
		b.Fatal(err)
	}
	ch := flows.BeginChange(start, flows.Case{
		ID: id, Status: flows.StatusIntake, Severity: flows.Urgent, Channel: flows.USSD, Provider: "test", Language: "vi", Opened: start,
		Texts: []flows.Sealed{{Field: "text/1", Data: make([]byte, 300)}},
	})
	ch.Arm(flows.TimerIntake, start.Add(3*time.Minute))
	ch.Log(flows.Event{Kind: flows.EventFiled, Reason: "danger"})
	ch.Post(flows.Message{To: "m1", Channel: flows.SMS, Purpose: flows.PurposeAlert, Text: "GAP K7F4. Tra loi 1 K7F4 de nhan."})
	ch.Turn = &flows.Turn{
		ID: rand.Text(), Keep: time.Hour, Remember: time.Minute, Reply: flows.Reply{Text: "Da nhan."},
		Session: flows.Session{ID: session, Provider: "test", Channel: flows.USSD, Flow: "report", State: "kind", CaseID: id, Case: &ch.Case, Started: start, Touched: start},
	}
	return ch
}
