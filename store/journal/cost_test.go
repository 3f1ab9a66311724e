package journal_test

import (
	"crypto/rand"
	"testing"
	"time"

	"hotline/flows"
	"hotline/store"
	"hotline/store/journal"
	"hotline/store/storetest"
)

// BenchmarkCommit compares commits of 32 writers on a real redis-server that
// syncs every write, without a journal and with one that every commit waits for.
// The second should take at most 1.3 times as long.
func BenchmarkCommit(b *testing.B) {
	server := storetest.StartRedis(b)
	for _, kept := range []bool{false, true} {
		name, o := "without a journal", store.Options{Client: server.Client(b), Partitions: 64}
		if kept {
			name = "with a journal"
			j := open(b, options(b.TempDir()))
			o.OnCommit = func(ch flows.Change) {
				r, err := journal.Encode(ch, ch.Case.Version)
				if err == nil {
					err = j.Append(b.Context(), r)
				}
				if err != nil {
					b.Error(err)
				}
			}
		}
		s, err := store.Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetParallelism(16) // of 2 processors: 32 writers
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := s.Commit(b.Context(), filed(b, s.Partitions())); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
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
