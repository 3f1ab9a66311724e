package vault_test

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/store/vault"
)

func same(t testing.TB, v *vault.Vault, stored, number, pin string) bool {
	t.Helper()
	ok, err := v.SamePIN(t.Context(), stored, number, pin)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestSamePIN(t *testing.T) {
	v := open(t, vault.Random())
	fast := v.PIN("48219037", "551208")
	slow, err := v.Harden(t.Context(), fast)
	if err != nil {
		t.Fatal(err)
	}
	if slow == fast || strings.Contains(slow, fast) || strings.Contains(slow, "551208") {
		t.Errorf("the slow form %s shows the fast one or the PIN", slow)
	}
	if again, _ := v.Harden(t.Context(), fast); again == slow {
		t.Error("the same PIN hardened twice looks the same")
	}
	if twice, _ := v.Harden(t.Context(), slow); twice != slow {
		t.Error("a slow form does not come back as it is")
	}
	tests := []struct {
		name, stored, number, pin string
		want                      bool
	}{
		{"right, slow", slow, "48219037", "551208", true},
		{"right, fast", fast, "48219037", "551208", true},
		{"wrong PIN, slow", slow, "48219037", "551308", false},
		{"wrong PIN, fast", fast, "48219037", "551308", false},
		{"another receipt", slow, "48219045", "551208", false},
		{"nothing stored", "", "48219037", "551208", false},
		{"half a form", slow[:len(slow)-4], "48219037", "551208", false},
		{"no hash", "a1.", "48219037", "551208", false},
		{"no salt", "a1.." + slow[strings.LastIndex(slow, ".")+1:], "48219037", "551208", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := same(t, v, tt.stored, tt.number, tt.pin); got != tt.want {
				t.Errorf("SamePIN = %v, want %v", got, tt.want)
			}
		})
	}
	if same(t, open(t, vault.Random()), slow, "48219037", "551208") {
		t.Error("another key accepts the PIN")
	}
	ctx, cancel := context.WithCancel(t.Context())
	busy, err := vault.OpenWith(t.Context(), vault.Random(), &vault.MemoryKeys{}, vault.Options{Hashes: 1})
	cancel()
	if err != nil {
		t.Fatal(err)
	}
	_, err = busy.SamePIN(ctx, slow, "48219037", "551208")
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("SamePIN = %v", err)
	}
}

// TestWrongReceiptAndWrongPINTakeTheSameTime compares the two by Welch's t. With
// PIN_TIMING=1 it takes the 2,000 samples of each that the promise names.
func TestWrongReceiptAndWrongPINTakeTheSameTime(t *testing.T) {
	n := 8
	if os.Getenv("PIN_TIMING") != "" {
		n = 2000
	}
	v := open(t, vault.Random())
	slow, err := v.Harden(t.Context(), v.PIN("48219037", "551208"))
	if err != nil {
		t.Fatal(err)
	}
	var none, wrong []float64
	measure := func(stored string) float64 {
		begin := now()
		same(t, v, stored, "48219037", "0000")
		return float64(now().Sub(begin))
	}
	for range n {
		none = append(none, measure(""))
		wrong = append(wrong, measure(slow))
	}
	if x := welch(none, wrong); math.Abs(x) > 4.5 {
		t.Errorf("Welch's t = %.1f, want less than 4.5", x)
	} else {
		t.Logf("Welch's t = %.2f over %d each", x, n)
	}
}

// now is the real clock: here the passing of time is what is tested.
var now = time.Now //nolint:forbidigo // see above

func welch(a, b []float64) float64 {
	ma, va := moments(a)
	mb, vb := moments(b)
	return (ma - mb) / math.Sqrt(va/float64(len(a))+vb/float64(len(b)))
}

func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return mean, variance
}

func TestReceiptsAreReadyAndOfTheirPartition(t *testing.T) {
	v := open(t, vault.Random())
	r := vault.NewReceipts(v, rand.Reader, 4, 1)
	if d, err := r.Draw(2); err != nil || d.Slow || d.PIN != v.PIN(d.Receipt.Number, d.Receipt.PIN) || r.Empty() != 1 {
		t.Errorf("from an empty pool: slow %v, %v, want a fast one at once", d.Slow, err)
	}
	if err := r.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	for p := range 4 {
		d, err := r.Draw(p)
		if err != nil || !d.Slow || flows.Partition(d.Receipt.Number, 4) != p || d.Number != v.Receipt(d.Receipt.Number) {
			t.Errorf("partition %d: slow %v, %v", p, d.Slow, err)
		}
		if p == 0 && !same(t, v, d.PIN, d.Receipt.Number, d.Receipt.PIN) {
			t.Error("the drawn PIN is not accepted")
		}
	}
	for _, p := range []int{-1, 4} {
		if _, err := r.Draw(p); err == nil {
			t.Errorf("partition %d of 4 gives a receipt", p)
		}
	}
}

func TestReceiptsRunUntilTheEnd(t *testing.T) {
	r := vault.NewReceipts(open(t, vault.Random()), rand.Reader, 1, 2)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v, want nil at the end", err)
	}
}

func BenchmarkSamePIN(b *testing.B) {
	v := open(b, vault.Random())
	slow, _ := v.Harden(b.Context(), v.PIN("48219037", "551208"))
	for b.Loop() {
		same(b, v, slow, "48219037", "0000")
	}
}

func BenchmarkDraw(b *testing.B) {
	r := vault.NewReceipts(open(b, vault.Random()), rand.Reader, 4, 1)
	for b.Loop() {
		if _, err := r.Draw(1); err != nil {
			b.Fatal(err)
		}
	}
}
