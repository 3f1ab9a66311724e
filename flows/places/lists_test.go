package places_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/places"
)

// lists are the communes of the nation before and after the reform, and which
// of a province led to which.
type lists struct {
	before, after []flows.Place
	mapping       []flows.Succession
	official      bool
}

// nation reads the official lists from ../shared/data beside the repository, or
// makes lists of the same size and ambiguity where there are none.
func nation(t testing.TB) lists {
	t.Helper()
	if dir := officialDir(); dir != "" {
		return lists{
			before:   readPlaces(t, filepath.Join(dir, "communes_pre2025_national.csv")),
			after:    readPlaces(t, filepath.Join(dir, "communes_2025_national.csv")),
			mapping:  readMapping(t, filepath.Join(dir, "map_hoa_binh_2025.csv")),
			official: true,
		}
	}
	return invented()
}

func officialDir() string {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		data := filepath.Join(filepath.Dir(dir), "shared", "data")
		if _, missing := os.Stat(filepath.Join(data, "communes_2025_national.csv")); missing == nil {
			return data
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

// invented makes 10,035 communes in 63 provinces and 3,321 in 34, with names
// drawn so unevenly that some stand dozens of times.
func invented() lists {
	rng := rand.New(rand.NewPCG(1, 2))
	first := strings.Fields("Tân Bình Phú Vĩnh Long Thạnh Hòa Đông Tây Nam Bắc Xuân Thanh Văn Mỹ An Hưng Quang Đại Hải Sơn Lạc Yên Kim Cao Ngọc Thượng Trung Phước Mường")
	second := strings.Fields("Thành Lập Phú An Sơn Hòa Bình Thủy Minh Tiến Lộc Hưng Giang Lạc Châu Đức Long Hải Trung Thắng Phong Lâm Khê Điền Xá Dương Tâm Nghĩa Thịnh Mai")
	third := strings.Fields("Đông Tây Hạ Thượng Nam Bắc Trung Nhất Chánh Phú")
	draw := func(even float64) string {
		a, b := first[int(rng.ExpFloat64()*even)%len(first)], second[int(rng.ExpFloat64()*even)%len(second)]
		if rng.IntN(3) == 0 {
			return a + " " + b + " " + third[rng.IntN(len(third))]
		}
		return a + " " + b
	}
	var l lists
	for i := range 10035 {
		d := i % 696
		l.before = append(l.before, flows.Place{
			ID: flows.NewPlaceID(fmt.Sprintf("%05d", i+1), places.Before), Name: draw(8), Type: "Xã", Until: places.Reform,
			District: fmt.Sprintf("Huyện Quế %s %s", first[d%len(first)], second[d/len(first)]), Province: fmt.Sprintf("Tỉnh Gia %s %s", first[d%63%9], second[d%63/9]),
		})
	}
	for i := range 3321 {
		l.after = append(l.after, flows.Place{
			ID: flows.NewPlaceID(fmt.Sprintf("%05d", 3*i+1), places.Reform), Name: draw(15), Type: "Xã",
			Province: fmt.Sprintf("Tỉnh Khai %s %s", first[i%34%9], second[i%34/9]),
		})
	}
	return l
}

// spellings are how people write a full name.
func spellings(p flows.Place) []string {
	full := p.Type + " " + p.Name
	return []string{p.Name, full, places.Unaccented(p.Name), places.Unaccented(full), strings.ToLower(places.Unaccented(full)), strings.ToUpper(full)}
}

// holds reports whether an answer is the place or a list that has it, and
// whether it is another place, without a question.
func holds(a places.Answer, want ...flows.PlaceID) (right, silentlyWrong bool) {
	for _, w := range want {
		if a.Place == w || slices.Contains(a.Options, w) {
			return true, false
		}
	}
	return false, a.Place != "" && !a.Confirm
}

// tally counts answers and keeps a few that were wrong.
type tally struct {
	asked, sure, listed, narrowed, wrong, silent int
	examples                                     []string
}

func (c *tally) String() string {
	return fmt.Sprintf("asked %d: sure %d, list or confirm %d, after a narrowing question %d; not offered %d, silently wrong %d %s",
		c.asked, c.sure, c.listed, c.narrowed, c.wrong, c.silent, strings.Join(c.examples, "; "))
}

// ask finds a text as a caller would: if the answer is a narrowing question, it
// is answered once, with the district if there is one.
func (c *tally) ask(r *places.Resolver, text string, h places.Hint, p flows.Place, want ...flows.PlaceID) {
	c.asked++
	a := r.Find(text, h)
	if a.Narrow == places.ByArea {
		c.narrowed++
		if h.Area = p.District; h.Area == "" {
			h.Area = p.Province
		}
		a = r.Find(text, h)
	}
	right, silent := holds(a, want...)
	switch {
	case right && len(a.Options) == 0:
		c.sure++
	case right:
		c.listed++
	default:
		c.wrong++
		if len(c.examples) < 12 {
			c.examples = append(c.examples, fmt.Sprintf("%q (%s, %s) gives %q", text, p.District, p.Province, say(r, a)))
		}
	}
	if silent {
		c.silent++
	}
}

// every runs the full names of a list through a resolver, or one in some.
func every(t *testing.T, list []flows.Place, r *places.Resolver, hinted bool, step int, want func(flows.Place) []flows.PlaceID) {
	t.Helper()
	c := &tally{}
	for i, p := range list {
		if i%(step*stride) != 0 {
			continue
		}
		h := places.Hint{}
		if hinted {
			h.Province = p.Province
		}
		for _, text := range spellings(p) {
			c.ask(r, text, h, p, want(p)...)
		}
	}
	t.Log(c)
	if c.wrong > 0 {
		t.Errorf("%d of %d not found or not offered, %d of them silently wrong", c.wrong, c.asked, c.silent)
	}
}

func itself(p flows.Place) []flows.PlaceID { return []flows.PlaceID{p.ID} }

func TestEveryFullNameOfTheNation(t *testing.T) {
	l := nation(t)
	old := places.New(l.before, nil, time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC))
	now := places.New(l.after, nil, today)
	both := places.New(append(slices.Clone(l.before), l.after...), l.mapping, today)
	for _, hinted := range []bool{true, false} {
		name := "whole nation"
		if hinted {
			name = "within its province"
		}
		t.Run("before the reform, "+name, func(t *testing.T) { every(t, l.before, old, hinted, 1, itself) })
		t.Run("after the reform, "+name, func(t *testing.T) { every(t, l.after, now, hinted, 1, itself) })
		t.Run("both lists, names of today, "+name, func(t *testing.T) { every(t, l.after, both, hinted, 3, itself) })
		t.Run("both lists, names of before, "+name, func(t *testing.T) { every(t, l.before, both, hinted, 3, led(l)) })
	}
}

// led is where a place of before leads: by the mapping, to the same unit, or
// nowhere but itself.
func led(l lists) func(flows.Place) []flows.PlaceID {
	next := map[flows.PlaceID][]flows.PlaceID{}
	for _, s := range l.mapping {
		next[s.Old] = append(next[s.Old], s.New)
	}
	names := map[flows.PlaceID]string{}
	for _, p := range l.after {
		names[p.ID] = letters(p)
	}
	return func(p flows.Place) []flows.PlaceID {
		same := flows.NewPlaceID(p.ID.Code(), places.Reform)
		switch {
		case next[p.ID] != nil:
			return next[p.ID]
		case names[same] == letters(p):
			return []flows.PlaceID{same}
		}
		return []flows.PlaceID{p.ID}
	}
}

func letters(p flows.Place) string { return strings.ReplaceAll(places.Fold(p.Name), " ", "") }
