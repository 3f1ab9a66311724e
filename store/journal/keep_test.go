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
	keep := func(ch flows.Change) error { return j.Keep(ch)(t.Context()) }
	changes := life(1)
	if err := keep(changes[1]); err != nil { // an alert: nobody waits, so this returns
		t.Error(err)
	}
	syncs <- nil
	done := make(chan bool)
	go func() { _ = keep(changes[0]); close(done) }() // a reporter waits
	select {
	case <-done:
		t.Error("a reporter would be told before the disk has it")
	case syncs <- nil:
		<-done
	}
	taken := changes[2]
	taken.Events = []flows.Event{{Kind: flows.EventTaken, By: "m1"}}
	go func() { syncs <- syscall.EIO }()
	if err := keep(taken); !errors.Is(err, journal.ErrUnwritten) {
		t.Errorf("on a failing disk = %v, want ErrUnwritten", err)
	}
	if keep(flows.Change{}) == nil {
		t.Error("a change that was never committed is kept")
	}
	// The last one was written and not synced: a crash could take it, but did not.
	versions, _, err := journal.Versions(t.Context(), []string{o.Dir}, key)
	if diff := cmp.Diff(map[flows.CaseID]journal.Held{changes[0].Case.ID: {Last: 3, Whole: 3}}, versions); err != nil || diff != "" {
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

func TestVersionsTellHoles(t *testing.T) {
	o := options(t.TempDir())
	j := open(t, o)
	late, holed := life(1), life(2)
	appendAll(t, j, encode(t, late[0]), encode(t, late[2]), encode(t, late[1]), encode(t, holed[0]), encode(t, holed[2]))
	held, _, err := journal.Versions(t.Context(), []string{o.Dir}, key)
	want := map[flows.CaseID]journal.Held{late[0].Case.ID: {Last: 3, Whole: 3}, holed[0].Case.ID: {Last: 3, Whole: 1}}
	if diff := cmp.Diff(want, held); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
