package flows_test

import (
	"bufio"
	"crypto/rand"
	"testing"

	"hotline/flows"
)

// BenchmarkDraw draws what a report needs once: a reference and a receipt of one
// partition of 64.
func BenchmarkDraw(b *testing.B) {
	r := bufio.NewReaderSize(rand.Reader, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := flows.NewRef(r, 4, 7, 64); err != nil {
			b.Fatal(err)
		}
		if _, err := flows.NewReceipt(r, 7, 64); err != nil {
			b.Fatal(err)
		}
	}
}
