package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"hotline/flows"
)

// snapshotHead is the body of the first record of a snapshot.
type snapshotHead struct {
	Format int     `json:"format"`
	Chain  string  `json:"chain"`
	Number uint64  `json:"number"` // the last segment that is in it
	Upto   uint64  `json:"upto"`   // the last record that is in it
	Hash   Hash    `json:"hash"`   // of that record: the next segment goes on from here
	Count  int     `json:"count"`  // records in the snapshot, this one not counted
	Lost   []Fault `json:"lost,omitempty"`
}

// compactNote is the body of the note that vouches for a snapshot in the chain.
type compactNote struct {
	Upto uint64 `json:"upto"`
	Hash Hash   `json:"hash"` // of the last record of the snapshot
}

// Compacted says what Compact did.
type Compacted struct {
	Segments int // files that went into the snapshot
	Cases    int
	Records  int      // beside them: audit, notes, changes of cases that lack one
	Damaged  []string // files that were moved to the folder damaged
}

// Compact folds every segment that is no longer written into one snapshot file:
// each case once, and each audit record and note as it is. The chain stays
// whole: the snapshot carries the hash from which the next segment goes on, and
// a note in the chain carries the hash of the snapshot. A damaged segment is
// moved aside, never deleted, and what it had lost is named in the snapshot.
func (j *Journal) Compact(ctx context.Context) (Compacted, error) {
	j.compacting.Lock()
	defer j.compacting.Unlock()
	j.mu.Lock()
	upto, cut := j.ended, j.endedCut
	j.mu.Unlock()
	old, err := j.closedFiles(upto)
	if err != nil || len(old) == 0 {
		return Compacted{}, err
	}
	c, hash, damaged, err := j.snapshot(ctx, upto, cut)
	if err != nil {
		return Compacted{}, fmt.Errorf("compact journal: %w", err)
	}
	body, err := json.Marshal(compactNote{Upto: c.Upto, Hash: hash})
	if err != nil {
		return Compacted{}, fmt.Errorf("compact journal: %w", err)
	}
	if err := j.Append(ctx, Record{At: j.opt.Now(), Kind: KindNote, Body: body}); err != nil {
		return Compacted{}, fmt.Errorf("compact journal: %w", err)
	}
	out := Compacted{Segments: len(old), Cases: c.cases, Records: c.Count - c.cases, Damaged: damaged}
	return out, j.clear(old, c.Number, damaged)
}

// closedFiles are the segments up to a number.
func (j *Journal) closedFiles(upto uint64) ([]file, error) {
	files, err := list(j.opt.Dir, segmentEnd)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(files, func(f file) bool { return f.number > upto }), nil
}

// folding is a snapshot in the making.
type folding struct {
	snapshotHead
	cases int
}

// snapshot writes the snapshot file and returns the hash of its last record and
// the names of the damaged files it drew from.
func (j *Journal) snapshot(ctx context.Context, upto uint64, cut int64) (folding, Hash, []string, error) {
	fold, kept, papers := NewFold(), []Record(nil), map[flows.CaseID]Record{}
	w := newWalker(j.opt.Dir, j.opt.Key, nil)
	w.upto, w.cut = upto, cut
	w.each = func(r Record) error {
		if r.Kind == KindAudit || r.Kind == KindNote {
			kept = append(kept, r)
		}
		if r.Kind == KindPaper { // the last of each name
			papers[r.Case] = r
		}
		return fold.Add(r)
	}
	if err := w.walk(ctx); err != nil {
		return folding{}, Hash{}, nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(papers)) {
		kept = append(kept, papers[name])
	}
	records, err := fold.records(ctx)
	if err != nil {
		return folding{}, Hash{}, nil, err
	}
	f := folding{cases: len(fold.cases), snapshotHead: snapshotHead{
		Format: 1, Chain: j.chain, Number: upto, Upto: w.end.seq, Hash: w.end.hash,
		Count: len(records) + len(kept), Lost: mostLost(w.report.Lost, w.report.Faults),
	}}
	hash, err := j.writeSnapshot(f.snapshotHead, append(kept, records...))
	return f, hash, damagedFiles(w.report.Faults), err
}

// records are the cases of a fold, each as one record, in the order of their
// ids. A case that lacks a version stays as its changes are: another chain may
// hold what is missing, and a snapshot would say that nothing is.
func (f *Fold) records(ctx context.Context) ([]Record, error) {
	ids := slices.Sorted(maps.Keys(f.cases))
	records := make([]Record, 0, len(ids))
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c := f.cases[id]
		if c.settle(); c.holed {
			records = append(records, c.kept()...)
			continue
		}
		s, err := c.snapshot()
		if err != nil {
			return nil, err
		}
		at := c.base.At
		if n := len(c.changes); n > 0 {
			at = c.changes[n-1].At
		}
		r, err := EncodeSnapshot(at, s)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

// kept is what is known of a case, record by record.
func (c *folded) kept() []Record {
	if c.base.Version == 0 {
		return c.changes
	}
	return append([]Record{c.base}, c.changes...)
}

// writeSnapshot writes the file whole under another name first.
func (j *Journal) writeSnapshot(h snapshotHead, records []Record) (Hash, error) {
	body, err := json.Marshal(h)
	if err != nil {
		return Hash{}, err
	}
	s := newSealer(j.opt.Key)
	buf, hash := s.appendFrame(nil, Record{Seq: 0, At: j.opt.Now(), Kind: KindSegment, Body: body}, Hash{})
	var all bytes.Buffer
	all.Write(buf)
	for i, r := range records {
		r.Seq = uint64(i + 1)
		buf, hash = s.appendFrame(buf[:0], r, hash)
		all.Write(buf)
	}
	path := filepath.Join(j.opt.Dir, fmt.Sprintf("%012d%s", h.Number, snapshotEnd))
	return hash, j.replace(path, all.Bytes())
}

// replace writes a file so that it is there whole or not at all.
func (j *Journal) replace(path string, data []byte) error {
	temp := path + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	out, err := j.opt.Create(temp)
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncDir(j.opt.Dir)
}

// clear removes what the new snapshot replaces.
func (j *Journal) clear(old []file, number uint64, damaged []string) error {
	if len(damaged) > 0 {
		if err := os.MkdirAll(filepath.Join(j.opt.Dir, "damaged"), 0o700); err != nil {
			return fmt.Errorf("compact journal: %w", err)
		}
	}
	snaps, err := list(j.opt.Dir, snapshotEnd)
	if err != nil {
		return err
	}
	old = append(old, slices.DeleteFunc(snaps, func(f file) bool { return f.number >= number })...)
	for _, f := range old {
		var err error
		if slices.Contains(damaged, f.name()) {
			err = os.Rename(f.path, filepath.Join(j.opt.Dir, "damaged", f.name()))
		} else {
			err = os.Remove(f.path)
		}
		if err != nil {
			return fmt.Errorf("compact journal: %w", err)
		}
	}
	return syncDir(j.opt.Dir)
}

// mostLost joins two lists of faults and keeps as many as fit the head of a file.
func mostLost(a, b []Fault) []Fault {
	all := slices.Concat(a, b)
	return all[:min(len(all), 200)]
}

func damagedFiles(faults []Fault) []string {
	var names []string
	for _, f := range faults {
		if !slices.Contains(names, f.File) {
			names = append(names, f.File)
		}
	}
	return names
}

// lastSnapshot reads the head of the newest snapshot whose head is true.
func lastSnapshot(dir string, s sealer) (snapshotHead, error) {
	files, err := list(dir, snapshotEnd)
	if err != nil {
		return snapshotHead{}, err
	}
	for _, f := range slices.Backward(files) {
		data, err := readStart(f.path)
		if err != nil {
			return snapshotHead{}, err
		}
		if h, ok := s.snapshotHead(data); ok {
			return h, nil
		}
	}
	return snapshotHead{}, nil
}

func (s sealer) snapshotHead(data []byte) (snapshotHead, bool) {
	f, err := s.readFrame(data)
	var h snapshotHead
	if err != nil || f.Kind != KindSegment || json.Unmarshal(f.Body, &h) != nil {
		return h, false
	}
	return h, h.Upto > 0
}

// readSnapshot reads the newest snapshot, if there is one, as the beginning of
// the chain.
func (w *walker) readSnapshot() error {
	files, err := list(w.dir, snapshotEnd)
	if err != nil {
		return err
	}
	for _, f := range slices.Backward(files) {
		data, err := readFile(f.path)
		if err != nil {
			return err
		}
		h, ok := w.sealer.snapshotHead(data)
		if !ok {
			w.fault(Fault{File: f.name(), What: Changed})
			continue
		}
		return w.useSnapshot(f.name(), data, h)
	}
	return nil
}

// useSnapshot checks a snapshot and hands its records on.
func (w *walker) useSnapshot(name string, data []byte, h snapshotHead) error {
	w.snapshot, w.report.Snapshot, w.report.Lost = h, h.Upto, h.Lost
	w.learn(h.Chain)
	var prev Hash
	next, count := uint64(0), 0
	err := w.sealer.scan(data, func(at int, f frame) error {
		if f.Seq != next || f.prev != prev {
			w.fault(Fault{name, int64(at), Reordered, 1, h.Upto})
		}
		prev, next = f.hash, f.Seq+1
		if f.Seq == 0 {
			return nil
		}
		count++
		w.report.Records++
		return w.each(f.Record)
	}, func(g gap) { w.fault(Fault{name, int64(g.from), Changed, 1, h.Upto}) })
	if err != nil {
		return err
	}
	if count < h.Count {
		w.fault(Fault{name, int64(len(data)), Truncated, 1, h.Upto})
	}
	w.snapHash = prev
	w.end = head{seq: h.Upto, hash: h.Hash}
	w.vouch(name, 0)
	return nil
}
