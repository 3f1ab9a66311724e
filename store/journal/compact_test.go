package journal_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/store/journal"
)

// lived is a closed journal of 20 lives and some audit records, in segments.
func lived(t testing.TB, o journal.Options) journal.Checkpoint {
	t.Helper()
	j := open(t, o)
	for n := range 20 {
		for _, ch := range life(n) {
			appendAll(t, j, encode(t, ch))
		}
		appendAll(t, j, record(n))
	}
	c := j.Checkpoint()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompactKeepsCasesAuditAndChain(t *testing.T) {
	o := options(t.TempDir())
	o.Segment = 5000
	point := lived(t, o)
	before, _ := rebuild(t, o.Dir)
	j := open(t, o)
	size := func() (n int) {
		for _, f := range dirFiles(t, o.Dir) {
			n += len(read(t, f))
		}
		return n
	}
	was := size()
	out, err := j.Compact(t.Context())
	if err != nil || out.Cases != 20 || out.Records != 20 || len(out.Damaged) != 0 {
		t.Fatalf("Compact = %+v, %v", out, err)
	}
	if now := size(); now > was*2/3 {
		t.Errorf("%d bytes after, %d before: nothing was saved", now, was)
	}
	if again, err := j.Compact(t.Context()); err != nil || again.Segments != 0 {
		t.Errorf("Compact again = %+v, %v, want nothing to do", again, err)
	}
	after, _ := rebuild(t, o.Dir)
	if diff := cmp.Diff(before.cases, after.cases); diff != "" {
		t.Error(diff)
	}
	r := verify(t, o.Dir, point, j.Checkpoint())
	if !r.OK() || r.Snapshot != point.Count || r.Tail != 0 || r.Chain != point.Chain {
		t.Errorf("report = %+v", r)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	// A life more, and once again.
	j = open(t, o)
	appendAll(t, j, encode(t, life(30)[0]))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, o)
	if out, err := j.Compact(t.Context()); err != nil || out.Cases != 21 || out.Records != 21 {
		t.Errorf("Compact of a snapshot and more = %+v, %v", out, err)
	}
	if r := verify(t, o.Dir, point); !r.OK() || r.Checked != point.Count {
		t.Errorf("report = %+v", r)
	}
}

func TestSnapshotTamperedWithIsFound(t *testing.T) {
	o := options(t.TempDir())
	point := lived(t, o)
	j := open(t, o)
	if _, err := j.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.Dir, "000000000001.snapshot")
	before := read(t, path)
	rnd := rand.New(rand.NewPCG(5, 6))
	for n := range 200 {
		how, after := tamper(rnd, before)
		if string(after) == string(before) {
			continue
		}
		if after == nil {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		} else {
			put(t, path, after)
		}
		if r := verify(t, o.Dir, point); r.OK() {
			t.Fatalf("tampering %d, %s, was not found", n, how)
		}
		put(t, path, before)
	}
}

func TestOlderSnapshotPutBackIsFound(t *testing.T) {
	o := options(t.TempDir())
	lived(t, o)
	j := open(t, o)
	if _, err := j.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.Dir, "000000000001.snapshot")
	old := read(t, path)
	_ = j.Close()
	j = open(t, o)
	if _, err := j.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = j.Close()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the older snapshot is still there: %v", err)
	}
	if err := os.Remove(filepath.Join(o.Dir, "000000000002.snapshot")); err != nil {
		t.Fatal(err)
	}
	put(t, path, old)
	if r := verify(t, o.Dir); r.OK() {
		t.Error("an older snapshot in the place of the newer one was not found")
	}
}

func TestDamagedSegmentIsMovedAsideByCompact(t *testing.T) {
	o := options(t.TempDir())
	o.Segment = 5000
	lived(t, o)
	files := dirFiles(t, o.Dir)
	data := read(t, files[1])
	data[len(data)/2] ^= 1
	put(t, files[1], data)
	j := open(t, o)
	out, err := j.Compact(t.Context())
	if err != nil || len(out.Damaged) != 1 || out.Cases != 20 {
		t.Fatalf("Compact = %+v, %v", out, err)
	}
	kept := read(t, filepath.Join(o.Dir, "damaged", filepath.Base(files[1])))
	if string(kept) != string(data) {
		t.Error("the damaged segment is not what it was")
	}
	r := verify(t, o.Dir)
	if len(r.Faults) != 0 || len(r.Lost) != 1 || r.OK() {
		t.Errorf("report = %+v, want the loss still named", r)
	}
	if !strings.Contains(r.Lost[0].String(), "changed") {
		t.Errorf("lost = %v", r.Lost[0])
	}
}

// TestPurgedTextLeavesTheJournalAtCompact: until then what was sealed lies in an
// old segment, without a key; then it is gone too.
func TestPurgedTextLeavesTheJournalAtCompact(t *testing.T) {
	o := options(t.TempDir())
	changes := life(3)
	sealed := []byte("what was sealed of it")
	for i := range changes {
		changes[i].Case.Texts = []flows.Sealed{{Field: "text/1", Data: sealed}}
	}
	purged := changes[2]
	purged.From, purged.Case.Version = 3, 4
	purged.Case.Texts = []flows.Sealed{{Field: "text/1", Data: slices.Clone(sealed)}}
	purged.Case.Purge(start)
	j := open(t, o)
	for _, ch := range append(changes, purged) {
		appendAll(t, j, encode(t, ch))
	}
	held := func() (n int) {
		for _, f := range dirFiles(t, o.Dir) {
			n += bytes.Count(read(t, f), sealed)
		}
		return n
	}
	_ = j.Close()
	if held() == 0 {
		t.Fatal("the journal never held it: this tests nothing")
	}
	j = open(t, o)
	if out, err := j.Compact(t.Context()); err != nil || out.Cases != 1 {
		t.Fatalf("Compact = %+v, %v", out, err)
	}
	if n := held(); n != 0 {
		t.Errorf("after it the journal holds what was sealed %d times", n)
	}
	m, _ := rebuild(t, o.Dir)
	if w := m.cases[purged.Case.ID]; w.Case.HoldsText() || w.Case.Purged.IsZero() || len(w.Timeline) == 0 {
		t.Errorf("the case is %+v", w.Case)
	}
}

func TestCompactLeavesRoomForWhatAnotherChainHolds(t *testing.T) {
	changes := life(1)
	dirs := []string{t.TempDir(), t.TempDir()}
	for i, mine := range [][]int{{0, 2}, {1}} { // two processes took turns
		j := open(t, options(dirs[i]))
		for _, n := range mine {
			appendAll(t, j, encode(t, changes[n]))
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j = open(t, options(dirs[i]))
		if _, err := j.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	m, out := rebuild(t, dirs...)
	if diff := cmp.Diff(map[flows.CaseID]flows.Whole{changes[0].Case.ID: whole(changes)}, m.cases); diff != "" || len(out.gaps) != 0 {
		t.Error(out.gaps, diff)
	}
}
