package main

import (
	"sync"
	"testing"
)

func TestRandomHandsEveryByteOutOnce(t *testing.T) {
	r := newRandom()
	seen := map[[16]byte]bool{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 { // many times what is read at once
				var b [16]byte
				if n, err := r.Read(b[:]); n != len(b) || err != nil {
					t.Errorf("%d bytes, %v", n, err)
				}
				mu.Lock()
				if seen[b] {
					t.Error("the same bytes twice")
				}
				seen[b] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}
