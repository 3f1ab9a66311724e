package places

import "strings"

// ordinary are folded words that are names of communes and everyday words at
// once. In a sentence they only count behind a unit word or before a district.
// It is never changed.
var ordinary = map[string]bool{
	"tudo": true, "doclap": true, "hoabinh": true, "thongnhat": true, "doanket": true, "danchu": true, "baola": true, "anbinh": true,
	"binhan": true, "quyettien": true, "quyetthang": true, "toanthang": true, "hopthanh": true, "thanhcong": true, "hanhphuc": true, "hopnhat": true,
	"lienminh": true, "dongtam": true, "dongtinh": true, "dongtien": true, "nhandao": true, "nhannghia": true, "daoduc": true, "hoply": true,
	"huuloi": true, "huunghi": true, "trungthanh": true, "chidao": true, "phongphu": true, "dinhcu": true, "vanban": true, "banggia": true,
	"giacam": true, "cudong": true, "hoihop": true, "dinau": true, "tuxa": true, "tudu": true, "phuclai": true, "conghoa": true,
	"thuanhoa": true, "hoathuan": true, "tanhoi": true, "binhdan": true, "phuonglam": true, "tienthanh": true, "hoanhap": true, "anhoa": true,
	"antam": true, "binhyen": true, "yenbinh": true, "anphu": true,
}

// refusals are folded words that take back the place behind them. It is never
// changed.
var refusals = map[string]bool{"khong": true, "ko": true, "k": true, "hok": true, "chang": true, "cha": true, "phai": true, "not": true}

// FindInSentence looks for a place anywhere in a text, conservatively: a name
// counts for sure only behind its unit word or before its district or province,
// and only if nothing else in the text speaks of another commune; a bare name
// of two words or more is asked back.
func (r *Resolver) FindInSentence(text string, hint Hint) Answer {
	return r.sentence(r.query(text, hint), true)
}

// mention is a place found in a sentence.
type mention struct {
	matches []match
	strong  bool
	from    int
	to      int // first word behind it
}

// sentence reads a text word by word, the longest name first. MaySure allows an
// answer that needs no confirmation.
func (r *Resolver) sentence(q query, maySure bool) Answer {
	opts, sure := r.mentions(q, false)
	if len(opts) == 0 {
		if opts := r.leftovers(q); len(opts) > 0 {
			return r.answer(opts, HowSentence, false)
		}
		return r.sentenceRest(q)
	}
	if len(opts) > MaxOptions {
		opts = r.stronger(opts)
	}
	return r.answer(opts, HowSentence, sure && maySure && !q.vague)
}

// mentions collects the places of a sentence. It is sure if some place was said
// outright and none was taken back.
func (r *Resolver) mentions(q query, onlyStrong bool) (opts []option, sure bool) {
	areas := r.suffixesInside(q.toks)
	back := false
	for i := 0; i < len(q.toks); {
		m := r.mentionAt(q, i, areas)
		if m.to == 0 || (onlyStrong && !m.strong) {
			i++
			continue
		}
		back = back || refused(q.toks, m.from)
		sure = sure || m.strong
		for _, o := range r.leadAll(m.matches) {
			if !m.strong {
				o.rank = rankFar
			}
			opts = addOption(opts, o)
		}
		i = m.to
	}
	return opts, sure && !back
}

// leftovers reads the sentence as if a keyboard had left its letters in every
// word ("xax mai chaau"), and takes only what is said outright.
func (r *Resolver) leftovers(q query) []option {
	words := make([]string, len(q.toks))
	for i := range q.toks {
		words[i] = untyped(q.toks[i : i+1])
	}
	q.toks = words
	opts, _ := r.mentions(q, true)
	if len(opts) > MaxOptions {
		return nil
	}
	return opts
}

// stronger keeps the places that were said outright, if there are any.
func (r *Resolver) stronger(opts []option) []option {
	var out []option
	for _, o := range opts {
		if o.rank < rankFar {
			out = append(out, o)
		}
	}
	if len(out) == 0 {
		return opts
	}
	return out
}

// refused reports whether one of the two words before a mention takes it back.
func refused(toks []string, at int) bool {
	for _, t := range toks[max(0, at-3):at] {
		if refusals[t] {
			return true
		}
	}
	return false
}

// suffixesInside is where areas stand from each word on, as far as they go; in a
// sentence other words may follow.
func (r *Resolver) suffixesInside(toks []string) func(i int) ([]want, int) {
	return func(i int) (ws []want, to int) {
		for to = i; to < len(toks); {
			w, next := r.areaAt(toks, to)
			if w == nil {
				break
			}
			ws, to = append(ws, w), next
		}
		return ws, to
	}
}

func (r *Resolver) areaAt(toks []string, i int) (want, int) {
	at, t := i, district|province
	if u, w := unitAt(toks, i); u&(district|province) != 0 && i+w < len(toks) {
		at, t = i+w, u
	}
	for end := min(len(toks), at+maxName); end > at; end-- {
		if w := r.areasOf(toks[at:end], t); w != nil {
			return w, end
		}
	}
	return nil, i
}

// mentionAt reads the mention that begins at a word.
func (r *Resolver) mentionAt(q query, i int, areas func(int) ([]want, int)) mention {
	t, w := unitAt(q.toks, i)
	switch {
	case t&commune != 0:
		if m := r.unitMention(q, i, i+w, areas); m.to > 0 {
			return m
		}
	case t&district != 0:
		if m := r.districtMention(q, i, i+w); m.to > 0 {
			return m
		}
	}
	return r.bareMention(q, i, areas)
}

// unitMention reads a name behind a unit word. Without its district it is sure
// only if it has two words and the unit word is its own: "xa" also means far.
func (r *Resolver) unitMention(q query, from, at int, areas func(int) ([]want, int)) mention {
	for end := min(len(q.toks), at+maxName); end > at; end-- {
		id, ok := keyed(r.byKey, q.toks[at:end])
		if !ok {
			continue
		}
		ws, to := areas(end)
		ms := r.inside(id, q, ws, r.hamletBefore(q.toks, from))
		if len(ms) == 0 {
			ws, to = nil, end
			ms = r.inside(id, q, nil, r.hamletBefore(q.toks, from))
		}
		if len(ms) > 0 {
			strong := len(ws) > 0 || end-at > 1 && r.agrees(squeeze(q.toks[from:at]), ms)
			return mention{ms, strong, from, to}
		}
	}
	return r.slippedMention(q, from, at)
}

// agrees reports whether a unit word is the one of a place it stands before:
// Phuong is a girl's name too.
func (r *Resolver) agrees(unit string, ms []match) bool {
	for _, m := range ms {
		if t := r.entries[m.entry].place.Type; t != "" && strings.HasPrefix(Bare(t), unit[:1]) || unit == "f" && t == "Phường" {
			return true
		}
	}
	return false
}

// slippedMention reads a name of two or three words with one slip or keyboard
// leftovers behind a unit word.
func (r *Resolver) slippedMention(q query, from, at int) mention {
	for n := min(3, len(q.toks)-at); n >= 2; n-- {
		words := q.toks[at : at+n]
		var opts []option
		rd := reading{from: at, to: at + n}
		opts = r.addTelex(opts, untyped(words), q, rd)
		if len(opts) == 0 {
			opts = r.scan(opts, q, rd)
		}
		if len(opts) > 0 && len(opts) <= MaxOptions {
			var ms []match
			for _, o := range opts {
				ms = append(ms, match{entry: o.via})
			}
			return mention{ms, false, from, at + n}
		}
	}
	return mention{}
}

// districtMention reads "huyen Mai Chau" without a commune before it.
func (r *Resolver) districtMention(q query, from, at int) mention {
	for end := min(len(q.toks), at+maxName); end > at; end-- {
		if ms := r.inDistrict(q.toks[at:end], 0, q.scope); len(ms) > 0 {
			return mention{ms, false, from, end}
		}
	}
	return mention{}
}

// bareMention reads a name of two words or more that stands alone.
func (r *Resolver) bareMention(q query, i int, areas func(int) ([]want, int)) mention {
	for end := min(len(q.toks), i+maxName); end > i+1; end-- {
		words := q.toks[i:end]
		id, ok := keyed(r.byKey, words)
		if !ok {
			continue
		}
		ws, to := areas(end)
		h := r.hamletBefore(q.toks, i)
		if ms := r.inside(id, q, ws, h); len(ws) > 0 && len(ms) > 0 {
			return mention{ms, true, i, to}
		}
		if everyday, _ := keyed(ordinary, words); everyday {
			continue
		}
		if ms := r.inside(id, q, nil, h); len(ms) > 0 {
			return mention{ms, false, i, end}
		}
	}
	return mention{}
}

// inside lists the communes of a name that lie where they must.
func (r *Resolver) inside(id int32, q query, ws []want, h string) []match {
	var ms []match
	for _, e := range r.names[id].entries {
		if r.fits(e, ws, q.scope) {
			ms = append(ms, match{entry: e, hamlet: h})
		}
	}
	return ms
}

// hamletBefore is the hamlet named right before a word: "ban Lac" in "ban Lac,
// xa Mai Chau".
func (r *Resolver) hamletBefore(toks []string, at int) string {
	for i := at - 1; i >= 0 && i >= at-maxName; i-- {
		t, w := unitAt(toks, i)
		if t&hamlet == 0 || i+w >= at {
			continue
		}
		if _, ok := keyed(r.hamlets, toks[i+w:at]); ok {
			return squeeze(toks[i+w : at])
		}
	}
	return ""
}

// sentenceRest is the last try: a hamlet behind its unit word.
func (r *Resolver) sentenceRest(q query) Answer {
	var opts []option
	for i := range q.toks {
		t, w := unitAt(q.toks, i)
		if t&hamlet == 0 {
			continue
		}
		for end := min(len(q.toks), i+w+maxName); end > i+w; end-- {
			sub := q
			sub.toks = q.toks[i+w : end]
			for _, o := range r.byHamlet(sub) {
				opts = addOption(opts, o)
			}
		}
	}
	if len(opts) > MaxOptions {
		return Answer{How: HowNone}
	}
	return r.answer(opts, HowHamlet, false)
}
