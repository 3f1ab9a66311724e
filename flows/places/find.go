package places

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hotline/flows"
)

// query is one text on its way through the stages.
type query struct {
	toks   []string
	text   string // as it was typed, to tell which came first to mind
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

// unknowing are the folded ways to say that one does not know; it is never
// changed.
var unknowing = map[string]bool{
	"khongbiet": true, "khongro": true, "kobiet": true, "koro": true, "kbiet": true, "kro": true, "chiu": true,
	"khongnho": true, "konho": true, "chuabiet": true, "chuaro": true, "toikhongbiet": true, "emkhongbiet": true,
	"dontknow": true, "idontknow": true, "notsure": true, "unknown": true, "khong": true, "ko": true,
}

// Find says which commune a typed text means, or what to ask. It reads the text
// as a code, then as a name with what stands around it, then looks for a near
// match, and at last for a name inside a sentence.
func (r *Resolver) Find(text string, hint Hint) Answer {
	if a, ok := r.byCode(text); ok {
		return a
	}
	q := r.query(text, hint)
	if len(q.toks) == 0 || unknowing[squeeze(q.toks)] {
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

// lower is a text for comparing with its accents; "" if it has none.
func lower(text string) string {
	for i := range min(len(text), 200) {
		if text[i] >= utf8.RuneSelf {
			return strings.ToLower(norm.NFC.String(text[:min(len(text), 200)]))
		}
	}
	return ""
}

func (r *Resolver) query(text string, hint Hint) query {
	q := query{toks: unitInFront(tokens(text)), text: text}
	if hint.Hamlet != "" {
		q.hamlet = hamletKey(tokens(hint.Hamlet))
	}
	if w := r.provinceOf(hint.Province); w != nil {
		q.scope = append(q.scope, w)
	}
	if hint.Area != "" {
		ws, exact := r.readArea(tokens(hint.Area))
		q.scope = append(q.scope, ws...)
		q.vague = !exact
		q.asked = ws != nil
	}
	return q
}

// provinceOf is a province by its name, or nil.
func (r *Resolver) provinceOf(name string) want {
	if w, ok := r.provinces[name]; ok || name == "" {
		return w
	}
	return r.areasOf([]string{bareKey(name)}, province)
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
		words := q.toks[rd.from:rd.to]
		h := rd.hamlet
		if h == "" {
			h = q.hamlet
		}
		if rd.tier == unsaid || rd.tier&commune != 0 {
			if id, ok := keyed(r.byKey, words); ok {
				for _, e := range r.names[id].entries {
					if r.fits(e, rd.within, scope) {
						out = append(out, match{entry: e, hamlet: h, reading: n})
					}
				}
			}
		}
		if (rd.tier == unsaid || rd.tier&district != 0) && rd.hamlet == "" {
			out = append(out, r.inDistrict(words, n, rd.within, scope)...)
		}
	}
	return out
}

// inDistrict collects the communes of a district that is named and nothing more.
func (r *Resolver) inDistrict(words []string, n int, wanted ...[]want) []match {
	var out []match
	for _, id := range r.areasOf(words, district) {
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
			r.areasOf(q.toks[rd.from:rd.to], province) != nil {
			return true
		}
	}
	return false
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
