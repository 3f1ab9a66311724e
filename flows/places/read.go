package places

import "slices"

// maxWords is the longest text that is read as one place name with what stands
// around it; longer ones are sentences.
const maxWords = 16

// maxName is the longest name of a commune, district or hamlet in words.
const maxName = 6

// want asks that a place lies in one of some areas.
type want []int32

// reading is one way to understand a text: which words are the name, of what
// tier, and what must be around it.
type reading struct {
	from, to int
	tier     tier
	hamlet   string
	loose    bool // words before the name that nobody knows are taken for a hamlet
	within   []want
}

// start is where a name may begin and what stands before it.
type start struct {
	at     int
	tier   tier
	hamlet string
	marked bool // unit words stand before both, the hamlet and the commune
}

// starts lists where the name may begin: at once, behind a unit word, or behind
// a hamlet that a unit word sets apart ("ban Lac, xa Mai Chau").
func starts(toks []string) []start {
	out := []start{{}}
	t, w := unitAt(toks, 0)
	if w > 0 && t&hamlet == 0 && w < len(toks) {
		out = append(out, start{at: w, tier: t})
	}
	first := 0
	if t&hamlet != 0 {
		first = w
	}
	for k := 1; k <= maxName && first+k < len(toks); k++ {
		h := squeeze(toks[first : first+k])
		if t2, w2 := unitAt(toks, first+k); t2&commune != 0 && first+k+w2 < len(toks) {
			out = append(out, start{first + k + w2, commune, h, first > 0})
			break // the hamlet ends where the commune's unit word stands
		}
		if first > 0 {
			out = append(out, start{at: first + k, hamlet: h})
		}
	}
	return out
}

// suffix is what the words from a position to the end say, if they are nothing
// but districts and provinces.
type suffix struct {
	ok     bool
	within []want
}

// suffixes reads the text from behind: areas stand after the name, the small
// before the large.
func (r *Resolver) suffixes(toks []string) []suffix {
	out := make([]suffix, len(toks)+1)
	out[len(toks)] = suffix{ok: true}
	for i := len(toks) - 1; i >= 0; i-- {
		out[i] = r.suffixAt(toks, i, out)
	}
	return out
}

func (r *Resolver) suffixAt(toks []string, i int, later []suffix) suffix {
	starts := [2]start{{at: i, tier: district | province}}
	n := 1
	if t, w := unitAt(toks, i); t&(district|province) != 0 && i+w < len(toks) {
		starts[1], n = start{at: i + w, tier: t}, 2
	}
	for _, st := range starts[:n] {
		for end := min(len(toks), st.at+maxName); end > st.at; end-- {
			if !later[end].ok {
				continue
			}
			if w := r.areasOf(toks[st.at:end], st.tier); w != nil {
				return suffix{true, append([]want{w}, later[end].within...)}
			}
		}
	}
	return suffix{}
}

// areasOf looks up a district or province by its words.
func (r *Resolver) areasOf(words []string, t tier) want {
	var w want
	areas, _ := keyed(r.areas, words)
	for _, a := range areas {
		if a.tier&t != 0 {
			w = append(w, r.areaIDs[a])
		}
	}
	return w
}

// readings lists every way to read the words as a name with areas behind it.
func (r *Resolver) readings(toks []string) []reading {
	var out []reading
	sfx := r.suffixes(toks)
	for _, st := range starts(toks) {
		loose := st.hamlet != "" && !st.marked && r.hamlets[st.hamlet] == nil
		for to := len(toks); to > st.at; to-- {
			if sfx[to].ok {
				out = append(out, reading{st.at, to, st.tier, st.hamlet, loose, sfx[to].within})
			}
		}
	}
	return out
}

// fits reports whether an entry lies in all the areas that are wanted.
func (r *Resolver) fits(i int32, wanted ...[]want) bool {
	around := r.entries[i].around
	for _, ws := range wanted {
		for _, w := range ws {
			if !meet(around, w) {
				return false
			}
		}
	}
	return true
}

func meet(a []int32, b want) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}
