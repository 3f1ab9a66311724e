package store

import (
	"encoding/binary"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"hotline/flows"
	"hotline/store/record"
)

// The separators of what scripts take apart. No id may hold one.
const (
	itemSep  = "\x1f" // between the items of a list
	valueSep = "\x1d" // between an item and its value
)

// plain reports whether a text has no control characters, so that it can stand
// in a list or key.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 {
			return false
		}
	}
	return true
}

// records are the encodings of all that is stored, but for the directory.
type records struct {
	cases    record.Codec[flows.Case]
	sessions record.Codec[flows.Session]
	messages record.Codec[flows.Message]
	events   record.Codec[flows.Event]
	answers  record.Codec[flows.Answer]
	// eventMessage is the number of the field Message of an event.
	eventMessage uint64
}

func newRecords() (r records, err error) {
	var errs [5]error
	n := record.Fields()
	r.eventMessage = record.Number(n, "Event", "Message")
	r.cases, errs[0] = record.New[flows.Case](n)
	r.sessions, errs[1] = record.New[flows.Session](n)
	r.messages, errs[2] = record.New[flows.Message](n)
	r.events, errs[3] = record.New[flows.Event](n)
	r.answers, errs[4] = record.New[flows.Answer](n)
	return r, errors.Join(errs[:]...)
}

// decodeCase reads the value of a case key: a line for the scripts, then the
// record.
func (r *records) decodeCase(value string) (c flows.Case, err error) {
	_, body, _ := strings.Cut(value, "\n")
	err = r.cases.Decode(body, &c)
	return c, err
}

// Where cases stand among the timers of their partition: the open ones by the first
// of their timers in ms, those that wait for nothing behind them, and closed ones by
// their purge far behind all: a day on which thousands are due must not stand in the
// way of a ladder.
const (
	untimed     = 50_000_000_000_000
	purgeBehind = 100_000_000_000_000
)

// place is where a case stands; 0: nowhere, it is closed for good. Whoever finds it
// there reads the case, which knows all its timers.
func place(c *flows.Case) int64 {
	first := int64(0)
	for _, due := range c.Timers {
		if first == 0 || due < first {
			first = due
		}
	}
	switch {
	case c.IsOpen() && first == 0:
		return untimed
	case c.IsOpen() || first == 0:
		return first
	}
	return first + purgeBehind
}

// items takes a list apart.
func items(list string) iter.Seq[string] {
	if list == "" {
		return func(func(string) bool) {}
	}
	return strings.SplitSeq(list, itemSep)
}

// cutValue takes an item and its value apart.
func cutValue(item string) (name, value string, ok bool) { return strings.Cut(item, valueSep) }

// memberList is everybody who is, or was, asked to take an open case.
func memberList(c *flows.Case) string {
	if !c.IsOpen() {
		return ""
	}
	ids := c.Asked()
	for _, id := range c.Concerns() {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteString(itemSep)
		}
		b.WriteString(string(id))
	}
	return b.String()
}

// sidField is where the message behind a provider's id is found.
func sidField(provider, sid string) string { return provider + "|" + sid }

// sidList is the provider's ids of messages on which a word may still come.
func sidList(c *flows.Case) string {
	if !c.IsOpen() {
		return ""
	}
	var b strings.Builder
	for i := range len(c.Alerts) + len(c.Notices) {
		a := tracked(c, i)
		if a.SID == "" || a.Delivery == flows.Delivered || a.Delivery == flows.Undelivered {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(itemSep)
		}
		_, number, _ := strings.Cut(string(a.ID), "/")
		b.WriteString(sidField(a.Provider, a.SID) + valueSep + number)
	}
	return b.String()
}

// tracked is the i-th message of a case on which providers may say something.
func tracked(c *flows.Case, i int) *flows.Alert {
	if i < len(c.Alerts) {
		return &c.Alerts[i]
	}
	return &c.Notices[i-len(c.Alerts)]
}

// encodeReply is one letter, C for going on and E for the end, and the text.
func encodeReply(r flows.Reply) string {
	if r.End {
		return "E" + r.Text
	}
	return "C" + r.Text
}

func decodeReply(s string) flows.Reply {
	if s == "" {
		return flows.Reply{}
	}
	return flows.Reply{Text: s[1:], End: s[0] == 'E'}
}

// commandSep ends the version of a case in its value, and its commands.
const commandSep = 0x1e

// appendLists appends what stands in the value of a case key between its commands
// and its record: what is in the indexes, for restore.lua.
func appendLists(b []byte, members, sids string) []byte {
	for _, list := range [...]string{members, sids} {
		b = append(append(b, commandSep), list...)
	}
	return append(b, '\n')
}

// encodeSession is the value of a session key as it will be: a line with its
// version and the length of its record, then that record, sealed, and its case's.
// committed is the case as the same script writes it, if it does.
func (s *Store) encodeSession(t *flows.Turn, committed []byte) []byte {
	session := t.Session
	session.Case, session.Version = nil, t.From+1
	body := s.seal(nil, sessionNote(session.ID), s.records.sessions.Append(make([]byte, 0, 512), &session))
	b := make([]byte, 0, 48+len(body)+len(committed)+256)
	b = append(strconv.AppendInt(b, session.Version, 10), ' ')
	b = append(strconv.AppendInt(b, int64(len(body)), 10), '\n')
	b = append(b, body...)
	switch {
	case t.Session.Case == nil:
		return b
	case committed == nil:
		return s.records.cases.Append(b, t.Session.Case)
	}
	return append(b, committed...)
}

// decodeSession reads what encodeSession wrote.
func (s *Store) decodeSession(id flows.SessionID, value string) (session flows.Session, err error) {
	head, body, _ := strings.Cut(value, "\n")
	length, err := strconv.Atoi(head[strings.LastIndexByte(head, ' ')+1:])
	if err != nil || length > len(body) {
		return flows.Session{}, record.ErrRecord
	}
	open, err := s.unseal(sessionNote(id), body[:length])
	if err != nil {
		return flows.Session{}, err
	}
	if err := s.records.sessions.Decode(open, &session); err != nil {
		return flows.Session{}, err
	}
	if length < len(body) {
		session.Case = new(flows.Case)
		err = s.records.cases.Decode(body[length:], session.Case)
	}
	return session, err
}

// encodeEvents is the events of one change, each with its length before it. A
// message of the case itself is only its number.
func (r *records) encodeEvents(id flows.CaseID, events []flows.Event) []byte {
	var b, one []byte
	for i := range events {
		e := events[i]
		e.Message = flows.MessageID(strings.TrimPrefix(string(e.Message), string(id)))
		one = r.events.Append(one[:0], &e)
		b = append(binary.AppendUvarint(b, uint64(len(one))), one...)
	}
	return b
}

// takeEvents adds a list of events, as a field holds it, in the form of
// encodeEvents.
func (r *records) takeEvents(b []byte, id flows.CaseID, list string) ([]byte, error) {
	var short [256]byte
	one := short[:0]
	for list != "" {
		content, rest, ok := record.Cut(list)
		if !ok {
			return nil, record.ErrRecord
		}
		var err error
		if one, err = record.AppendContent(one[:0], content, r.eventMessage, string(id)); err != nil {
			return nil, err
		}
		b = append(binary.AppendUvarint(b, uint64(len(one))), one...)
		list = rest
	}
	return b, nil
}

// decodeEvents appends the events of one change.
func (r *records) decodeEvents(events []flows.Event, id flows.CaseID, list string) ([]flows.Event, error) {
	for list != "" {
		one, rest, ok := record.Cut(list)
		var e flows.Event
		if !ok || r.events.Decode(one, &e) != nil {
			return nil, record.ErrRecord
		}
		if strings.HasPrefix(string(e.Message), "/") {
			e.Message = flows.MessageID(id) + e.Message
		}
		events, list = append(events, e), rest
	}
	return events, nil
}
