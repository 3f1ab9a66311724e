package journal_test

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/store/journal"
)

// disk is a disk that can be full, read-only or failing.
type disk struct {
	create, write, sync atomic.Pointer[error]
	half                atomic.Bool // a failing write leaves half behind
}

type diskFile struct {
	*os.File
	d *disk
}

func (d *disk) open(path string) (journal.Output, error) {
	if err := d.create.Load(); err != nil {
		return nil, *err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return diskFile{f, d}, err
}

func (f diskFile) Write(b []byte) (int, error) {
	if err := f.d.write.Load(); err != nil {
		if f.d.half.Load() {
			_, _ = f.File.Write(b[:len(b)/2])
		}
		return len(b) / 2, *err
	}
	return f.File.Write(b)
}

func (f diskFile) Sync() error {
	if err := f.d.sync.Load(); err != nil {
		return *err
	}
	return f.File.Sync()
}

// watched is a store that tells when it is read.
type watched struct {
	cases
	looked func()
}

func (w watched) Case(ctx context.Context, id flows.CaseID) (flows.Case, error) {
	w.looked()
	return w.cases.Case(ctx, id)
}

// cases is a store with the cases of a test.
type cases map[flows.CaseID]flows.Case

func (c cases) Case(_ context.Context, id flows.CaseID) (flows.Case, error) {
	if k, ok := c[id]; ok {
		return k, nil
	}
	return flows.Case{}, flows.ErrNotFound
}

func (c cases) Timeline(context.Context, flows.CaseID) ([]flows.Event, error) { return nil, nil }
func (c cases) Waiting(context.Context, flows.CaseID) ([]flows.Message, error) {
	return nil, nil
}

func (c cases) Answers(context.Context, flows.CaseID) ([]flows.Answer, error) { return nil, nil }

func TestFailingDiskTurnsHealthRedAndIsCaughtUp(t *testing.T) {
	full, broken := error(syscall.ENOSPC), error(syscall.EIO)
	tests := []struct {
		name      string
		fail, end func(d *disk)
	}{
		{
			"the disk is full",
			func(d *disk) { d.write.Store(&full) },
			func(d *disk) { d.write.Store(nil) },
		},
		{
			"the disk is full in the middle of a record",
			func(d *disk) { d.half.Store(true); d.write.Store(&full) },
			func(d *disk) { d.write.Store(nil) },
		},
		{
			"fsync fails",
			func(d *disk) { d.sync.Store(&broken) },
			func(d *disk) { d.sync.Store(nil) },
		},
		{
			"the directory is read-only and fsync fails",
			func(d *disk) { d.create.Store(&broken); d.sync.Store(&broken) },
			func(d *disk) { d.create.Store(nil); d.sync.Store(nil) },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &disk{}
			o := options(t.TempDir())
			o.Create = d.open
			j := open(t, o)
			for n := 1; n <= 3; n++ {
				if err := j.Append(t.Context(), record(n)); err != nil {
					t.Fatal(err)
				}
			}
			tt.fail(d)
			for n := 4; n <= 6; n++ {
				if err := j.Append(t.Context(), record(n)); !errors.Is(err, journal.ErrUnwritten) {
					t.Fatalf("Append = %v, want ErrUnwritten", err)
				}
			}
			if err := j.Health(); !errors.Is(err, journal.ErrUnwritten) {
				t.Errorf("Health = %v, want ErrUnwritten", err)
			}
			if n := len(j.Missed()); n != 3 {
				t.Errorf("%d cases missed, want 3", n)
			}
			store := cases{}
			for n := 4; n <= 6; n++ {
				id := record(n).Case
				store[id] = flows.Case{ID: id, Version: int64(n)}
			}
			if n, err := j.CatchUp(t.Context(), store); err == nil || n != 0 {
				t.Errorf("CatchUp while it fails = %d, %v", n, err)
			}
			tt.end(d)
			unwell := func() {
				if err := j.Health(); !errors.Is(err, journal.ErrUnwritten) {
					t.Errorf("Health in the middle of CatchUp = %v, want ErrUnwritten", err)
				}
			}
			if n, err := j.CatchUp(t.Context(), watched{store, unwell}); err != nil || n != 3 {
				t.Errorf("CatchUp = %d, %v, want 3 cases", n, err)
			}
			if err := j.Health(); err != nil {
				t.Errorf("Health after CatchUp = %v", err)
			}
			if err := j.Append(t.Context(), record(7)); err != nil {
				t.Error(err)
			}
			if r := verify(t, o.Dir, j.Checkpoint()); !r.OK() {
				t.Errorf("faults after the failure: %v", r.Faults)
			}
			checkRestart(t, j, o)
		})
	}
}

// checkRestart ends the journal and looks whether all is there.
func checkRestart(t *testing.T, j *journal.Journal, o journal.Options) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	seen := map[flows.CaseID]bool{}
	_, err := journal.Restore(t.Context(), []string{o.Dir}, key, func(r journal.Record) error {
		seen[r.Case] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 7; n++ {
		if !seen[record(n).Case] {
			t.Errorf("record %d is not there", n)
		}
	}
	o.Create = nil
	fill(t, o, 8, 9)
	if r := verify(t, o.Dir); !r.OK() {
		t.Errorf("faults after a new start: %v", r.Faults)
	}
}

func TestOpenOfAPlaceThatCannotBe(t *testing.T) {
	path := t.TempDir() + "/file"
	put(t, path, nil)
	if _, _, err := journal.Open(options(path + "/journal")); err == nil {
		t.Error("Open below a file succeeds")
	}
}

func TestCatchUpAllWritesWhatTheJournalNeverSaw(t *testing.T) {
	o := options(t.TempDir())
	j := open(t, o)
	store := cases{"a": {ID: "a", Version: 3}, "b": {ID: "b", Version: 2}, "c": {ID: "c", Version: 1}, "holed": {ID: "holed", Version: 3}}
	n, err := j.CatchUpAll(t.Context(), store,
		map[flows.CaseID]journal.Held{"a": {Last: 3, Whole: 3}, "b": {Last: 1, Whole: 1}, "holed": {Last: 3, Whole: 1}},
		map[flows.CaseID]int64{"a": 3, "b": 2, "c": 1, "gone": 9, "holed": 3})
	if err != nil || n != 4 {
		t.Fatalf("CatchUpAll = %d, %v", n, err)
	}
	m, _ := rebuild(t, o.Dir)
	if diff := cmp.Diff(map[flows.CaseID]int64{"b": 2, "c": 1, "holed": 3}, m.versions()); diff != "" {
		t.Error(diff)
	}
}
