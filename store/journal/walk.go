package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// walker reads one journal from its beginning to its end.
type walker struct {
	dir         string
	sealer      sealer
	checkpoints []Checkpoint
	points      map[uint64]Hash // the checkpoints of this chain by count
	report      Report
	end         head
	damage      *int // index of the fault that was met after the last true record
	snapshot    snapshotHead
	snapHash    Hash // of the last record of the snapshot

	// upto is the last segment to read, 0 for all; cut how much of it counts.
	upto uint64
	cut  int64
	// each is called for every true record, in order. Its body shares the
	// memory of the file.
	each func(Record) error
}

func newWalker(dir string, key []byte, checkpoints []Checkpoint) *walker {
	return &walker{
		dir: dir, sealer: newSealer(key), checkpoints: checkpoints,
		report: Report{Dir: dir}, points: map[uint64]Hash{},
		each: func(Record) error { return nil },
	}
}

// walk reads the snapshot, if there is one, and the segments behind it.
func (w *walker) walk(ctx context.Context) error {
	files, err := list(w.dir, segmentEnd)
	if err != nil {
		return err
	}
	if err := w.readSnapshot(); err != nil {
		return fmt.Errorf("read journal %s: %w", w.dir, err)
	}
	var name string
	var size int64
	var next reading
	for i, f := range files {
		if !w.wanted(f) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read journal %s: %w", w.dir, err)
		}
		this := next
		if this == nil {
			this = readAhead(f.path)
		}
		if next = nil; i+1 < len(files) && w.wanted(files[i+1]) {
			next = readAhead(files[i+1].path)
		}
		read := <-this
		if errors.Is(read.err, fs.ErrNotExist) {
			continue // compacted away while we read
		}
		if read.err != nil {
			return fmt.Errorf("read journal: %w", read.err)
		}
		data := read.data
		limit := w.limit(f, files[i+1:], len(data))
		if err := w.segment(f, data, limit, i == len(files)-1); err != nil {
			return fmt.Errorf("read journal %s: %w", f.name(), err)
		}
		name, size = f.name(), int64(len(data))
	}
	w.finish(name, size)
	return nil
}

// wanted reports whether a segment is to be read.
func (w *walker) wanted(f file) bool {
	return f.number > w.snapshot.Number && (w.upto == 0 || f.number <= w.upto)
}

// limit is how much of a segment counts: the one after it says so.
func (w *walker) limit(f file, after []file, size int) int {
	if w.upto == f.number {
		return int(w.cut)
	}
	if len(after) == 0 || after[0].number != f.number+1 {
		return size
	}
	data, err := readStart(after[0].path)
	if err != nil {
		return size
	}
	h, ok := w.sealer.head(data)
	if !ok {
		return size
	}
	return int(h.Cut)
}

// segment reads one file.
func (w *walker) segment(f file, data []byte, limit int, last bool) error {
	w.report.Segments++
	if h, ok := w.sealer.head(data); ok {
		w.learn(h.Chain)
	}
	short := len(data) < limit
	data = data[:min(limit, len(data))]
	err := w.sealer.scan(data, func(at int, fr frame) error {
		w.report.Records++
		if w.link(f.name(), at, fr) {
			return nil
		}
		w.checkNote(f.name(), at, fr)
		return w.each(fr.Record)
	}, func(g gap) { w.gap(f.name(), g, last && g.to == len(data)) })
	if short {
		w.short(f.name(), len(data))
	}
	return err
}

// learn takes the name of the chain from the first head that is true, and with
// it the checkpoints that are meant.
func (w *walker) learn(chain string) {
	if w.report.Chain != "" || chain == "" {
		return
	}
	w.report.Chain = chain
	for _, c := range w.checkpoints {
		switch {
		case c.Chain != chain:
		case c.Count >= w.snapshot.Upto:
			w.points[c.Count] = c.Hash
		default: // folded: that the snapshot goes further shows that it was there
			w.report.Checked = max(w.report.Checked, c.Count)
		}
	}
}

// checkNote compares the snapshot with what the chain says of it.
func (w *walker) checkNote(name string, at int, f frame) {
	if f.Kind != KindNote || w.snapshot.Upto == 0 {
		return
	}
	var n compactNote
	if json.Unmarshal(f.Body, &n) != nil || n.Upto != w.snapshot.Upto {
		return
	}
	if n.Hash != w.snapHash {
		w.fault(Fault{name, int64(at), Rewritten, 1, w.snapshot.Upto})
	}
}

// readStart reads enough of a file to hold its first record.
func readStart(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	buf := make([]byte, 64<<10)
	n, err := f.ReadAt(buf, 0)
	if errors.Is(err, io.EOF) {
		err = nil // the file is short
	}
	return buf[:n], err
}
