package flows

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// CaseID names a case for ever: two digits that are its partition, then 128
// random bits in base32. It is made when a conversation begins, so that a
// retried webhook files the same case.
type CaseID string

// Partition is the partition that the case lives in, or -1 for a text that is no
// case id.
func (id CaseID) Partition() int {
	if len(id) < 3 {
		return -1
	}
	n, err := strconv.Atoi(string(id[:2]))
	if err != nil {
		return -1
	}
	return n
}

// Ref is the short reference that people dictate, as K7F4. It comes from a small
// space, is claimed when a case is filed, and leads to the case's partition.
type Ref string

// MemberID names a member of the directory: a responder, a supervisor.
type MemberID string

// SessionID is the keyed pseudonym of one phone on one channel. It is no plain
// hash: without the key nobody can walk from it to a number.
type SessionID string

// MessageID names one message out: the case, a slash and a number that grows.
type MessageID string

// Case is the case that the message belongs to.
func (m MessageID) Case() CaseID {
	id, _, _ := strings.Cut(string(m), "/")
	return CaseID(id)
}

var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewCaseID draws an id in a partition (0 to 99) from r, which must be a
// cryptographic source.
func NewCaseID(r io.Reader, partition int) (CaseID, error) {
	var b [16]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return "", fmt.Errorf("draw a case id: %w", err)
	}
	id := append(make([]byte, 0, 28), byte('0'+partition/10), byte('0'+partition%10))
	return CaseID(lowerBase32.AppendEncode(id, b[:])), nil
}

// Partition is the partition that key belongs to, out of n. All that is written
// together lives in one partition: a session, its case, its reference and its
// receipt are drawn so that they agree.
func Partition(key string, n int) int { return partition(key, n) }

func partition[K string | []byte](key K, n int) int {
	h := uint32(2166136261) // FNV-1a; by hand, since a reference is drawn until it fits
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return int(h % uint32(n))
}

// refLetters leaves out what is misheard or misread: B8, D0, I1, L1, O0, S5, Z2.
const refLetters = "ACEFGHJKMNPQRTUVWXY34679"

// NewRef draws a reference of the given length whose partition is want of n. It
// has at least one letter and one digit, so that it is never a word or a number.
func NewRef(r io.Reader, length, want, n int) (Ref, error) {
	d := dice{r: r}
	ref := make([]byte, length)
	for {
		if err := d.draw(ref, refLetters); err != nil {
			return "", fmt.Errorf("draw a reference: %w", err)
		}
		if partition(ref, n) == want && bytes.ContainsAny(ref, "34679") && bytes.ContainsAny(ref, "ACEFGHJKMNPQRTUVWXY") {
			return Ref(ref), nil
		}
	}
}

// ParseRef reads a reference as people type it, in any case and spacing. It
// reports false for a text that cannot be one.
func ParseRef(s string) (Ref, bool) {
	s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
	if len(s) < 4 || len(s) > 8 {
		return "", false
	}
	for _, r := range s {
		if !strings.ContainsRune(refLetters, r) {
			return "", false
		}
	}
	return Ref(s), true
}

// dice draws from a source, and keeps room: what must lead to one partition of many
// is drawn as many times.
type dice struct {
	r    io.Reader
	b    [64]byte
	left []byte // of b: drawn and not yet used
}

// draw fills out with letters, without bias.
func (d *dice) draw(out []byte, letters string) error {
	limit := 256 - 256%len(letters)
	n := 0
	for {
		if len(d.left) == 0 {
			if _, err := io.ReadFull(d.r, d.b[:]); err != nil {
				return err
			}
			d.left = d.b[:]
		}
		for i, x := range d.left {
			if int(x) < limit {
				out[n] = letters[int(x)%len(letters)]
				n++
			}
			if n == len(out) {
				d.left = d.left[i+1:]
				return nil
			}
		}
		d.left = nil
	}
}
