package places_test

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/flows/places"
)

// rows reads a file of the sample by column names.
func rows(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(sampleDir + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, rec := range all[1:] {
		row := map[string]string{}
		for i, c := range all[0] {
			row[c] = rec[i]
		}
		out = append(out, row)
	}
	return out
}

func TestTheSampleProvince(t *testing.T) {
	r := sample(t)
	communes := map[flows.PlaceID]bool{}
	for _, p := range readPlaces(t, sampleDir+"places.csv") {
		if p.Until == "" && !places.Above(p) {
			communes[p.ID] = true
			if _, ok := r.Place(p.Parent); !ok {
				t.Errorf("%s has no province above it", p.Name)
			}
		}
	}
	if len(communes) < 12 {
		t.Errorf("%d communes, want 12 or more", len(communes))
	}
	members := rows(t, "members.csv")
	posts := map[string]int{}
	phones := map[string]bool{}
	for _, m := range members {
		posts[m["place"]+" "+m["level"]]++
		for p := range strings.SplitSeq(m["phones"], ";") {
			if phones[p] || !strings.HasPrefix(p, "+849000001") && !strings.HasPrefix(p, "+849000002") {
				t.Errorf("member %s has a phone of another or one that may be real", m["id"])
			}
			phones[p] = true
		}
	}
	for c := range communes {
		for level, n := range map[string]int{"1": 2, "2": 1, "3": 2} {
			if got := posts[string(c)+" "+level]; got != n {
				t.Errorf("%s has %d members at level %s, want %d", c, got, level, n)
			}
		}
	}
}

func TestTheSampleRotaLeavesNoHourOpen(t *testing.T) {
	type post struct{ place, level string }
	covered := map[post]*[7 * 24]bool{}
	for _, s := range rows(t, "rota.csv") {
		p := post{s["place"], s["level"]}
		if covered[p] == nil {
			covered[p] = &[7 * 24]bool{}
		}
		days := map[string][2]int{"mon-sun": {0, 6}, "mon-fri": {0, 4}, "sat-sun": {5, 6}}[s["days"]]
		from, to := hour(t, s["from"]), hour(t, s["to"])
		if to <= from {
			to += 24
		}
		for d := days[0]; d <= days[1]; d++ {
			for h := from; h < to; h++ {
				covered[p][(d*24+h)%(7*24)] = true
			}
		}
	}
	for _, m := range rows(t, "members.csv") {
		p := post{m["place"], m["level"]}
		if covered[p] == nil {
			t.Errorf("nobody of %v is in the rota", p)
			continue
		}
		for h, ok := range covered[p] {
			if !ok {
				t.Errorf("nobody of %v is on duty in hour %d of the week", p, h)
				break
			}
		}
	}
}

func hour(t *testing.T, s string) int {
	t.Helper()
	if len(s) != 5 || s[2:] != ":00" {
		t.Fatalf("time %q", s)
	}
	return int(s[0]-'0')*10 + int(s[1]-'0')
}
