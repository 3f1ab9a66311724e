package places

import "strings"

// tier is a set of the levels of administration that a unit word may mean.
type tier uint8

const (
	hamlet tier = 1 << iota
	commune
	district
	province
	unsaid tier = 0
)

// units are the words that say what kind of place follows, folded. They are
// only that where a name follows, and every reading with the word as part of the
// name is tried as well: Xà Hồ, Quán Thánh, Làng Mô. It is never changed.
var units = map[string]tier{
	"xa": commune, "x": commune, "phuong": commune, "p": commune, "f": commune, "ph": commune,
	"thi tran": commune, "thitran": commune, "tt": commune, "ttr": commune, "dac khu": commune, "dackhu": commune, "dk": commune,
	"huyen": district, "h": district, "quan": district, "q": district,
	"thi xa": district, "thixa": district, "tx": district,
	"thanh pho": district | province, "thanhpho": district | province, "tp": district | province,
	"tinh": province, "t": province,
	"ban": hamlet, "thon": hamlet, "xom": hamlet, "ap": hamlet, "buon": hamlet, "bon": hamlet, "plei": hamlet,
	"khu": hamlet, "khu pho": hamlet, "khu dan cu": hamlet, "kp": hamlet, "to": hamlet, "to dan pho": hamlet, "tdp": hamlet,
	"commune": commune, "ward": commune, "town": commune, "township": commune,
	"district": district, "province": province, "city": district | province, "village": hamlet, "hamlet": hamlet,
	"lang": hamlet, "pho": hamlet, "soc": hamlet, "phum": hamlet, "doi": hamlet, "tieu khu": hamlet,
}

// openings are the words that a unit begins with, and how many words the longest
// such unit has. They are never changed.
var openings = func() map[string]int {
	m := make(map[string]int, len(units))
	for unit := range units {
		first, rest, _ := strings.Cut(unit, " ")
		n := 1 + len(strings.Fields(rest))
		m[first] = max(m[first], n)
	}
	return m
}()

// unitAt reads a unit word at a position; width 0 means that there is none.
func unitAt(toks []string, i int) (t tier, width int) {
	if i >= len(toks) {
		return unsaid, 0
	}
	for w := min(openings[toks[i]], len(toks)-i); w > 0; w-- {
		if t, ok := units[strings.Join(toks[i:i+w], " ")]; ok {
			return t, w
		}
	}
	return unsaid, 0
}

// communeUnits are the unit words that people slip in; they are never changed.
var communeUnits = [...]string{"xa", "phuong", "thitran", "dackhu"}

// slippedUnit reports whether the first w words are a commune's unit word with
// one slip in it, as "ax" and "thi tarn", or with keyboard leftovers.
func slippedUnit(toks []string, w int) bool {
	key, meant := squeeze(toks[:w]), untyped(toks[:w])
	for _, u := range communeUnits {
		d := distance1(key, u)
		if d == slipped || (d == replaced && len(u) > 2) || (meant == u && key != u) {
			return true
		}
	}
	return false
}

// behind are the unit words of English, which stands them behind the name.
var behind = map[string]bool{"commune": true, "ward": true, "town": true, "township": true, "district": true, "province": true, "city": true}

// unitInFront moves an English unit word at the end to the front, where the
// Vietnamese one stands.
func unitInFront(toks []string) []string {
	last := len(toks) - 1
	if last < 1 || last > maxName || !behind[toks[last]] {
		return toks
	}
	return append([]string{toks[last]}, toks[:last]...)
}
