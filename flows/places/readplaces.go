package places

import (
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hotline/flows"
)

// communeTypes and aboveTypes are the unit words as the official lists write
// them; upper and lower case matter, because a list that gets them wrong has
// other faults too. They are never changed.
var (
	communeTypes = []string{"Xã", "Phường", "Thị trấn", "Đặc khu"}
	aboveTypes   = []string{"Tỉnh", "Thành phố"}
	placeNeed    = []string{"code", "name", "province_code", "province_name", "type"}
	placeMay     = []string{"district_code", "district_name", "from", "until", "hamlets", "health_station", "safe_house", "neighbours"}
)

// ReadPlaces reads a list of places with the columns code, name, district_code,
// district_name, province_code, province_name and type, and if present from,
// until (dates), hamlets (separated by semicolons), health_station and safe_house
// (a public name and phone each) and neighbours (codes of the list, separated by
// semicolons). Rows of type Tỉnh or
// Thành phố are the provinces above the communes. It returns every fault with
// its line as [fault.List], and then no place.
func ReadPlaces(name string, r io.Reader) ([]flows.Place, error) {
	t := openTable(name, r, placeNeed, placeMay)
	if len(t.faults) > 0 {
		return nil, t.err()
	}
	var out []flows.Place
	seen := map[flows.PlaceID]int{}
	parents := map[string]flows.PlaceID{}
	codes := []string{}
	near, lines := map[int][]string{}, map[int]int{}
	for t.next() {
		p := readPlace(t)
		if first, twice := seen[p.ID]; twice && p.ID.Code() != "" {
			t.fault("code_twice", "code", p.ID.Code(), "from", from(p.ID), "first", first)
		}
		seen[p.ID] = t.line
		if Above(p) {
			parents[p.ID.Code()] = p.ID
		}
		if codes := list(t.get("neighbours")); len(codes) > 0 {
			near[len(out)] = codes
			lines[len(out)] = t.line
		}
		out = append(out, p)
		codes = append(codes, t.get("province_code"))
	}
	t.neighbours(out, near, lines)
	if len(out) == 0 && len(t.faults) == 0 {
		t.fault("no_places")
	}
	if err := t.err(); err != nil {
		return nil, err
	}
	for i := range out {
		if !Above(out[i]) {
			out[i].Parent = parents[codes[i]]
		}
	}
	return out, nil
}

// neighbours finds the places that rows name as theirs. Only a place that exists
// today has any, and only such a place is one.
func (t *table) neighbours(out []flows.Place, near map[int][]string, lines map[int]int) {
	today := map[string]flows.PlaceID{}
	for _, p := range out {
		if p.Until == "" && !Above(p) {
			today[p.ID.Code()] = p.ID
		}
	}
	for _, i := range slices.Sorted(maps.Keys(near)) {
		t.line = lines[i]
		for _, code := range near[i] {
			id, ok := today[code]
			switch {
			case !ok:
				t.fault("neighbour_unknown", "code", clip(code))
			case id == out[i].ID || slices.Contains(out[i].Neighbours, id):
				t.fault("neighbour_twice", "code", clip(code))
			default:
				out[i].Neighbours = append(out[i].Neighbours, id)
			}
		}
	}
}

func readPlace(t *table) flows.Place {
	p := flows.Place{
		Name: t.get("name"), Type: t.get("type"),
		District: t.get("district_name"), Province: t.get("province_name"),
		Hamlets:       list(t.get("hamlets")),
		HealthStation: t.help("health_station"), SafeHouse: t.help("safe_house"),
	}
	code := t.get("code")
	t.placeCode(p, code)
	var begin string
	begin, p.Until = period(t, "from", "until", p.District != "")
	p.ID = newID(code, begin)
	t.name("name", p.Name)
	t.name("province_name", p.Province)
	for _, h := range p.Hamlets {
		t.name("hamlets", h)
	}
	if u := unitWord(p.Name); u != "" && !Above(p) {
		t.fault("unit_word", "value", quoted(p.Name), "unit", quoted(u))
	}
	t.districtColumns(p)
	return p
}

// placeCode checks the type and the length of the code that goes with it.
func (t *table) placeCode(p flows.Place, code string) {
	length := 5
	if Above(p) {
		length = 2
	}
	if !slices.Contains(communeTypes, p.Type) && !slices.Contains(aboveTypes, p.Type) {
		t.fault("type", "value", quoted(p.Type), "want", strings.Join(slices.Concat(communeTypes, aboveTypes), ", "))
	}
	if len(code) != length || !digits(code) {
		t.fault("digits", "column", "code", "value", quoted(code), "n", length)
	}
	if pc := t.get("province_code"); len(pc) != 2 || !digits(pc) {
		t.fault("digits", "column", "province_code", "value", quoted(pc), "n", 2)
	} else if Above(p) && pc != code {
		t.fault("province_code", "value", pc, "want", clip(code))
	}
}

func (t *table) districtColumns(p flows.Place) {
	dc := t.get("district_code")
	switch {
	case dc == "" && p.District == "":
	case dc == "" || p.District == "":
		t.fault("district")
	case len(dc) != 3 || !digits(dc):
		t.fault("digits", "column", "district_code", "value", quoted(dc), "n", 3)
	default:
		t.name("district_name", p.District)
	}
}

// name checks a name that people will read: not empty, not long, no control
// characters, something to compare by.
func (t *table) name(column, s string) {
	switch {
	case s == "":
		t.fault("blank", "column", column)
	case utf8.RuneCountInString(s) > maxKey:
		t.fault("long", "column", column, "value", quoted(s), "n", maxKey)
	case strings.ContainsFunc(s, unicode.IsControl) || strings.ContainsRune(s, utf8.RuneError):
		t.fault("control", "column", column, "value", quoted(s))
	case keyOf(s) == "":
		t.fault("letterless", "column", column, "value", quoted(s))
	}
}

// maxHelp keeps two places of help and the lines below them on one screen.
const maxHelp = 48

// help is a name and a phone that callers will read, or "".
func (t *table) help(column string) string {
	s := t.get(column)
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	odd := func(r rune) bool {
		return !unicode.Is(unicode.Latin, r) && !digit(r) && !strings.ContainsRune(" .,-/()", r)
	}
	switch {
	case s == "":
	case utf8.RuneCountInString(s) > maxHelp:
		t.fault("long", "column", column, "value", quoted(s), "n", maxHelp)
	case strings.ContainsFunc(s, odd):
		t.fault("unshowable", "column", column, "value", quoted(s))
	case len(strings.Map(func(r rune) rune {
		if digit(r) {
			return r
		}
		return -1
	}, s)) < 3:
		t.fault("help", "column", column, "value", quoted(s))
	}
	return s
}

func (t *table) date(column, s string) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		t.fault("date", "column", column, "value", quoted(s), "like", Reform)
	}
}

// unitWord is the unit word that a name begins with, in any case, or "". With
// its accents it is no part of a name, but for one ward of the nation.
func unitWord(name string) string {
	lower := strings.ToLower(name)
	if name == "Phường Đúc" {
		return ""
	}
	for _, u := range communeTypes {
		if strings.HasPrefix(lower, strings.ToLower(u)+" ") {
			return name[:len(u)]
		}
	}
	return ""
}
