package places

import (
	"slices"

	"hotline/flows"
)

// query is one text on its way through the stages.
type query struct {
	toks   []string
	scope  []want // from the hint
	vague  bool   // the hint's area was not typed exactly
	hamlet string // from the hint
	asked  bool   // a narrowing question has been answered
}

// match is an entry that a reading names exactly.
type match struct {
	entry   int32
	hamlet  string
	area    bool // named by its district
	reading int
}

// Find says which commune a typed text means, or what to ask. It reads the text
// as a code, then as a name with what stands around it, then looks for a near
// match, and at last for a name inside a sentence.
func (r *Resolver) Find(text string, hint Hint) Answer {
	if a, ok := r.byCode(text); ok {
		return a
	}
	q := r.query(text, hint)
	if len(q.toks) == 0 {
		return Answer{How: HowNone}
	}
	if len(q.toks) <= maxWords {
		if a := r.findName(q); !a.None() || a.How == HowProvince {
			return a
		}
	}
	if len(q.toks) > 2 {
		return r.sentence(q, false)
	}
	return Answer{How: HowNone}
}

func (r *Resolver) query(text string, hint Hint) query {
	q := query{toks: tokens(text), hamlet: hamletKey(tokens(hint.Hamlet))}
	if hint.Province != "" {
		if w := r.areasOf(bareKey(hint.Province), province); w != nil {
			q.scope = append(q.scope, w)
		}
	}
	if hint.Area != "" {
		ws, exact := r.readArea(tokens(hint.Area))
		q.scope = append(q.scope, ws...)
		q.vague = !exact
		q.asked = ws != nil
	}
	return q
}

// readArea reads a typed province or district: its last words, so that a caller
// may repeat the name of the commune before it.
func (r *Resolver) readArea(toks []string) (ws []want, exact bool) {
	toks = toks[:min(len(toks), maxWords)]
	for i, s := range r.suffixes(toks) {
		if s.ok && i < len(toks) {
			return s.within, true
		}
	}
	for i := range toks {
		if w := r.nearArea(squeeze(toks[i:])); w != nil {
			return []want{w}, false
		}
	}
	return nil, false
}

// nearArea looks up an area that was typed with one slip.
func (r *Resolver) nearArea(key string) want {
	if len(key) < 4 {
		return nil
	}
	set := lettersOf(key)
	var w want
	for id, a := range r.known {
		if a.letters.within(set, 1) && distance1(key, a.key) < farther {
			w = append(w, int32(id))
		}
	}
	return w
}

// byCode reads an official code, with its date or without. A code that the
// mapping leads elsewhere, because it had other borders before, is asked back.
func (r *Resolver) byCode(text string) (Answer, bool) {
	code := compact(text)
	if i, ok := r.byID[flows.PlaceID(code)]; ok {
		return r.answer(r.lead(nil, match{entry: i}), HowCode, true), true
	}
	sure := true
	if len(code) == 4 && digits(code) { // a spreadsheet drops the first zero
		code, sure = "0"+code, false
	}
	holders := r.codes[code]
	if len(code) != 5 || len(holders) == 0 {
		return Answer{}, false
	}
	var opts []option
	for _, alive := range [...]bool{true, false} {
		for _, i := range holders {
			if e := &r.entries[i]; e.alive == alive && (alive || !r.unled(i) || len(opts) == 0) {
				opts = r.lead(opts, match{entry: i})
			}
		}
	}
	return r.answer(opts, HowCode, sure), true
}

// unled reports whether a place is gone and nobody knows where to.
func (r *Resolver) unled(i int32) bool {
	e := &r.entries[i]
	return !e.alive && e.leads[0] == i
}

// compact drops the spaces of a code.
func compact(text string) string {
	if len(text) > 40 {
		return ""
	}
	b := make([]byte, 0, len(text))
	for i := range len(text) {
		if text[i] > ' ' {
			b = append(b, text[i])
		}
	}
	return string(b)
}

// findName runs the stages that read the text as one place.
func (r *Resolver) findName(q query) Answer {
	readings := r.readings(q.toks)
	if ms := r.exact(q, readings, q.scope); len(ms) > 0 {
		return r.settle(q, readings, ms)
	}
	if r.isProvince(q, readings) {
		return Answer{How: HowProvince, Narrow: ByCommune}
	}
	if opts := r.hamletOrNear(q, readings); len(opts) > 0 {
		return r.answer(r.best(q, opts), HowNear, false)
	}
	if len(q.scope) > 0 {
		if ms := r.exact(q, readings, nil); len(ms) > 0 {
			return r.answer(r.leadAll(ms), HowOutside, false)
		}
	}
	if opts := r.byHamlet(q); len(opts) > 0 {
		return r.answer(opts, HowHamlet, false)
	}
	return Answer{How: HowNone}
}

// hamletOrNear offers the near matches, and before them the hamlet if the text
// begins with the unit word of one.
func (r *Resolver) hamletOrNear(q query, readings []reading) []option {
	opts := r.near(q, readings)
	if t, _ := unitAt(q.toks, 0); t&hamlet == 0 {
		return opts
	}
	for _, o := range r.byHamlet(q) {
		o.rank = rankTelex
		opts = addOption(opts, o)
	}
	return opts
}

// exact collects the communes that some reading names to the letter.
func (r *Resolver) exact(q query, readings []reading, scope []want) []match {
	var out []match
	for n, rd := range readings {
		key := squeeze(q.toks[rd.from:rd.to])
		h := rd.hamlet
		if h == "" {
			h = q.hamlet
		}
		if rd.tier == unsaid || rd.tier&commune != 0 {
			if id, ok := r.byKey[key]; ok {
				for _, e := range r.names[id].entries {
					if r.fits(e, rd.within, scope) {
						out = append(out, match{entry: e, hamlet: h, reading: n})
					}
				}
			}
		}
		if (rd.tier == unsaid || rd.tier&district != 0) && rd.hamlet == "" {
			out = append(out, r.inDistrict(key, n, rd.within, scope)...)
		}
	}
	return out
}

// inDistrict collects the communes of a district that is named and nothing more.
func (r *Resolver) inDistrict(key string, n int, wanted ...[]want) []match {
	var out []match
	for _, id := range r.areasOf(key, district) {
		for _, e := range r.members[id] {
			if r.fits(e, wanted...) {
				out = append(out, match{entry: e, area: true, reading: n})
			}
		}
	}
	return out
}

// isProvince reports whether the whole text is a province.
func (r *Resolver) isProvince(q query, readings []reading) bool {
	for _, rd := range readings {
		if rd.to == len(q.toks) && rd.hamlet == "" && rd.tier&commune == 0 &&
			r.areasOf(squeeze(q.toks[rd.from:rd.to]), province) != nil {
			return true
		}
	}
	return false
}

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
	if len(area) > 0 {
		return r.settleArea(q, readings, opts, exact > 0, area)
	}
	if q.asked || len(q.scope) > 0 || saysWhere(readings, named) {
		opts = opts[:min(len(opts), max(exact, MaxOptions))]
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

// byHamlet finds a text that is nothing but the name of a hamlet.
func (r *Resolver) byHamlet(q query) []option {
	var opts []option
	for _, s := range r.hamlets[hamletKey(q.toks)] {
		if !r.fits(s.entry, q.scope) {
			continue
		}
		if s.lead >= 0 {
			opts = addOption(opts, option{place: s.lead, via: s.entry})
			continue
		}
		opts = r.lead(opts, match{entry: s.entry, hamlet: hamletKey(q.toks)})
	}
	return opts
}
