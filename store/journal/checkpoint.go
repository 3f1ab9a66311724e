package journal

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Checkpoint says how far a chain had come at a moment. Kept where the owner of
// the disk cannot reach it, it proves later that nothing before it was taken
// away. It gives away a count and a time, nothing else.
type Checkpoint struct {
	Chain string    `json:"chain"`
	Count uint64    `json:"count"` // records in the chain
	Hash  Hash      `json:"hash"`  // of the last of them
	At    time.Time `json:"at"`    // when the checkpoint was taken
}

// Checkpoint is the present end of the chain.
func (j *Journal) Checkpoint() Checkpoint {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Checkpoint{Chain: j.chain, Count: j.head.seq, Hash: j.head.hash, At: j.opt.Now().UTC()}
}

// WriteCheckpoint adds a checkpoint as one line to a file, which belongs on
// another medium than the journal.
func WriteCheckpoint(path string, c Checkpoint) error {
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// ReadCheckpoints reads what WriteCheckpoint wrote. A file that does not exist
// holds none.
func ReadCheckpoints(path string) ([]Checkpoint, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	defer f.Close()
	var list []Checkpoint
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		var c Checkpoint
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("read checkpoints %s: line %d is not a checkpoint", path, n)
		}
		list = append(list, c)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	return list, nil
}

// MarshalText writes a hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads it back.
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(h) {
		return errors.New("not a hash")
	}
	copy(h[:], b)
	return nil
}

// String shows the beginning of a hash, enough to compare by eye.
func (h Hash) String() string { return hex.EncodeToString(h[:8]) }
