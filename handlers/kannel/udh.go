package kannel

import (
	"fmt"
	"net/url"
	"unicode/utf16"
	"unicode/utf8"

	"hotline/flows"
)

// The elements of a user data header that say which part of a long text a message
// is (3GPP TS 23.040 §9.2.3.24.1 and §9.2.3.24.8).
const (
	concat8  = 0x00 // a reference of one octet
	concat16 = 0x08 // of two
)

// part reads X-Kannel-UDH, the octets of the header as an address holds them, its
// length first. One that says nothing of parts, or is damaged, makes the text a whole one: it is
// filed either way.
func part(smsc, header string) flows.Part {
	octets, err := url.QueryUnescape(header)
	raw := []byte(octets)
	if err != nil || len(raw) == 0 || int(raw[0]) != len(raw)-1 {
		return flows.Part{}
	}
	for raw = raw[1:]; len(raw) >= 2 && len(raw) >= 2+int(raw[1]); {
		id, data := raw[0], raw[2:2+int(raw[1])]
		raw = raw[2+len(data):]
		switch {
		case id == concat8 && len(data) == 3, id == concat16 && len(data) == 4:
			n := len(data)
			p := flows.Part{Ref: fmt.Sprintf("%s/%x/%d", smsc, data[:n-2], data[n-2]), Number: int(data[n-1]), Of: int(data[n-2])}
			if p.Of > 1 && p.Number >= 1 && p.Number <= p.Of {
				return p
			}
		}
	}
	return flows.Part{}
}

// halves writes UTF-16 as UTF-8. A text may be cut between the two halves of an
// emoji: a half that stands alone is written as three octets, which is no UTF-8,
// and becomes whole again when the parts are joined.
func halves(units []uint16) string {
	var b []byte
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) && i+1 < len(units) {
			if pair := utf16.DecodeRune(r, rune(units[i+1])); pair != utf8.RuneError {
				b, i = utf8.AppendRune(b, pair), i+1
				continue
			}
		}
		if utf16.IsSurrogate(r) {
			b = append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
			continue
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}
