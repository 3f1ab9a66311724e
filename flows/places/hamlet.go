package places

import (
	"slices"

	"hotline/flows"
)

// HamletKey is the name of a hamlet as all its spellings share it: without
// accents, spaces and unit word, and without the commune that stands behind it.
// "o ban Lac, xa Mai Chau" and "Bản Lác" have one key. It is for an answer to the
// question for the hamlet; "": the text is none.
func HamletKey(text string) string {
	const before = 3 // words that people put before it, as "nha em o"
	toks := tokens(text)
	if unknowing[squeeze(toks)] {
		return ""
	}
	for i := range min(before+1, len(toks)) {
		if t, w := unitAt(toks, i); t&hamlet != 0 && i+w < len(toks) {
			toks = toks[i+w:]
			break
		}
	}
	for i := 1; i < len(toks)-1; i++ {
		if t, w := unitAt(toks, i); t&(commune|district|province) != 0 && i+w < len(toks) {
			toks = toks[:i]
			break
		}
	}
	if len(toks) > maxName {
		return ""
	}
	return squeeze(toks)
}

// Hamlet is the key, as of [HamletKey], of the hamlet of a place that a text names
// beside it or alone; "": none. One that stands in the lists is found anywhere
// behind its unit word; any other only where it stands before the name of the
// place and its unit word begins the text ("ban Lac, Mai Chau").
func (r *Resolver) Hamlet(text string, place flows.PlaceID) string {
	at, ok := r.byID[place]
	if !ok {
		return ""
	}
	toks := tokens(text)
	for i := range toks {
		from := i
		if t, w := unitAt(toks, i); t&hamlet != 0 {
			from = i + w
		} else if i > 0 {
			continue
		}
		for end := min(len(toks), from+maxName); end > from; end-- {
			name := toks[from:end]
			if _, isCommune := keyed(r.byKey, name); from == i && isCommune {
				continue
			}
			seats, _ := keyed(r.hamlets, name)
			if slices.ContainsFunc(seats, func(s seat) bool { return r.liesIn(s, at) }) {
				return squeeze(name)
			}
		}
	}
	return r.unlisted(toks, at)
}

// liesIn reports whether a hamlet lies in a place of today.
func (r *Resolver) liesIn(s seat, place int32) bool {
	if s.lead >= 0 {
		return s.lead == place
	}
	return s.entry == place || slices.Contains(r.entries[s.entry].leads, place)
}

// unlisted is the hamlet that a unit word sets apart before the name of a place.
func (r *Resolver) unlisted(toks []string, place int32) string {
	if t, _ := unitAt(toks, 0); t&hamlet == 0 || len(toks) > maxWords {
		return ""
	}
	for _, rd := range r.readings(toks) {
		id, ok := keyed(r.byKey, toks[rd.from:rd.to])
		if !ok || rd.hamlet == "" {
			continue
		}
		for _, e := range r.names[id].entries {
			// One that the lists seat in this very commune lies in another part of it.
			elsewhere := slices.ContainsFunc(r.hamlets[rd.hamlet], func(s seat) bool { return s.entry == e })
			if !elsewhere && (e == place || slices.Contains(r.entries[e].leads, place)) && r.fits(e, rd.within) {
				return rd.hamlet
			}
		}
	}
	return ""
}
