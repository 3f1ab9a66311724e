package journal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

// The errors of a journal.
var (
	// ErrUnwritten says that a record is not on the disk. The store holds the
	// change; [Journal.CatchUp] writes it later.
	ErrUnwritten = errors.New("the journal cannot be written")
	// ErrClosed says that the journal was closed.
	ErrClosed = errors.New("the journal is closed")
	// ErrLocked says that another process writes this journal.
	ErrLocked = errors.New("another process writes this journal")
)

// Output is a segment being written. *os.File is one.
type Output interface {
	io.Writer
	Sync() error
	Close() error
}

// Options are how a journal is kept.
type Options struct {
	Dir string // of this process alone; made if it does not exist
	// Key proves that records are ours: somebody with the disk and without the
	// key cannot make one. Empty: the chain only finds accidents and the clumsy.
	Key []byte
	// Segment is the size at which a new file is begun; 0: 32 MB.
	Segment int64
	// Backlog is how many bytes may wait for the disk; 0: 64 MB.
	Backlog int
	Now     func() time.Time
	// Create makes a new file that must not exist; nil: on the disk.
	Create func(path string) (Output, error)
}

// Journal is a chain that is being written. It is safe for concurrent use.
type Journal struct {
	opt   Options
	lock  *os.File
	chain string
	wake  chan struct{}
	done  chan struct{}

	mu     sync.Mutex
	head   head   // the last record on the disk
	batch  *batch // taken in, not yet being written
	going  *batch // being written; nil: none is
	closed bool
	err    error // why the last write failed; nil: it did not
	missed missed
	behind missed // those of the missed that CatchUp has taken and not written yet
	// Ended is the last segment that is no longer written, endedCut how much of
	// it counts.
	ended      uint64
	endedCut   int64
	compacting sync.Mutex

	// Only the writer touches these, and Open before it.
	sealer sealer
	out    Output
	size   int64  // of out, all of it acknowledged
	number uint64 // of the last segment begun
	cut    int64  // how much of that segment counts
	before int64  // how much of the one before it counts
}

// head is the end of a chain.
type head struct {
	seq  uint64
	hash Hash
	at   time.Time
}

// batch is records that share one fsync.
type batch struct {
	records []Record
	size    int
	done    chan struct{}
	err     error
}

// Found is what Open met at the end of a journal.
type Found struct {
	Chain   string
	Records uint64 // in the chain so far
	// Torn is how many bytes at the end of the last segment are no whole record:
	// the trace of a crash in the middle of a write that nobody was told of.
	Torn int
	// Damaged says that bytes before the last record of the last segment were
	// changed, or that its end was. Verify tells more.
	Damaged bool
}

// Open takes a journal up where it ended. It reads the last segment only; what
// lies before is the business of [Verify].
func Open(o Options) (*Journal, Found, error) {
	o = o.withDefaults()
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, Found{}, fmt.Errorf("open journal: %w", err)
	}
	lock, err := lockDir(o.Dir)
	if err != nil {
		return nil, Found{}, fmt.Errorf("open journal %s: %w", o.Dir, err)
	}
	j := &Journal{
		opt: o, lock: lock, sealer: newSealer(o.Key),
		wake: make(chan struct{}, 1), done: make(chan struct{}), batch: &batch{done: make(chan struct{})},
	}
	found, err := j.resume()
	if err != nil {
		_ = lock.Close()
		return nil, found, fmt.Errorf("open journal %s: %w", o.Dir, err)
	}
	go j.write()
	return j, found, nil
}

func (o Options) withDefaults() Options {
	if o.Segment == 0 {
		o.Segment = 32 << 20
	}
	if o.Backlog == 0 {
		o.Backlog = 64 << 20
	}
	if o.Create == nil {
		o.Create = func(path string) (Output, error) {
			return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
		}
	}
	return o
}

// resume finds the end of the chain.
func (j *Journal) resume() (Found, error) {
	files, err := list(j.opt.Dir, segmentEnd)
	if err != nil {
		return Found{}, err
	}
	snap, err := lastSnapshot(j.opt.Dir, j.sealer)
	if err != nil {
		return Found{}, err
	}
	found := Found{Chain: snap.Chain}
	j.head = head{seq: snap.Upto, hash: snap.Hash}
	j.number = snap.Number
	for _, f := range slices.Backward(files) {
		ok, err := j.resumeAt(f, &found)
		if err != nil {
			return found, err
		}
		j.number = max(j.number, f.number)
		if ok {
			break
		}
		found.Damaged = true // not one record left in it: look into the one before
	}
	if found.Chain == "" {
		found.Chain = rand.Text()
	}
	j.ended, j.endedCut = j.number, j.cut
	j.chain, found.Records = found.Chain, j.head.seq
	return found, nil
}

// resumeAt takes the end of the chain from a segment, if it holds any record.
func (j *Journal) resumeAt(f file, found *Found) (bool, error) {
	data, err := readFile(f.path)
	if err != nil {
		return false, err
	}
	if h, ok := j.sealer.head(data); ok {
		found.Chain = h.Chain
	} else if len(data) > 0 {
		found.Damaged = true
	}
	var gaps []gap
	some, end := false, 0
	_ = j.sealer.scan(data, func(at int, fr frame) error {
		if fr.Seq > j.head.seq {
			j.head = head{fr.Seq, fr.hash, fr.At}
		}
		some, end = true, at+fr.size
		return nil
	}, func(g gap) { gaps = append(gaps, g) })
	cut := int64(end)
	for _, g := range gaps {
		switch {
		case g.to < len(data):
			found.Damaged = true
		case g.whole: // a whole frame that is not true: keep it in sight of Verify
			found.Damaged = true
			cut = int64(len(data))
		default:
			found.Torn = g.to - g.from
		}
	}
	if j.number == 0 || f.number > j.number {
		j.cut = cut
	}
	return some, nil
}

// Health is nil when the last write reached the disk and nothing is missing,
// else why not. Readiness asks it.
func (j *Journal) Health() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed:
		return ErrClosed
	case j.err != nil:
		return j.err
	case !j.missed.none() || !j.behind.none():
		return fmt.Errorf("%w: %d cases wait to be caught up", ErrUnwritten, max(j.missed.len(), j.behind.len()))
	}
	return nil
}

// Close writes what waits and ends the journal.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return nil
	}
	j.closed = true
	j.mu.Unlock()
	close(j.wake)
	<-j.done
	var err error
	if j.out != nil {
		err = j.out.Close()
	}
	if err := errors.Join(err, j.lock.Close()); err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}
