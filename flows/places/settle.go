package places

import (
	"slices"
	"strings"
)

// settle decides between exact matches. A name that another commune's name
// becomes by one slip of the thumb is not sure either: both are offered.
func (r *Resolver) settle(q query, readings []reading, ms []match) Answer {
	named, area := r.sort(readings, ms)
	if len(named)+len(area) == 0 {
		return r.settleLoose(q, readings, ms)
	}
	opts := r.leadAll(named)
	exact := len(opts)
	if exact <= MaxOptions {
		for _, rd := range readings {
			opts = r.cousins(opts, q, rd)
		}
	}
	if q.asked || len(q.scope) > 0 || saysWhere(readings, named) {
		opts = opts[:min(len(opts), max(exact, MaxOptions))]
	}
	if len(area) > 0 {
		return r.settleArea(q, readings, opts, exact > 0, area)
	}
	accented := lower(q.text)
	for i, o := range opts {
		opts[i].typed = accented != "" && strings.Contains(accented, strings.ToLower(r.entries[o.via].place.Name))
	}
	a := r.answer(opts, HowName, !q.vague && !r.isProvince(q, readings))
	if r.allOld(named) {
		a.How = HowOldName
	}
	return a
}

// sort parts the matches into names and districts, and drops those that hang on
// words that nobody knows.
func (r *Resolver) sort(readings []reading, ms []match) (named, area []match) {
	for _, m := range ms {
		switch {
		case m.area:
			area = append(area, m)
		case !readings[m.reading].loose:
			named = append(named, m)
		}
	}
	return named, area
}

// settleLoose offers names that only fit if the words before them, which nobody
// knows, are a hamlet; and what the whole may have been meant to be.
func (r *Resolver) settleLoose(q query, readings []reading, ms []match) Answer {
	opts := r.near(q, readings)
	for _, m := range ms {
		for _, o := range r.lead(nil, m) {
			o.rank = rankAround
			opts = addOption(opts, o)
		}
	}
	return r.answer(r.best(q, opts), HowNear, false)
}

// settleArea decides where the text is the name of a district, which may be the
// name of a commune as well, or near to one: opts.
func (r *Resolver) settleArea(q query, readings []reading, opts []option, named bool, area []match) Answer {
	all := slices.Clone(opts)
	for _, m := range area {
		all = r.lead(all, m)
	}
	if len(all) <= MaxOptions {
		return r.answer(all, HowDistrict, named && !q.vague && !r.isProvince(q, readings))
	}
	if len(opts) > 0 {
		return r.answer(r.best(q, opts), HowDistrict, false)
	}
	return Answer{How: HowDistrict, Narrow: ByCommune}
}

// saysWhere reports whether a district or province stood behind every name: then
// the list is as narrow as words can make it.
func saysWhere(readings []reading, ms []match) bool {
	for _, m := range ms {
		if len(readings[m.reading].within) == 0 {
			return false
		}
	}
	return len(ms) > 0
}

func (r *Resolver) allOld(ms []match) bool {
	for _, m := range ms {
		if r.entries[m.entry].alive {
			return false
		}
	}
	return true
}

func (r *Resolver) leadAll(ms []match) []option {
	var opts []option
	for _, m := range ms {
		opts = r.lead(opts, m)
	}
	return opts
}

// lead adds the places of today that a match leads to. A hamlet decides between
// the parts of a split commune.
func (r *Resolver) lead(opts []option, m match) []option {
	e := &r.entries[m.entry]
	leads := e.leads
	if len(leads) > 1 && m.hamlet != "" {
		leads = r.hamletLeads(m, leads)
	}
	for _, l := range leads {
		opts = addOption(opts, option{place: l, via: m.entry, split: len(leads) > 1, area: m.area})
	}
	return opts
}

// addOption adds an option unless its place is there already; a place that is
// named outright wins over one that an old name leads to.
func addOption(opts []option, o option) []option {
	for i := range opts {
		if opts[i].place != o.place {
			continue
		}
		if o.rank < opts[i].rank || (o.rank == opts[i].rank && o.via == o.place) {
			opts[i] = o
		}
		return opts
	}
	return append(opts, o)
}

func (r *Resolver) hamletLeads(m match, leads []int32) []int32 {
	var out []int32
	for _, s := range r.hamlets[m.hamlet] {
		inPart := s.entry == m.entry && slices.Contains(leads, s.lead)
		if inPart && !slices.Contains(out, s.lead) {
			out = append(out, s.lead)
		}
		if s.lead < 0 && slices.Contains(leads, s.entry) && !slices.Contains(out, s.entry) {
			out = append(out, s.entry)
		}
	}
	if len(out) == 0 {
		return leads
	}
	return out
}
