package journal

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// What says how a journal was damaged.
type What string

// The kinds of damage.
const (
	Changed   What = "changed"   // bytes that were a record are none now
	Dropped   What = "dropped"   // records are missing between others
	Reordered What = "reordered" // a record stands where it was not written, or twice
	Truncated What = "truncated" // records are missing at an end
	Rewritten What = "rewritten" // true records, but not the ones that were here before
	Foreign   What = "foreign"   // bytes that never were a record
)

// Fault is one damage, with the place and the records it concerns.
type Fault struct {
	File        string
	Offset      int64
	What        What
	First, Last uint64 // records; 0: not known, or none
}

// String says it in one line.
func (f Fault) String() string {
	records := fmt.Sprintf("records %d to %d", f.First, f.Last)
	switch f.First {
	case 0:
		records = "bytes"
	case f.Last:
		records = fmt.Sprintf("record %d", f.First)
	}
	return fmt.Sprintf("%s at byte %d: %s %s", f.File, f.Offset, records, f.What)
}

// Report is what is true of one journal.
type Report struct {
	Dir      string
	Chain    string
	Segments int
	Records  uint64 // true records that were read
	Last     uint64 // number of the last one in the chain
	Hash     Hash   // of the last one
	At       time.Time
	Snapshot uint64  // the records up to this one are in a snapshot
	Faults   []Fault // empty: nothing was changed
	// Lost are faults that a compaction found and put into the snapshot: the
	// files are in the folder damaged.
	Lost []Fault
	// Torn is how many bytes at the very end are no whole record: a write that
	// a crash cut off, which nobody was told of, or the last record changed.
	Torn int
	// Checked is the number of the last record that a checkpoint vouches for;
	// Tail how many came after it. If those were taken from the end, nothing
	// here would show it.
	Checked uint64
	Tail    uint64
}

// OK reports whether nothing was changed.
func (r Report) OK() bool { return len(r.Faults) == 0 && len(r.Lost) == 0 }

// Verify reads a journal whole and finds every record that was changed, dropped,
// reordered or truncated. The checkpoints are those of its chain and of others;
// without any, records missing at the very end cannot be seen.
func Verify(ctx context.Context, dir string, key []byte, checkpoints []Checkpoint) (Report, error) {
	w := newWalker(dir, key, checkpoints)
	err := w.walk(ctx)
	return w.report, err
}

// link checks a record against the one before it.
func (w *walker) link(name string, at int, f frame) (seen bool) {
	first := w.end.seq + 1
	switch {
	case f.Seq < first:
		return !w.found(name, at, f.Seq)
	case f.Seq > first:
		w.missing(name, at, first, f.Seq-1)
	case f.prev == w.end.hash:
		w.excuse()
	case !w.broken():
		w.fault(Fault{name, int64(at), Rewritten, f.Seq - 1, f.Seq - 1})
	}
	w.damage = nil
	w.end = head{f.Seq, f.hash, f.At}
	w.vouch(name, at)
	return false
}

// missing records that numbers are absent: those of the damage just met, or of
// records that were taken out.
func (w *walker) missing(name string, at int, first, last uint64) {
	if w.broken() {
		f := &w.report.Faults[*w.damage]
		f.First, f.Last = first, last
		if f.What == Foreign {
			f.What = Changed
		}
		return
	}
	w.fault(Fault{name, int64(at), Dropped, first, last})
}

// short records that a segment ends before its end. Which records that took the
// next true one shows.
func (w *walker) short(name string, size int) {
	if w.broken() { // the last record of the file, cut in two
		w.report.Faults[*w.damage].What = Truncated
		return
	}
	w.damaged(Fault{File: name, Offset: int64(size), What: Truncated})
}

// excuse takes a truncation back that took no record: the file is short because
// of records missing further up.
func (w *walker) excuse() {
	if w.broken() && w.report.Faults[*w.damage].What == Truncated {
		w.report.Faults = slices.Delete(w.report.Faults, *w.damage, *w.damage+1)
	}
}

// found handles a record whose number was passed already. It reports true if the
// record had been missing so far.
func (w *walker) found(name string, at int, seq uint64) bool {
	for i, f := range w.report.Faults {
		if f.What == Dropped && f.First <= seq && seq <= f.Last {
			if f.First == f.Last {
				w.report.Faults = slices.Delete(w.report.Faults, i, i+1)
				w.damage = nil
			}
			w.fault(Fault{name, int64(at), Reordered, seq, seq})
			return true
		}
	}
	w.fault(Fault{name, int64(at), Reordered, seq, seq})
	return false
}

// vouch compares the record just read with the checkpoints of its number.
func (w *walker) vouch(name string, at int) {
	hash, ok := w.points[w.end.seq]
	if !ok {
		return
	}
	if hash != w.end.hash {
		w.fault(Fault{name, int64(at), Rewritten, w.end.seq, w.end.seq})
		return
	}
	w.report.Checked = w.end.seq
}

// gap records bytes that are no record.
func (w *walker) gap(name string, g gap, last bool) {
	if last && !g.whole {
		w.report.Torn = g.to - g.from
		return
	}
	w.damaged(Fault{File: name, Offset: int64(g.from), What: Foreign})
}

// damaged adds a fault that the next true record will explain.
func (w *walker) damaged(f Fault) {
	w.fault(f)
	i := len(w.report.Faults) - 1
	w.damage = &i
}

// broken reports whether damage was met since the last true record.
func (w *walker) broken() bool { return w.damage != nil }

func (w *walker) fault(f Fault) { w.report.Faults = append(w.report.Faults, f) }

// finish compares the end with the checkpoints beyond it.
func (w *walker) finish(name string, size int64) {
	if w.broken() {
		w.missing(name, 0, w.end.seq+1, w.end.seq+1)
	}
	var beyond uint64
	for count := range w.points {
		beyond = max(beyond, count)
	}
	if beyond > w.end.seq {
		w.fault(Fault{name, size, Truncated, w.end.seq + 1, beyond})
	}
	w.report.Last, w.report.Hash, w.report.At = w.end.seq, w.end.hash, w.end.at
	w.report.Tail = w.end.seq - w.report.Checked
}
