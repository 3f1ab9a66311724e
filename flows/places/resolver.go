package places

import (
	"cmp"
	"slices"
	"time"

	"hotline/flows"
)

// Resolver finds communes. It does not change once built.
type Resolver struct {
	entries []entry
	names   []name            // every distinct key, the short ones first
	lengths [maxKey + 3]int32 // length → first of names that long
	byKey   map[string]int32  // key → names
	telexed map[string][]int32
	byID    map[flows.PlaceID]int32
	codes   map[string][]int32
	areas   map[string][]area // key of a district or province → which
	members map[int32][]int32 // district → its entries
	hamlets map[string][]seat
	above   map[flows.PlaceID]flows.Place // provinces, for labels
	// provinces are those by their own names: each text is looked up in one.
	provinces map[string]want
	areaIDs   map[area]int32
	known     []knownArea     // by number
	former    map[int32]int32 // place of today → one it was made of, of its name if there is one
}

// entry is a commune of today, or one that is gone and where it led.
type entry struct {
	place flows.Place
	alive bool
	// leads are the entries of today that took it over; itself for a commune of
	// today, and for one that is gone without a known successor.
	leads []int32
	// around are the districts and provinces it lies or lay in, those of the
	// communes that it took over among them: people go on using them.
	around []int32
}

// name is a key with all the communes that bear it.
type name struct {
	key     string
	letters letters
	entries []int32
}

// area is a district or a province by its folded name. Two districts of one name
// in two provinces are one area; the province tells them apart.
type area struct {
	tier tier
	key  string
}

// knownArea is an area as one looks at all of them.
type knownArea struct {
	key     string
	letters letters
}

// seat is where a hamlet lies: in an entry and, if that was split, in the part
// that went to lead. Lead is -1 when it is not said.
type seat struct{ entry, lead int32 }

// New builds a resolver of the directory as it stands on a day. Places that begin
// later are left out, places that are gone lead to their successors. Faults in
// the lists are for [Check] to report: New drops what refers to nothing.
func New(dir []flows.Place, mapping []flows.Succession, today time.Time) *Resolver {
	r := &Resolver{
		byKey: map[string]int32{}, telexed: map[string][]int32{},
		byID: map[flows.PlaceID]int32{}, codes: map[string][]int32{},
		areas: map[string][]area{}, members: map[int32][]int32{}, areaIDs: map[area]int32{},
		hamlets: map[string][]seat{}, former: map[int32]int32{}, above: map[flows.PlaceID]flows.Place{}, provinces: map[string]want{},
	}
	day := today.Format(time.DateOnly)
	for _, p := range dir {
		r.add(p, day)
	}
	r.link(mapping)
	r.inherit()
	r.index()
	for _, p := range r.above {
		r.provinces[p.Name] = r.areasOf([]string{bareKey(p.Name)}, province)
	}
	return r
}

// add takes in one place.
func (r *Resolver) add(p flows.Place, day string) {
	if Above(p) {
		r.above[p.ID] = p
		r.area(area{province, bareKey(p.Name)})
		return
	}
	if _, twice := r.byID[p.ID]; twice || from(p.ID) > day {
		return
	}
	i := int32(len(r.entries))
	r.byID[p.ID] = i
	e := entry{place: p, alive: p.Until == "" || p.Until > day}
	if p.District != "" {
		id := r.area(area{district, bareKey(p.District)})
		e.around = append(e.around, id)
		r.members[id] = append(r.members[id], i)
	}
	if p.Province != "" {
		e.around = append(e.around, r.area(area{province, bareKey(p.Province)}))
	}
	r.entries = append(r.entries, e)
	r.codes[p.ID.Code()] = append(r.codes[p.ID.Code()], i)
}

// Above reports whether a place is a unit above the communes.
func Above(p flows.Place) bool { return p.Type == "Tỉnh" || p.Type == "Thành phố" }

// from is the date from which a place id is valid.
func from(id flows.PlaceID) string {
	code := id.Code()
	if len(code) == len(id) {
		return ""
	}
	return string(id[len(code)+1:])
}

// bareKey is the key of a district or province without its unit word.
func bareKey(s string) string {
	toks := tokens(s)
	if t, w := unitAt(toks, 0); t&(district|province) != 0 && w < len(toks) {
		toks = toks[w:]
	}
	return squeeze(toks)
}

// area gives an area its number, the first time it is seen.
func (r *Resolver) area(a area) int32 {
	id, ok := r.areaIDs[a]
	if !ok {
		id = int32(len(r.areaIDs))
		r.areaIDs[a] = id
		r.known = append(r.known, knownArea{a.key, lettersOf(a.key)})
		r.areas[a.key] = append(r.areas[a.key], a)
	}
	return id
}

// link follows the mapping from every place that is gone to those of today.
func (r *Resolver) link(mapping []flows.Succession) {
	next := map[int32][]int32{}
	for _, s := range mapping {
		o, ok1 := r.byID[s.Old]
		n, ok2 := r.byID[s.New]
		if !ok1 || !ok2 || slices.Contains(next[o], n) {
			continue
		}
		next[o] = append(next[o], n)
	}
	for i := range r.entries {
		r.entries[i].leads = r.follow(int32(i), next, nil)
		if len(r.entries[i].leads) == 0 {
			r.entries[i].leads = []int32{r.sameUnit(int32(i))}
		}
	}
	for _, s := range mapping {
		r.seatHamlets(s)
	}
}

// follow collects the places of today that an entry leads to. Trail stops a
// mapping that runs in a circle.
func (r *Resolver) follow(i int32, next map[int32][]int32, trail []int32) []int32 {
	if r.entries[i].alive {
		return []int32{i}
	}
	if slices.Contains(trail, i) {
		return nil
	}
	var out []int32
	for _, n := range next[i] {
		for _, l := range r.follow(n, next, append(trail, i)) {
			if !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	return out
}

// sameUnit is where a place leads that no mapping speaks of: to the place of
// today with its code and its name, which is the same unit grown; else nowhere
// but itself.
func (r *Resolver) sameUnit(i int32) int32 {
	p := r.entries[i].place
	for _, j := range r.codes[p.ID.Code()] {
		if r.entries[j].alive && keyOf(r.entries[j].place.Name) == keyOf(p.Name) {
			return j
		}
	}
	return i
}

func (r *Resolver) seatHamlets(s flows.Succession) {
	o, ok1 := r.byID[s.Old]
	n, ok2 := r.byID[s.New]
	if !ok1 || !ok2 {
		return
	}
	for _, h := range s.Hamlets {
		r.seat(h, seat{o, n})
	}
}

func (r *Resolver) seat(hamlet string, s seat) {
	key := hamletKey(tokens(hamlet))
	if key != "" && !slices.Contains(r.hamlets[key], s) {
		r.hamlets[key] = append(r.hamlets[key], s)
	}
}

// hamletKey is the key of a hamlet without its unit word, if more follows.
func hamletKey(toks []string) string {
	if t, w := unitAt(toks, 0); t&hamlet != 0 && w < len(toks) {
		toks = toks[w:]
	}
	return squeeze(toks)
}

// inherit passes districts and provinces on, both ways: the commune of today is
// looked for under its old district, the old one under its new province. A
// commune keeps the code of one of the units it was made of, so an old holder of
// its code lay where it lies.
func (r *Resolver) inherit() {
	own := make([][]int32, len(r.entries))
	for i := range r.entries {
		own[i] = slices.Clone(r.entries[i].around)
	}
	for i := range r.entries {
		leads := r.entries[i].leads
		if len(leads) == 1 && leads[0] == int32(i) && !r.entries[i].alive {
			leads = r.codes[r.entries[i].place.ID.Code()]
		}
		for _, l := range leads {
			r.entries[l].join(own[i])
			r.entries[i].join(own[l])
			r.succeed(int32(i), l)
		}
	}
}

// succeed remembers what a place of today was before.
func (r *Resolver) succeed(old, now int32) {
	if old == now {
		return
	}
	_, known := r.former[now]
	if !known || keyOf(r.entries[old].place.Name) == keyOf(r.entries[now].place.Name) {
		r.former[now] = old
	}
}

func (e *entry) join(around []int32) {
	for _, a := range around {
		if !slices.Contains(e.around, a) {
			e.around = append(e.around, a)
		}
	}
}

// index enters all places under their names and hamlets.
func (r *Resolver) index() {
	bearers := map[string][]int32{}
	for i := range r.entries {
		p := &r.entries[i].place
		key := keyOf(p.Name)
		bearers[key] = append(bearers[key], int32(i))
		for _, h := range p.Hamlets {
			r.seat(h, seat{int32(i), -1})
		}
	}
	for key, entries := range bearers {
		if key != "" && len(key) <= maxKey {
			r.names = append(r.names, name{key, lettersOf(key), entries})
		}
	}
	slices.SortFunc(r.names, func(a, b name) int {
		return cmp.Or(cmp.Compare(len(a.key), len(b.key)), cmp.Compare(a.key, b.key))
	})
	for i, n := range r.names {
		r.byKey[n.key] = int32(i)
		r.indexTelex(int32(i))
		for l := len(n.key) + 1; l < len(r.lengths); l++ {
			r.lengths[l] = int32(i + 1)
		}
	}
}

// indexTelex enters a name that looks as if it had keyboard leftovers (Ea Kar)
// under what would be left of it. Bearers of one key may be spaced differently
// (Roong, Ro Ong), and only some of them look so.
func (r *Resolver) indexTelex(i int32) {
	for _, e := range r.names[i].entries {
		t := untyped(tokens(r.entries[e].place.Name))
		if t != r.names[i].key && !slices.Contains(r.telexed[t], i) {
			r.telexed[t] = append(r.telexed[t], i)
		}
	}
}

// about is the range of names that are at most slips longer or shorter than a
// key, as a slice and the index of its first.
func (r *Resolver) about(key string, slips int) (names []name, first int32) {
	lo, hi := max(0, len(key)-slips), len(key)+slips+1
	if lo >= len(r.lengths) {
		return nil, 0
	}
	first = r.lengths[lo]
	return r.names[first:r.lengths[min(hi, len(r.lengths)-1)]], first
}
