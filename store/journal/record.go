package journal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"time"

	"hotline/flows"
)

// Kind says what a record is about.
type Kind string

// The kinds of records.
const (
	KindSegment  Kind = "segment"  // the first record of a file
	KindChange   Kind = "change"   // one committed change of a case
	KindSnapshot Kind = "snapshot" // a whole case as it was at a version
	KindAudit    Kind = "audit"    // somebody read or did something: who, why, from where
	KindTurn     Kind = "turn"     // where a conversation stands, sealed; of use while it lives
	KindNote     Kind = "note"     // the journal about itself
	KindPaper    Kind = "paper"    // a document that belongs to no case; Case is its name
)

// Record is one entry. The journal does not look into its body.
type Record struct {
	Seq     uint64 // place in the chain, from 1; Append sets it
	At      time.Time
	Kind    Kind
	Case    flows.CaseID // empty: about no case
	Version int64        // of the case
	Body    []byte
}

// Hash is the proof of a record and of everything before it.
type Hash [sha256.Size]byte

// The parts of a frame: a record as it lies in a file.
const (
	magic     = "\xf5HL1"
	headSize  = len(magic) + 4  // magic, length of what follows up to the hashes
	fixedSize = 8 + 8 + 8       // seq, time, version
	tailSize  = 2 * sha256.Size // prev, hash
	maxRecord = 16 << 20        // no record of ours comes near
	minFrame  = headSize + tailSize + fixedSize + 2
)

// errFrame says that bytes are no whole and true frame.
var errFrame = errors.New("not a record")

// frame is a record with its place in a chain.
type frame struct {
	Record
	prev, hash Hash
	size       int
}

// sealer computes the hashes of a chain. It is not safe for concurrent use.
type sealer struct {
	h   hash.Hash
	key []byte // for sealers that work beside this one
}

func newSealer(key []byte) sealer { return sealer{hmac.New(sha256.New, key), key} }

func (s sealer) sum(b []byte) (sum Hash) {
	s.h.Reset()
	s.h.Write(b)
	s.h.Sum(sum[:0])
	return sum
}

// appendFrame adds a record to b as a frame that follows prev, and returns its hash.
func (s sealer) appendFrame(b []byte, r Record, prev Hash) ([]byte, Hash) {
	start := len(b)
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint32(b, uint32(fixedSize+2+len(r.Kind)+len(r.Case)+len(r.Body)))
	b = binary.BigEndian.AppendUint64(b, r.Seq)
	b = binary.BigEndian.AppendUint64(b, uint64(flows.Millis(r.At)))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Version))
	b = append(append(b, byte(len(r.Kind))), r.Kind...)
	b = append(append(b, byte(len(r.Case))), r.Case...)
	b = append(b, r.Body...)
	b = append(b, prev[:]...)
	hash := s.sum(b[start:])
	return append(b, hash[:]...), hash
}

// checkRecord refuses what a frame cannot hold.
func checkRecord(r Record) error {
	switch {
	case r.Kind == "" || len(r.Kind) > 255:
		return errors.New("the kind of a record has 1 to 255 bytes")
	case len(r.Case) > 255:
		return errors.New("the case id of a record has at most 255 bytes")
	case len(r.Body) > maxRecord:
		return errors.New("the body of a record has at most 16 MB")
	}
	return nil
}

// frameSize is the size that the frame at the start of b claims, or 0 if there
// is no head of one. The frame may be longer than b.
func frameSize(b []byte) int {
	if len(b) < headSize || string(b[:len(magic)]) != magic {
		return 0
	}
	n := binary.BigEndian.Uint32(b[len(magic):])
	if n < fixedSize+2 || n > maxRecord+fixedSize+512 {
		return 0
	}
	return headSize + int(n) + tailSize
}

// readFrame reads the frame at the start of b. Its body shares b's memory.
func (s sealer) readFrame(b []byte) (frame, error) {
	size := frameSize(b)
	if size == 0 || size > len(b) {
		return frame{}, errFrame
	}
	f := frame{size: size}
	f.prev = Hash(b[size-tailSize:])
	f.hash = Hash(b[size-sha256.Size:])
	sum := s.sum(b[:size-sha256.Size])
	if !hmac.Equal(sum[:], f.hash[:]) {
		return frame{}, errFrame
	}
	p := b[headSize : size-tailSize]
	f.Seq = binary.BigEndian.Uint64(p)
	f.At = flows.Moment(int64(binary.BigEndian.Uint64(p[8:])))
	f.Version = int64(binary.BigEndian.Uint64(p[16:]))
	p = p[fixedSize:]
	kind, p, ok := cutShort(p)
	id, p, ok2 := cutShort(p)
	if !ok || !ok2 {
		return frame{}, errFrame
	}
	f.Kind, f.Case, f.Body = kindOf(kind), flows.CaseID(id), p
	return f, nil
}

// cutShort reads up to 255 bytes after their length.
func cutShort(p []byte) (short, rest []byte, ok bool) {
	if len(p) == 0 || len(p) < 1+int(p[0]) {
		return nil, nil, false
	}
	n := 1 + int(p[0])
	return p[1:n], p[n:], true
}

// kindOf is a kind as it stands in a frame, without a copy of those that come by
// the hundred thousand.
func kindOf(b []byte) Kind {
	switch string(b) {
	case string(KindChange):
		return KindChange
	case string(KindTurn):
		return KindTurn
	case string(KindSnapshot):
		return KindSnapshot
	}
	return Kind(b)
}
