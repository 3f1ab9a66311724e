package wire

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"hotline/flows"
)

// Numbers reads the spellings of a phone number that providers use. The zero
// value reads international spellings only.
type Numbers struct {
	// Region is the country of national spellings, as "VN".
	Region string
}

// shortest is the length from which digits can be a subscriber's number. Below
// it are short codes, which the library would take for subscribers: it reads 111
// as +84111.
const shortest = 7

// Person reads the number of somebody who called or texted. It answers
// [ErrNobody] for a short code or a company's name. The library's tables only
// choose between spellings; they never turn a caller away, because a table that
// is a year old does not know the newest prefix.
func (n Numbers) Person(raw string) (flows.Phone, error) {
	digits, plus, ok := skeleton(raw)
	if !ok || len(digits) < shortest {
		return flows.Phone{}, ErrNobody
	}
	if plus {
		return person("+" + digits)
	}
	for _, spelled := range []string{n.national(digits), n.national("+" + digits)} {
		if spelled != "" {
			return person(spelled)
		}
	}
	return person("+" + strings.TrimLeft(digits, "0"))
}

// skeleton leaves the digits of raw and says whether a plus stood before them. A
// leading space before a country code is a plus that a form decoded.
func skeleton(raw string) (digits string, plus, ok bool) {
	s := strings.TrimPrefix(raw, "tel:")
	if rest, cut := strings.CutPrefix(s, " "); cut && rest != "" && rest[0] >= '1' && rest[0] <= '9' {
		s = "+" + rest
	}
	s = strings.TrimSpace(s)
	if rest, cut := strings.CutPrefix(s, "+"); cut {
		s, plus = rest, true
	} else if rest, cut := strings.CutPrefix(s, "00"); cut {
		s, plus = rest, true
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case strings.ContainsRune(" .-()\u00a0", r):
		default:
			return "", false, false
		}
	}
	return b.String(), plus, true
}

// national reads s as the region would dial it, or returns "".
func (n Numbers) national(s string) string {
	p, err := phonenumbers.Parse(s, n.Region)
	if err != nil || !phonenumbers.IsValidNumber(p) {
		return ""
	}
	return phonenumbers.Format(p, phonenumbers.E164)
}

func person(s string) (flows.Phone, error) {
	p, err := flows.ParsePhone(s)
	if err != nil {
		return flows.Phone{}, ErrNobody
	}
	return p, nil
}
