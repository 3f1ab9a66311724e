package dialog_test

import (
	"math/rand/v2"
	"testing"

	"hotline/flows/dialog"
)

// In a space of which a part is taken, how many draws meet one that is, and how
// many get a letter more, which makes it 24 times as large.
func TestReferencesGrowWhenTheyAreScarce(t *testing.T) {
	for _, c := range []struct {
		name             string
		taken            float64 // of those of four letters
		mostMet, longest float64
	}{
		{"few cases", 0.002, 0.004, 0.01},
		{"as many as in a busy year", 0.3, 0.04, 1.1},
		{"nearly all", 0.95, 0.08, 1.1},
	} {
		dice, refs := rand.New(rand.NewPCG(1, 2)), dialog.NewScarcity()
		const filed = 50_000
		met, long := 0, 0
		for range filed {
			for taken := 0; ; taken++ {
				n, share := refs.Letters(taken), c.taken
				for range n - 4 {
					share /= 24
				}
				if n > 4 {
					long++
				}
				if dice.Float64() >= share {
					break
				}
				refs.Met()
				met++
			}
		}
		if got := float64(met) / filed; got > c.mostMet {
			t.Errorf("%s: %.3f of the draws met one that was taken, want at most %.3f", c.name, got, c.mostMet)
		}
		if got := float64(long) / filed; got > c.longest {
			t.Errorf("%s: %.3f of the references are long, want at most %.3f", c.name, got, c.longest)
		}
	}
}
