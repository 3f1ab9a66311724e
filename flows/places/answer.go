package places

import "hotline/flows"

// MaxOptions is the longest list that a caller is asked to choose from: one
// digit each, and a caller who has none of them presses another key.
const MaxOptions = 9

// Why an answer is what it is.
const (
	HowCode     = "code"     // an official code
	HowName     = "name"     // the exact name of a commune, accents and unit word aside
	HowOldName  = "old name" // the exact name of a commune that is gone
	HowDistrict = "district" // the name of an old district, or of a commune and a district
	HowProvince = "province" // the name of a province and nothing more
	HowHamlet   = "hamlet"   // only the name of a hamlet
	HowNear     = "near"     // not exact: slips, keyboard leftovers
	HowOutside  = "outside"  // exact, but not in the province or area of the hint
	HowSentence = "sentence" // found inside a longer text
	HowNone     = "none"     // nothing fits
)

// Narrow is what to ask when too many places fit.
type Narrow string

// The narrowing questions. The answer to ByArea goes into [Hint.Area] of a
// second Find with the same text; with ByCommune the text was an area, and goes
// into Hint.Area itself.
const (
	ByArea    Narrow = "area"    // in which province or old district?
	ByCommune Narrow = "commune" // which commune of it?
)

// Answer is what a text may mean. Exactly one of these holds:
//
//   - Place is set and Confirm is false: this is the place.
//   - Confirm is true: Place is the one that fits, to be confirmed; Options
//     holds it alone.
//   - Options has two to nine places to choose from.
//   - Narrow is set: too many fit, ask and find again.
//   - None of them: nothing fits.
type Answer struct {
	Place   flows.PlaceID
	Options []flows.PlaceID
	Labels  []string // of Options: unaccented, and different from each other
	Confirm bool
	Narrow  Narrow
	// Via is the place that is gone whose name led here, if one did.
	Via flows.PlaceID
	How string
}

// None reports whether nothing was found and there is nothing to ask.
func (a Answer) None() bool { return a.Place == "" && len(a.Options) == 0 && a.Narrow == "" }

// Hint is what is known beside the text.
type Hint struct {
	// Province is the name of the province that the hotline serves. Names
	// outside it are only offered when nothing inside fits.
	Province string
	// Area is what the caller typed when asked for the province or district.
	Area string
	// Hamlet is what the caller typed when asked for it.
	Hamlet string
}

// option is a place of today that may be meant, and the entry whose name says so.
type option struct {
	place int32
	via   int32
	split bool  // via leads to several
	area  bool  // meant by its district, not by its name
	typed bool  // its name was typed with the very accents
	rank  uint8 // the lower, the more like what was typed
}

// answer turns options into what to ask. Sure says that a single one needs no
// confirmation.
func (r *Resolver) answer(opts []option, how string, sure bool) Answer {
	a := Answer{How: how}
	switch n := len(opts); {
	case n == 0:
		a.How = HowNone
		return a
	case n > MaxOptions:
		a.Narrow = ByArea
		return a
	case n == 1:
		a.Place = r.entries[opts[0].place].place.ID
		a.Confirm = !sure
		if via := &r.entries[opts[0].via]; !via.alive && opts[0].via != opts[0].place {
			a.Via = via.place.ID
		}
		if sure {
			return a
		}
	}
	r.order(opts)
	a.Labels = r.labels(opts)
	for _, o := range opts {
		a.Options = append(a.Options, r.entries[o.place].place.ID)
	}
	return a
}
