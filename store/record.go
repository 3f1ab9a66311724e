package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"hotline/flows"
)

// The separators of what scripts take apart. No id may hold one.
const (
	itemSep  = "\x1f" // between the items of a list
	valueSep = "\x1d" // between an item and its value
)

var errRecord = errors.New("a stored record cannot be read")

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

// decodeCase reads the value of a case key: a line for the scripts, then JSON.
func decodeCase(value string) (flows.Case, error) {
	_, body, ok := strings.Cut(value, "\n")
	var c flows.Case
	if !ok || json.Unmarshal([]byte(body), &c) != nil {
		return flows.Case{}, errRecord
	}
	return c, nil
}

// encodeCase is the JSON of a case.
func encodeCase(c *flows.Case) ([]byte, error) { return json.Marshal(c) }

// timerList is the timers of a case as commit.lua reads them, in a fixed order.
func timerList(timers flows.Timers) string {
	if len(timers) == 0 {
		return ""
	}
	names := make([]flows.TimerName, 0, 8)
	for n := range timers {
		names = append(names, n)
	}
	slices.Sort(names)
	b := make([]byte, 0, 32*len(names))
	for i, n := range names {
		if i > 0 {
			b = append(b, itemSep...)
		}
		b = append(append(b, n...), valueSep...)
		b = strconv.AppendInt(b, timers[n], 10)
	}
	return string(b)
}

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

// sidList is the provider's ids of alerts on which a word may still come.
func sidList(c *flows.Case) string {
	if !c.IsOpen() {
		return ""
	}
	var b strings.Builder
	for i := range c.Alerts {
		a := &c.Alerts[i]
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

// encodeSession is the value of a session key as it will be: a line with its
// version, its begin and the length of its JSON, then that JSON and its case's.
// committed is the case as the same script writes it, if it does.
func encodeSession(t *flows.Turn, committed []byte) ([]byte, error) {
	session := t.Session
	session.Case, session.Version = nil, t.From+1
	body, err := json.Marshal(&session)
	if err != nil {
		return nil, err
	}
	switch {
	case t.Session.Case == nil:
		committed = nil
	case committed == nil:
		if committed, err = encodeCase(t.Session.Case); err != nil {
			return nil, err
		}
	}
	b := make([]byte, 0, 48+len(body)+len(committed))
	b = append(strconv.AppendInt(b, session.Version, 10), ' ')
	b = append(strconv.AppendInt(b, flows.Millis(session.Started), 10), ' ')
	b = append(strconv.AppendInt(b, int64(len(body)), 10), '\n')
	return append(append(b, body...), committed...), nil
}

// decodeSession reads what encodeSession wrote.
func decodeSession(value string) (flows.Session, error) {
	head, body, _ := strings.Cut(value, "\n")
	length, err := strconv.Atoi(head[strings.LastIndexByte(head, ' ')+1:])
	if err != nil || length > len(body) {
		return flows.Session{}, errRecord
	}
	var s flows.Session
	if json.Unmarshal([]byte(body[:length]), &s) != nil {
		return flows.Session{}, errRecord
	}
	if rest := body[length:]; rest != "" {
		s.Case = new(flows.Case)
		if json.Unmarshal([]byte(rest), s.Case) != nil {
			return flows.Session{}, errRecord
		}
	}
	return s, nil
}

// encodeEvents is the events of one change as records, a line each.
func encodeEvents(id flows.CaseID, events []flows.Event) ([]byte, error) {
	var b []byte
	for i := range events {
		record, err := encodeEvent(id, &events[i])
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, '\n')
		}
		b = append(b, record...)
	}
	return b, nil
}

// decodeEvents appends the events of one change.
func decodeEvents(events []flows.Event, id flows.CaseID, records string) ([]flows.Event, error) {
	for record := range strings.SplitSeq(records, "\n") {
		e, err := decodeEvent(id, record)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

// encodeEvent is an event as an array, since a province keeps millions of them:
// ms, kind, reason, by, level, via, message, detail. Empty ends are cut, and a
// message of the case itself is only its number.
func encodeEvent(id flows.CaseID, e *flows.Event) ([]byte, error) {
	message := strings.TrimPrefix(string(e.Message), string(id))
	fields := []any{flows.Millis(e.At), e.Kind, e.Reason, e.By, e.Level, e.Via, message, e.Detail}
	n := len(fields)
	for _, empty := range []bool{len(e.Detail) == 0, message == "", e.Via == "", e.Level == 0, e.By == "", e.Reason == ""} {
		if !empty {
			break
		}
		n--
	}
	return json.Marshal(fields[:n])
}

func decodeEvent(id flows.CaseID, record string) (flows.Event, error) {
	var e flows.Event
	var ms int64
	message := ""
	into := []any{&ms, &e.Kind, &e.Reason, &e.By, &e.Level, &e.Via, &message, &e.Detail}
	var raw []json.RawMessage
	if json.NewDecoder(bytes.NewReader([]byte(record))).Decode(&raw) != nil || len(raw) > len(into) {
		return flows.Event{}, errRecord
	}
	for i := range raw {
		if json.Unmarshal(raw[i], into[i]) != nil {
			return flows.Event{}, errRecord
		}
	}
	e.At = flows.Moment(ms)
	if strings.HasPrefix(message, "/") {
		message = string(id) + message
	}
	e.Message = flows.MessageID(message)
	return e, nil
}
