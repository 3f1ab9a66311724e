package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// segmentHead is the body of the first record of a segment.
type segmentHead struct {
	Format int    `json:"format"`
	Chain  string `json:"chain"`  // random, the same in every segment of a journal
	Number uint64 `json:"number"` // of the segment, from 1
	// Cut is how many bytes of the segment before count. What lies behind was
	// never acknowledged: a torn write, or one that failed.
	Cut int64 `json:"cut"`
}

const (
	segmentEnd  = ".journal"
	snapshotEnd = ".snapshot"
)

func segmentName(number uint64) string { return fmt.Sprintf("%012d%s", number, segmentEnd) }

// file is a segment or snapshot in a directory.
type file struct {
	path   string
	number uint64
}

func (f file) name() string { return filepath.Base(f.path) }

// list finds the files with an ending, in the order of their numbers.
func list(dir, ending string) ([]file, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	var files []file
	for _, e := range entries {
		base, ok := strings.CutSuffix(e.Name(), ending)
		if !ok {
			continue
		}
		if n, err := strconv.ParseUint(base, 10, 64); err == nil {
			files = append(files, file{filepath.Join(dir, e.Name()), n})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return int(int64(a.number - b.number)) })
	return files, nil
}

// gap is a stretch of a file that holds no true frame.
type gap struct {
	from, to int
	// whole says that it begins with a frame that is all there but not true: it
	// was changed. Otherwise it may be a torn write.
	whole bool
}

// scan calls each for every true frame of a file and gap for what lies between,
// in order. Whatever was done to the file, it finds every frame that is left. While
// each works on some frames, the next are proven.
func (s sealer) scan(data []byte, each func(at int, f frame) error, missed func(g gap)) error {
	p := prover{sealer: s}
	p.begin(data)
	for at := 0; at < len(data); {
		frames := p.wait()
		some := len(frames) > 0
		if some {
			p.begin(data[at+sizeOf(frames):])
		}
		for _, f := range frames {
			if err := each(at, f); err != nil {
				return err
			}
			at += f.size
		}
		if some {
			continue
		}
		f, err := s.readFrame(data[at:])
		if err == nil {
			if err := each(at, f); err != nil {
				return err
			}
			at += f.size
			p.begin(data[at:])
			continue
		}
		next := s.resume(data, at)
		if missed != nil {
			size := frameSize(data[at:])
			missed(gap{from: at, to: next, whole: size > 0 && at+size <= len(data)})
		}
		at = next
		p.begin(data[at:])
	}
	return nil
}

// resume finds the next true frame after a place that holds none, or the end.
func (s sealer) resume(data []byte, at int) int {
	for at++; at < len(data); at++ {
		i := bytes.Index(data[at:], []byte(magic))
		if i < 0 {
			break
		}
		at += i
		if _, err := s.readFrame(data[at:]); err == nil {
			return at
		}
	}
	return len(data)
}

// head reads what the first record of a segment says of it.
func (s sealer) head(data []byte) (segmentHead, bool) {
	f, err := s.readFrame(data)
	if err != nil || f.Kind != KindSegment {
		return segmentHead{}, false
	}
	var h segmentHead
	if json.Unmarshal(f.Body, &h) != nil {
		return segmentHead{}, false
	}
	return h, true
}
