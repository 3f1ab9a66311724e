package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
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
// in order. Whatever was done to the file, it finds every frame that is left.
func (s sealer) scan(data []byte, each func(at int, f frame) error, missed func(g gap)) error {
	for at := 0; at < len(data); {
		for _, f := range s.proveAhead(data[at:]) {
			if err := each(at, f); err != nil {
				return err
			}
			at += f.size
		}
		if at == len(data) {
			break
		}
		f, err := s.readFrame(data[at:])
		if err == nil {
			if err := each(at, f); err != nil {
				return err
			}
			at += f.size
			continue
		}
		next := s.resume(data, at)
		if missed != nil {
			size := frameSize(data[at:])
			missed(gap{from: at, to: next, whole: size > 0 && at+size <= len(data)})
		}
		at = next
	}
	return nil
}

// How much is proven at once, and from how many frames on that is worth it.
const (
	aheadBytes  = 8 << 20
	aheadFrames = 64
)

// proveAhead reads the frames that stand one behind the other at the start of
// data, on all processors, up to the first that is not true.
func (s sealer) proveAhead(data []byte) []frame {
	var ends []int
	for at := 0; at < min(len(data), aheadBytes); {
		size := frameSize(data[at:])
		if size == 0 || at+size > len(data) {
			break
		}
		at += size
		ends = append(ends, at)
	}
	if len(ends) < aheadFrames {
		return nil
	}
	frames := make([]frame, len(ends))
	part := (len(ends) + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for from := 0; from < len(ends); from += part {
		wg.Go(func() {
			own := newSealer(s.key)
			for i := from; i < min(from+part, len(ends)); i++ {
				start := 0
				if i > 0 {
					start = ends[i-1]
				}
				var err error
				if frames[i], err = own.readFrame(data[start:ends[i]]); err != nil {
					return // what follows in this part stays without a size
				}
			}
		})
	}
	wg.Wait()
	for i := range frames {
		if frames[i].size == 0 {
			return frames[:i]
		}
	}
	return frames
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
