package store

import "unsafe"

// arenaBlock is how many bytes of text share one piece of memory.
const arenaBlock = 64 << 10

// arena copies texts one behind the other: a start keeps two dozen of every case,
// and memory is asked for, and looked at by the collector, once for thousands. A
// block stays as long as one of its texts is used, so what a case no longer holds
// goes with those that came back beside it.
type arena struct{ block []byte }

// keep copies bytes.
func (a *arena) keep(text []byte) string {
	return a.join(unsafe.String(unsafe.SliceData(text), len(text)))
}

// join copies texts into one.
func (a *arena) join(texts ...string) string {
	n := 0
	for _, t := range texts {
		n += len(t)
	}
	if n == 0 {
		return ""
	}
	at := len(a.block)
	if cap(a.block)-at < n {
		a.block, at = make([]byte, 0, max(n, arenaBlock)), 0
	}
	for _, t := range texts {
		a.block = append(a.block, t...)
	}
	return unsafe.String(&a.block[at], n) // nothing is ever written twice
}
