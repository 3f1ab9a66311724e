package main

import (
	"bufio"
	"crypto/rand"
	"io"
	"sync"
)

// newRandom is the source of ids, references and receipts: that of the system,
// read in larger pieces. A reference is drawn some sixty times until it leads to
// its partition, and each draw would be a call of the system.
func newRandom() io.Reader { return &pieces{r: bufio.NewReaderSize(rand.Reader, 4096)} }

type pieces struct {
	mu sync.Mutex
	r  *bufio.Reader
}

// Read hands every byte out once, to one caller.
func (p *pieces) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return io.ReadFull(p.r, b)
}
