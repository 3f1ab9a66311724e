package places

import (
	"cmp"
	"slices"
	"strings"

	"hotline/flows"
)

// Place is the record of a place, and whether there is one.
func (r *Resolver) Place(id flows.PlaceID) (flows.Place, bool) {
	if i, ok := r.byID[id]; ok {
		return r.entries[i].place, true
	}
	p, ok := r.above[id]
	return p, ok
}

// Label is the short unaccented name of a place, as a phone shows it. Of an id
// that is not known it is the code.
func (r *Resolver) Label(id flows.PlaceID) string {
	p, ok := r.Place(id)
	if !ok {
		return id.Code()
	}
	return Short(p)
}

// Short is the unaccented name of a place; one that is only a number keeps its
// unit word.
func Short(p flows.Place) string {
	s := Unaccented(p.Name)
	if digits(strings.ReplaceAll(s, " ", "")) {
		return Unaccented(p.Type) + " " + s
	}
	return s
}

// order sorts a list: what is most like the text first, places of the name
// before those of the district, then by name.
func (r *Resolver) order(opts []option) {
	slices.SortStableFunc(opts, func(a, b option) int {
		return cmp.Or(
			cmp.Compare(a.rank, b.rank),
			cmp.Compare(flag(a.area), flag(b.area)),
			cmp.Compare(flag(!a.typed), flag(!b.typed)),
			cmp.Compare(flag(a.via != a.place), flag(b.via != b.place)),
			cmp.Compare(Short(r.shown(a)), Short(r.shown(b))),
			cmp.Compare(r.entries[a.place].place.ID, r.entries[b.place].place.ID),
		)
	})
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// shown is the place whose name the caller knows: the old one, unless it was
// split or only its district was meant.
func (r *Resolver) shown(o option) flows.Place {
	if o.split || o.area {
		return r.entries[o.place].place
	}
	return r.entries[o.via].place
}

// labels names the options so that no two are alike: the name, then with what
// tells it apart in brackets.
func (r *Resolver) labels(opts []option) []string {
	out := make([]string, len(opts))
	for i, o := range opts {
		out[i] = Short(r.shown(o))
		if o.split && !o.area {
			out[i] += " (" + Short(r.entries[o.via].place) + ")"
		}
	}
	tails := []func(option) string{
		func(o option) string { return r.districtOf(o) },
		func(o option) string { return ShortArea(r.shown(o).Province) },
		func(o option) string { return years(r.shown(o)) },
		func(o option) string { return Unaccented(r.shown(o).Type) },
		func(o option) string { return r.shown(o).ID.Code() },
	}
	for _, tail := range tails {
		twins := repeated(out)
		if len(twins) == 0 {
			return out
		}
		told := slices.Clone(out)
		for _, i := range twins {
			if t := tail(opts[i]); t != "" {
				told[i] = bracket(told[i], t)
			}
		}
		if len(repeated(told)) < len(twins) { // else it is the same word for all
			out = told
		}
	}
	return out
}

// years says when a place that is gone ended, or one of today began.
func years(p flows.Place) string {
	if len(p.Until) >= 4 {
		return "-" + p.Until[:4]
	}
	if f := from(p.ID); len(f) >= 4 {
		return f[:4] + "-"
	}
	return ""
}

// bracket puts a further word into the brackets behind a name.
func bracket(label, tail string) string {
	if strings.HasSuffix(label, ")") {
		return label[:len(label)-1] + ", " + tail + ")"
	}
	return label + " (" + tail + ")"
}

// repeated lists the labels that stand more than once.
func repeated(labels []string) []int {
	var out []int
	for i, l := range labels {
		for j, m := range labels {
			if i != j && l == m {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

// districtOf is the district by which people know an option, the old one if
// there is none today.
func (r *Resolver) districtOf(o option) string {
	p := r.shown(o)
	if p.District != "" {
		return ShortArea(p.District)
	}
	if i, ok := r.former[r.byID[p.ID]]; ok {
		return ShortArea(r.entries[i].place.District)
	}
	return ""
}

// ShortArea is a district or province on a phone: without "Huyện" and "Tỉnh",
// with the others shortened.
func ShortArea(s string) string {
	s = Unaccented(s)
	for _, u := range [...][2]string{{"Huyen ", ""}, {"Tinh ", ""}, {"Thanh pho ", "TP "}, {"Thi xa ", "TX "}, {"Quan ", "Q "}} {
		if rest, ok := strings.CutPrefix(s, u[0]); ok {
			return u[1] + rest
		}
	}
	return s
}
