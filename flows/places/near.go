package places

import (
	"slices"
	"strings"
)

// Ranks of near options: what was more likely meant comes first.
const (
	rankExact uint8 = iota
	rankTelex
	rankSlip
	rankReplaced
	rankAround // the slip is in the unit word, the district or the province
	rankFar
)

// cousins adds the communes whose name becomes the typed one by a slip: a letter
// left out, typed twice, or swapped.
func (r *Resolver) cousins(opts []option, q query, rd reading) []option {
	if rd.tier != unsaid && rd.tier&commune == 0 {
		return opts
	}
	words := q.toks[rd.from:rd.to]
	key := squeeze(words)
	set := lettersOf(key)
	names, first := r.about(key, 1)
	for i := range names {
		n := &names[i]
		if !set.within(n.letters, 1) {
			continue
		}
		if distance1(key, n.key) == slipped && (len(key) <= len(n.key) || doubled(key, n.key)) {
			opts = r.addNear(opts, first+int32(i), q, rd, rankSlip)
		}
	}
	if t := untyped(words); t != key {
		opts = r.addTelex(opts, t, q, rd)
	}
	return opts
}

// near collects what is one slip away, and for long names two.
func (r *Resolver) near(q query, readings []reading) []option {
	var opts []option
	for _, rd := range readings {
		if rd.tier == unsaid || rd.tier&commune != 0 {
			opts = r.addTelex(opts, untyped(q.toks[rd.from:rd.to]), q, rd)
			opts = r.scan(opts, q, rd)
		}
	}
	opts = r.around(opts, q)
	if len(opts) > 0 {
		return opts
	}
	for _, rd := range readings {
		if rd.tier == unsaid || rd.tier&commune != 0 {
			opts = r.scanFar(opts, q, rd)
		}
	}
	return opts
}

// addTelex adds the names that a key is once keyboard leftovers are taken out.
func (r *Resolver) addTelex(opts []option, key string, q query, rd reading) []option {
	if i, ok := r.byKey[key]; ok {
		opts = r.addNear(opts, i, q, rd, rankTelex)
	}
	for _, i := range r.telexed[key] {
		opts = r.addNear(opts, i, q, rd, rankTelex)
	}
	return opts
}

// scan looks at every name of about that length; almost all are rejected by the
// set of their letters.
func (r *Resolver) scan(opts []option, q query, rd reading) []option {
	key := squeeze(q.toks[rd.from:rd.to])
	if len(key) < 2 {
		return opts
	}
	set := lettersOf(key)
	names, first := r.about(key, 1)
	for i := range names {
		n := &names[i]
		if !set.within(n.letters, 1) {
			continue
		}
		switch distance1(key, n.key) {
		case slipped:
			opts = r.addNear(opts, first+int32(i), q, rd, rankSlip)
		case replaced:
			opts = r.addNear(opts, first+int32(i), q, rd, rankReplaced)
		}
	}
	return opts
}

// farKey is the shortest key for which two slips are still a likeness.
const farKey = 7

func (r *Resolver) scanFar(opts []option, q query, rd reading) []option {
	words := q.toks[rd.from:rd.to]
	for _, key := range [...]string{squeeze(words), untyped(words)} {
		if len(key) < farKey {
			continue
		}
		set := lettersOf(key)
		names, first := r.about(key, 2)
		for i := range names {
			n := &names[i]
			if set.within(n.letters, 2) && distance(key, n.key, 2) <= 2 {
				opts = r.addNear(opts, first+int32(i), q, rd, rankFar)
			}
		}
	}
	return opts
}

// around allows one slip in what stands before or behind an exact name.
func (r *Resolver) around(opts []option, q query) []option {
	for w := 1; w <= 2 && w < len(q.toks); w++ {
		if slippedUnit(q.toks, w) {
			rd := reading{from: w, to: len(q.toks)}
			opts = r.addExact(opts, q, rd)
			opts = r.addTelex(opts, untyped(q.toks[w:]), q, rd)
		}
	}
	opts = r.glued(opts, q)
	for _, st := range starts(q.toks) {
		for to := st.at + 1; to < len(q.toks); to++ {
			if _, ok := keyed(r.byKey, q.toks[st.at:to]); !ok {
				continue
			}
			rest := q.toks[to:]
			if t, w := unitAt(rest, 0); t&(district|province) != 0 && w < len(rest) {
				rest = rest[w:]
			}
			if w := r.nearArea(squeeze(rest)); w != nil {
				opts = r.addExact(opts, q, reading{from: st.at, to: to, hamlet: st.hamlet, within: []want{w}})
			}
		}
	}
	return opts
}

// glued allows the space behind the unit word to be missing or misplaced.
func (r *Resolver) glued(opts []option, q query) []option {
	whole := squeeze(q.toks)
	for _, u := range communeUnits {
		if rest, ok := strings.CutPrefix(whole, u); ok {
			if i, ok := r.byKey[rest]; ok {
				opts = r.addNear(opts, i, q, reading{}, rankAround)
			}
		}
	}
	return opts
}

func (r *Resolver) addExact(opts []option, q query, rd reading) []option {
	if i, ok := keyed(r.byKey, q.toks[rd.from:rd.to]); ok {
		opts = r.addNear(opts, i, q, rd, rankAround)
	}
	return opts
}

// addNear adds the communes of a name that lie where they must.
func (r *Resolver) addNear(opts []option, n int32, q query, rd reading, rank uint8) []option {
	for _, e := range r.names[n].entries {
		if !r.fits(e, rd.within, q.scope) {
			continue
		}
		h := rd.hamlet
		if h == "" {
			h = q.hamlet
		}
		for _, o := range r.lead(nil, match{entry: e, hamlet: h}) {
			o.rank = rank
			opts = addOption(opts, o)
		}
	}
	return opts
}

// best keeps the nine likeliest if there are more and the caller has said where
// already. Else the list stays too long, which asks for the province or district.
func (r *Resolver) best(q query, opts []option) []option {
	if len(opts) <= MaxOptions || !q.asked {
		return opts
	}
	slices.SortStableFunc(opts, func(a, b option) int { return int(a.rank) - int(b.rank) })
	return opts[:MaxOptions]
}
