package places_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/flows/places"
)

// addresses are ways to write a name with what lies around it in one text.
func addresses(name string, p flows.Place) []string {
	bare := func(s string) string {
		for _, u := range []string{"Huyện ", "Tỉnh ", "Thành phố ", "Thị xã ", "Quận "} {
			if rest, ok := strings.CutPrefix(s, u); ok {
				return rest
			}
		}
		return s
	}
	out := []string{
		name + ", " + p.Province,
		strings.ToLower(places.Unaccented(name + " " + bare(p.Province))),
	}
	if p.District != "" {
		out = append(out,
			name+", "+p.District,
			name+", "+p.District+", "+p.Province,
			strings.ToLower(places.Unaccented(name+" "+bare(p.District)+" "+bare(p.Province))),
		)
	}
	return out
}

func TestNamesWithWhatLiesAround(t *testing.T) {
	l := nation(t)
	both := places.New(append(slices.Clone(l.before), l.after...), l.mapping, today)
	want := led(l)
	rng := rand.New(rand.NewPCG(3, 9))
	exact, slipped := &tally{}, &tally{}
	for i, p := range slices.Concat(l.before, l.after) {
		if i%(2*stride) != 0 {
			continue
		}
		to := []flows.PlaceID{p.ID}
		if p.Until != "" {
			to = want(p)
		}
		for _, text := range addresses(p.Type+" "+p.Name, p) {
			exact.ask(both, text, places.Hint{}, p, to...)
		}
		for _, text := range addresses(p.Name, p) {
			exact.ask(both, text, places.Hint{}, p, to...)
		}
		if name, ok := slips[rng.IntN(len(slips))].slip(rng, p.Name); ok && name != "" {
			for _, text := range addresses(name, p) {
				slipped.ask(both, text, places.Hint{}, p, to...)
			}
		}
	}
	t.Log(exact)
	t.Log(slipped)
	if exact.wrong > 0 {
		t.Errorf("%d of %d addresses not found", exact.wrong, exact.asked)
	}
	if share := 100 * float64(slipped.asked-slipped.wrong) / float64(slipped.asked); share < 98 || slipped.silent > 0 {
		t.Errorf("with a slip %.2f %% offered, want 98; silently wrong %d, want none", share, slipped.silent)
	}
}
