package journal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/store/journal"
)

var (
	start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	key   = []byte("a key of the journal for tests..")
)

func options(dir string) journal.Options {
	return journal.Options{Dir: dir, Key: key, Now: func() time.Time { return start }}
}

func open(t testing.TB, o journal.Options) *journal.Journal {
	t.Helper()
	j, _, err := journal.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// record is the n-th record of a test.
func record(n int) journal.Record {
	return journal.Record{
		At: start.Add(time.Duration(n) * time.Second), Kind: journal.KindAudit,
		Case: flows.CaseID(fmt.Sprintf("07case%d", n)), Version: int64(n), Body: fmt.Appendf(nil, "body of record %d", n),
	}
}

// fill appends records from a to b and closes the journal.
func fill(t testing.TB, o journal.Options, a, b int) journal.Checkpoint {
	t.Helper()
	j := open(t, o)
	for n := a; n <= b; n++ {
		if err := j.Append(t.Context(), record(n)); err != nil {
			t.Fatal(err)
		}
	}
	c := j.Checkpoint()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

// bodies are the bodies of all records that a restore gives, without those the
// journal wrote about itself.
func bodies(t testing.TB, dirs ...string) []string {
	t.Helper()
	var list []string
	_, err := journal.Restore(t.Context(), dirs, key, func(r journal.Record) error {
		if r.Kind != journal.KindSegment && r.Kind != journal.KindNote {
			list = append(list, string(r.Body))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func want(a, b int) []string {
	var list []string
	for n := a; n <= b; n++ {
		list = append(list, string(record(n).Body))
	}
	return list
}

func verify(t testing.TB, dir string, points ...journal.Checkpoint) journal.Report {
	t.Helper()
	r, err := journal.Verify(t.Context(), dir, key, points)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecordsComeBackInOrderAfterRestarts(t *testing.T) {
	o := options(t.TempDir())
	fill(t, o, 1, 3)
	fill(t, o, 4, 4)
	c := fill(t, o, 5, 9)
	if diff := cmp.Diff(want(1, 9), bodies(t, o.Dir)); diff != "" {
		t.Error(diff)
	}
	r := verify(t, o.Dir, c)
	if !r.OK() || r.Segments != 3 || r.Last != 12 || r.Checked != 12 || r.Tail != 0 || r.Torn != 0 {
		t.Errorf("report = %+v, want 12 sound records in 3 segments, all vouched for", r)
	}
}

func TestRecordKeepsEveryField(t *testing.T) {
	o := options(t.TempDir())
	j := open(t, o)
	in := journal.Record{At: start, Kind: journal.KindChange, Case: "07abc", Version: 3, Body: []byte{0, 1, 0xf5, 'H', 'L', '1'}}
	if err := j.Append(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	var got journal.Record
	_, err := journal.Restore(t.Context(), []string{o.Dir}, key, func(r journal.Record) error {
		got = r
		return nil
	})
	in.Seq = 2
	if diff := cmp.Diff(in, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestSegmentsRollBySize(t *testing.T) {
	o := options(t.TempDir())
	o.Segment = 1000
	c := fill(t, o, 1, 50)
	if r := verify(t, o.Dir, c); !r.OK() || r.Segments < 5 {
		t.Errorf("report = %+v, want at least 5 sound segments", r)
	}
	if diff := cmp.Diff(want(1, 50), bodies(t, o.Dir)); diff != "" {
		t.Error(diff)
	}
}

// counted counts the fsyncs of a file.
type counted struct {
	*os.File
	syncs *atomic.Int64
}

func (c counted) Sync() error {
	c.syncs.Add(1)
	return c.File.Sync()
}

func TestConcurrentAppendsShareOneSync(t *testing.T) {
	o := options(t.TempDir())
	var syncs atomic.Int64
	o.Create = func(path string) (journal.Output, error) {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		return counted{f, &syncs}, err
	}
	j := open(t, o)
	const writers, each = 32, 20
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				if err := j.Append(t.Context(), record(w*each+n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := syncs.Load(); n > writers*each/2 {
		t.Errorf("%d syncs for %d records: they do not share", n, writers*each)
	}
	if got := len(bodies(t, o.Dir)); got != writers*each {
		t.Errorf("%d records, want %d", got, writers*each)
	}
	if r := verify(t, o.Dir, j.Checkpoint()); !r.OK() {
		t.Errorf("faults: %v", r.Faults)
	}
}

func TestOnlyOneProcessWritesAJournal(t *testing.T) {
	o := options(t.TempDir())
	j := open(t, o)
	if _, _, err := journal.Open(o); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("a second Open = %v, want ErrLocked", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, o)
}

func TestAppendRefuses(t *testing.T) {
	o := options(t.TempDir())
	o.Backlog = 1000
	j := open(t, o)
	if err := j.Append(t.Context(), journal.Record{At: start}); err == nil {
		t.Error("a record without a kind is taken")
	}
	if err := j.Append(t.Context(), journal.Record{At: start, Kind: "x", Body: make([]byte, 1001)}); !errors.Is(err, journal.ErrUnwritten) {
		t.Errorf("more than the backlog = %v, want ErrUnwritten", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Append(ctx, record(1)); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Append = %v, want nil or context.Canceled", err)
	}
	_ = j.Close()
	if err := j.Append(t.Context(), record(2)); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("after Close = %v, want ErrClosed", err)
	}
	if err := j.Health(); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("Health after Close = %v", err)
	}
}

func TestTornTailIsPassedOverAndNamed(t *testing.T) {
	for cutOff := 1; cutOff < 120; cutOff += 7 {
		o := options(t.TempDir())
		fill(t, o, 1, 5)
		path := filepath.Join(o.Dir, "000000000001.journal")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data[:len(data)-cutOff], 0o600); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, o.Dir); !r.OK() || r.Torn == 0 {
			t.Errorf("cut by %d: report = %+v, want a torn tail and no fault", cutOff, r)
		}
		j, found, err := journal.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		if found.Torn == 0 || found.Damaged || found.Records != 5 {
			t.Errorf("cut by %d: found = %+v", cutOff, found)
		}
		if err := errors.Join(j.Append(t.Context(), record(6)), j.Close()); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, o.Dir, j.Checkpoint()); !r.OK() {
			t.Errorf("cut by %d, after a new start: %v", cutOff, r.Faults)
		}
		if diff := cmp.Diff(append(want(1, 4), want(6, 6)...), bodies(t, o.Dir)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLastRecordChangedIsNotTakenForATornTail(t *testing.T) {
	o := options(t.TempDir())
	fill(t, o, 1, 5)
	path := filepath.Join(o.Dir, "000000000001.journal")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-70] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	j, found, err := journal.Open(o)
	if err != nil || !found.Damaged {
		t.Fatalf("Open = %+v, %v, want damage", found, err)
	}
	if err := errors.Join(j.Append(t.Context(), record(6)), j.Close()); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, o.Dir); len(r.Faults) != 1 {
		t.Errorf("faults = %v, want the changed record for ever", r.Faults)
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 32} {
		b.Run(fmt.Sprintf("%d writers", writers), func(b *testing.B) {
			j := open(b, options(b.TempDir()))
			r := record(1)
			r.Body = make([]byte, 1500)
			b.SetBytes(int64(len(r.Body)))
			b.SetParallelism(max(1, writers/2))
			b.ResetTimer()
			if writers == 1 {
				for range b.N {
					if err := j.Append(b.Context(), r); err != nil {
						b.Fatal(err)
					}
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := j.Append(b.Context(), r); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
