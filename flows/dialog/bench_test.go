package dialog_test

import (
	"context"
	"strconv"
	"testing"
)

// BenchmarkCall is a whole report by USSD, six hops, on the in-process store.
func BenchmarkCall(b *testing.B) {
	w := newWorld(b, province(b))
	n := 0
	for b.Loop() {
		n++
		from := phone(b, "+8492"+digits7(n))
		for _, transcript := range []string{"", "2", "2*1", "2*1*Mai Chau", "2*1*Mai Chau*2", "2*1*Mai Chau*2*2"} {
			in := hop(b, w, strconv.Itoa(n), transcript)
			in.From = from
			if _, err := w.Handle(context.Background(), in); err != nil {
				b.Fatal(err)
			}
		}
	}
}
