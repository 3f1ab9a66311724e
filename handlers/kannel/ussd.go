package kannel

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"hotline/flows"
	"hotline/handlers/wire"
)

// The TLVs of USSD over SMPP 3.4 (§5.3.2.43 and §5.3.2.44), by the names that
// kannel.conf gives them.
const (
	opTLV      = "ussd_service_op"
	sessionTLV = "its_session_info"
)

// Dialect is how an operator uses the USSD operations. Operators differ in which
// they send, in how they name a session and in how it ends.
type Dialect struct {
	Begin  []int // a caller dialled us; standard 0 and 1, PSSD and PSSR indication
	Hangup []int // the session is over; no standard, often 32 and above
	More   int   // we ask and wait; standard 2, USSR request
	End    int   // we say the last word; standard 17, PSSR response
	// Session is the TLV that names a session; standard its_session_info, whose
	// first octet is the session and whose second counts, in all but its lowest
	// bit. Others are taken whole.
	Session string
	// NoEndBit leaves the lowest bit of its_session_info alone on the last word;
	// the standard sets it.
	NoEndBit bool
}

// orStandard is the dialect with the standard's habits where it says nothing.
func (d Dialect) orStandard() Dialect {
	if len(d.Begin) == 0 {
		d.Begin = []int{0, 1}
	}
	d.More, d.End, d.Session = cmp.Or(d.More, 2), cmp.Or(d.End, 17), cmp.Or(d.Session, sessionTLV)
	return d
}

// signal says what an operation means. One that is not known is an answer if it
// says something, else the end: nobody who typed is left without a reply.
func (d Dialect) signal(op int, text string) flows.Signal {
	switch {
	case slices.Contains(d.Begin, op):
		return flows.Begin
	case slices.Contains(d.Hangup, op):
		return flows.Hangup
	case op == 18, text != "": // 18 is the standard's USSR confirmation
		return flows.Input
	default:
		return flows.Hangup
	}
}

// session names the session within its bind, or is empty where an operator names
// none.
func (d Dialect) session(m meta) string {
	raw := m[d.Session]
	if d.Session == sessionTLV && len(raw) > 1 {
		raw = raw[:1]
	}
	return hex.EncodeToString([]byte(raw))
}

// answer is the meta-data of a reply.
func (d Dialect) answer(m meta, end bool) string {
	op := d.More
	if end {
		op = d.End
	}
	out := fmt.Sprintf("?smpp?%s=%d", opTLV, op)
	raw := []byte(m[d.Session])
	if len(raw) == 0 {
		return out
	}
	if end && !d.NoEndBit && d.Session == sessionTLV {
		raw[len(raw)-1] |= 1
	}
	return out + "&" + d.Session + "=" + percent(raw)
}

// percent writes every octet as %XX, which leaves nothing to interpretation.
func percent(raw []byte) string {
	var b strings.Builder
	for _, o := range raw {
		fmt.Fprintf(&b, "%%%02X", o)
	}
	return b.String()
}

// meta are the TLVs of one message by name, as raw octets.
type meta map[string]string

// parseMeta reads "?smpp?name=octets&name=octets&".
func parseMeta(s string) (meta, error) {
	s, ok := strings.CutPrefix(s, "?smpp?")
	if !ok {
		return nil, wire.Missing("X-Kannel-Meta-Data")
	}
	values, err := url.ParseQuery(s)
	if err != nil {
		return nil, wire.Malformed("X-Kannel-Meta-Data")
	}
	m := meta{}
	for k, v := range values {
		m[k] = v[0]
	}
	return m, nil
}

// number reads an integer TLV, which arrives as octets and not as digits.
func (m meta) number(name string) (int, bool) {
	raw := m[name]
	if raw == "" || len(raw) > 4 {
		return 0, false
	}
	n := 0
	for _, o := range []byte(raw) {
		n = n<<8 | int(o)
	}
	return n, true
}
