package places

import "math/bits"

// likeness is how a typed key stands to a name's key.
type likeness uint8

const (
	equal    likeness = iota
	slipped           // one letter missing, one too many, or two neighbours swapped
	replaced          // one letter is another
	farther           // two such steps
	unlike
)

// letters is a set of the letters and digits of a key. One slip changes at most
// two members, so that comparing sets rejects almost every name at once.
type letters uint64

func lettersOf(key string) letters {
	var m letters
	for i := range len(key) {
		switch c := key[i]; {
		case c >= 'a' && c <= 'z':
			m |= 1 << (c - 'a')
		case c >= '0' && c <= '9':
			m |= 1 << (26 + c - '0')
		default:
			m |= 1 << 40
		}
	}
	return m
}

func (m letters) within(other letters, slips int) bool {
	return bits.OnesCount64(uint64(m^other)) <= 2*slips
}

// distance1 compares a typed key with a name's key up to one slip.
func distance1(typed, name string) likeness {
	a, b := typed, name
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case a == "" && b == "":
		return equal
	case len(a)+len(b) == 1:
		return slipped
	case len(a) == 1 && len(b) == 1:
		return replaced
	case len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]:
		return slipped
	}
	return unlike
}

// doubled reports whether the typed key is the name with one letter typed twice.
// It is called when the typed key is longer by one.
func doubled(typed, name string) bool {
	i := 0
	for i < len(name) && typed[i] == name[i] {
		i++
	}
	return i > 0 && typed[i] == typed[i-1] && typed[i+1:] == name[i:]
}

const maxKey = 48

// distance is the number of slips between two keys (a letter missing, too many,
// changed, or swapped with its neighbour), or anything above limit.
func distance(a, b string, limit int) int {
	if len(a) > maxKey || len(b) > maxKey || len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var rows [3][maxKey + 1]int
	before, last, now := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			d := last[j-1]
			if a[i-1] != b[j-1] {
				d = 1 + min(d, last[j], now[j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			now[j] = d
			best = min(best, d)
		}
		if best > limit {
			return limit + 1
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
