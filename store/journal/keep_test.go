package journal_test

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/store/journal"
)

// slow is a file whose Sync waits for a word.
type slow struct {
	*os.File
	sync chan error
}

func (s slow) Sync() error { return <-s.sync }

func TestKeepWaitsOnlyForWhatSomebodyIsTold(t *testing.T) {
	syncs := make(chan error)
	o := options(t.TempDir())
	o.Create = func(path string) (journal.Output, error) {
		f, err := os.Create(path)
		return slow{f, syncs}, err
	}
	j := open(t, o)
	var faults []error
	keep := j.Keep(t.Context(), func(err error) { faults = append(faults, err) })
	changes := life(1)
	keep(changes[1]) // an alert: nobody waits, so this returns
	syncs <- nil
	done := make(chan bool)
	go func() { keep(changes[0]); close(done) }() // a reporter waits
	select {
	case <-done:
		t.Error("a reporter would be told before the disk has it")
	case syncs <- nil:
		<-done
	}
	taken := changes[2]
	taken.Events = []flows.Event{{Kind: flows.EventTaken, By: "m1"}}
	go func() { syncs <- syscall.EIO }()
	keep(taken)
	if len(faults) != 1 || !errors.Is(faults[0], journal.ErrUnwritten) {
		t.Errorf("faults = %v, want the one of the failing disk", faults)
	}
	keep(flows.Change{}) // never committed
	if len(faults) != 2 {
		t.Errorf("faults = %v, want one more", faults)
	}
	// The last one was written and not synced: a crash could take it, but did not.
	versions, err := journal.Versions(t.Context(), []string{o.Dir}, key)
	if diff := cmp.Diff(map[flows.CaseID]int64{changes[0].Case.ID: 3}, versions); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestPostRefusesWhatAppendRefuses(t *testing.T) {
	j := open(t, options(t.TempDir()))
	if err := j.Post(journal.Record{}); err == nil {
		t.Error("a record without a kind is taken")
	}
	_ = j.Close()
	if err := j.Post(record(1)); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("after Close = %v, want ErrClosed", err)
	}
}

func TestFlushWaitsForWhatWasTakenIn(t *testing.T) {
	syncs := make(chan error)
	o := options(t.TempDir())
	o.Create = func(path string) (journal.Output, error) {
		f, err := os.Create(path)
		return slow{f, syncs}, err
	}
	j := open(t, o)
	if err := j.Flush(t.Context()); err != nil {
		t.Errorf("with nothing to wait for = %v", err)
	}
	if err := j.Post(record(1)); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- j.Flush(t.Context()) }()
	select {
	case err := <-done:
		t.Errorf("it is not on the disk, and Flush returned %v", err)
	case syncs <- nil:
		if err := <-done; err != nil {
			t.Errorf("Flush = %v", err)
		}
	}
	j.Doubt("07abc")
	if err := j.Flush(t.Context()); !errors.Is(err, journal.ErrUnwritten) {
		t.Errorf("with a case in doubt = %v, want ErrUnwritten", err)
	}
	if diff := cmp.Diff([]flows.CaseID{"07abc"}, j.Missed()); diff != "" {
		t.Error(diff)
	}
}
