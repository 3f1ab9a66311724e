package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"hotline/flows"
)

// Append writes a record and returns when it is on the disk; its body must not
// change until then. When it cannot be written the error is ErrUnwritten, and
// the case is remembered for CatchUp. An error of the context says nothing: the
// record may still arrive.
func (j *Journal) Append(ctx context.Context, r Record) error {
	if err := checkRecord(r); err != nil {
		return fmt.Errorf("append to journal: %w", err)
	}
	b, err := j.take(r)
	if err != nil {
		return fmt.Errorf("append to journal: %w", err)
	}
	if err := b.wait(ctx); err != nil {
		return fmt.Errorf("append to journal: %w", err)
	}
	return nil
}

// wait returns when the batch is on the disk, or cannot be.
func (b *batch) wait(ctx context.Context) error {
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Flush returns when all that was taken in before it is on the disk, or says that
// it is not.
func (j *Journal) Flush(ctx context.Context) error {
	j.mu.Lock()
	b := j.batch
	if len(b.records) == 0 {
		b = j.going
	}
	j.mu.Unlock()
	if b != nil {
		select {
		case <-b.done:
		case <-ctx.Done():
			return fmt.Errorf("flush journal: %w", ctx.Err())
		}
	}
	return j.Health()
}

// Doubt remembers a case of which a change may be in the store and not here, so
// that CatchUp looks.
func (j *Journal) Doubt(id flows.CaseID) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.missed.add(id)
}

// take puts a record in the open batch and wakes the writer.
func (j *Journal) take(r Record) (*batch, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, ErrClosed
	}
	b := j.batch
	if b.size+len(r.Body) > j.opt.Backlog {
		j.missed.add(r.Case)
		return nil, fmt.Errorf("%w: too much is waiting for the disk", ErrUnwritten)
	}
	b.records = append(b.records, r)
	b.size += minFrame + len(r.Body)
	select {
	case j.wake <- struct{}{}:
	default:
	}
	return b, nil
}

// write is the one goroutine that touches the disk. While it syncs a batch the
// next one fills.
func (j *Journal) write() {
	defer close(j.done)
	for range j.wake {
		// Those who were answered together come one after the other; let them all
		// in, or most would wait for a second fsync. Alone nobody waits.
		runtime.Gosched()
		j.writeBatch()
	}
	j.writeBatch()
}

// writeBatch writes what waits and tells everybody who waits for it.
func (j *Journal) writeBatch() {
	j.mu.Lock()
	b, h := j.batch, j.head
	if len(b.records) == 0 {
		j.mu.Unlock()
		return
	}
	j.batch, j.going = &batch{done: make(chan struct{})}, b
	j.mu.Unlock()

	next, err := j.put(b.records, h)

	j.mu.Lock()
	j.err, j.going = nil, nil
	j.ended, j.endedCut = j.number, j.cut
	if j.out != nil {
		j.ended, j.endedCut = j.number-1, j.before
	}
	if err != nil {
		j.err = fmt.Errorf("%w: %w", ErrUnwritten, err)
		for _, r := range b.records {
			j.missed.add(r.Case)
		}
	} else {
		j.head = next
	}
	b.err = j.err
	j.mu.Unlock()
	close(b.done)
}

// put writes records behind h, in a new segment if the present one is full or
// failed, and returns the new end of the chain.
func (j *Journal) put(records []Record, h head) (head, error) {
	var buf []byte
	begun := j.out == nil || j.size >= j.opt.Segment
	if begun {
		if err := j.begin(); err != nil {
			return h, err
		}
		body, err := json.Marshal(segmentHead{Format: 1, Chain: j.chain, Number: j.number + 1, Cut: j.cut})
		if err != nil {
			return h, err
		}
		buf, h = j.encode(buf, Record{At: j.opt.Now(), Kind: KindSegment, Body: body}, h)
	}
	for _, r := range records {
		buf, h = j.encode(buf, r, h)
	}
	err := j.store(buf, begun)
	if begun {
		j.settle(err)
	}
	if err != nil {
		j.abandon()
		return h, err
	}
	j.size += int64(len(buf))
	j.cut = j.size
	return h, nil
}

func (j *Journal) encode(buf []byte, r Record, h head) ([]byte, head) {
	r.Seq = h.seq + 1
	buf, hash := j.sealer.appendFrame(buf, r, h.hash)
	return buf, head{r.Seq, hash, r.At}
}

// store makes bytes durable, and the name of a new file with them.
func (j *Journal) store(buf []byte, begun bool) error {
	if _, err := j.out.Write(buf); err != nil {
		return err
	}
	if err := j.out.Sync(); err != nil {
		return err
	}
	if begun {
		return syncDir(j.opt.Dir)
	}
	return nil
}

// begin opens the file of the next segment.
func (j *Journal) begin() error {
	if j.out != nil {
		err := j.out.Close()
		j.out = nil
		if err != nil {
			return err
		}
	}
	out, err := j.opt.Create(j.path(j.number + 1))
	if err != nil {
		return err
	}
	j.before = j.cut
	j.out, j.size = out, 0
	return nil
}

// settle decides whether the segment just begun exists. A first write that
// failed leaves no file, or, if that cannot be removed, one of which nothing
// counts.
func (j *Journal) settle(err error) {
	if err == nil {
		j.number++
		return
	}
	if os.Remove(j.path(j.number+1)) != nil {
		j.number++
		j.cut = 0
	}
}

// abandon leaves a segment whose last write failed: after a failed fsync nobody
// knows what of it is on the disk, so nothing more is written to it.
func (j *Journal) abandon() {
	_ = j.out.Close()
	j.out = nil
}

func (j *Journal) path(number uint64) string {
	return filepath.Join(j.opt.Dir, segmentName(number))
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
