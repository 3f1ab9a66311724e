// Package roster reads who is on duty from CSV files: members, the weekly rota
// and overrides. It reads all or nothing and names every fault with its line;
// no message ever repeats a phone number.
package roster

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Source is one CSV file.
type Source struct {
	Name string
	io.Reader
}

// Files are the three files of a roster.
type Files struct {
	Members   Source // id,name,role,place,level,phones,language, and if present verified,delegates,from,until
	Rota      Source // place,level,member,days,from,to
	Overrides Source // place,level,member,start,end
	Rotations Source // place,level,members,start,every; may be missing
	Periods   Source // place,level,start,end,member,days,from,to; may be missing
}

// ProvinceWord stands in the place column for the people of the province.
const ProvinceWord = "province"

// Read adds the people of the files to a directory that has places, a province
// and a zone, and checks the whole. On any fault it returns all of them, and the
// directory must not be used.
func Read(dir flows.Directory, f Files) (flows.Directory, error) {
	r := &reader{dir: dir, members: map[flows.MemberID]bool{}, phones: map[flows.Phone]flows.MemberID{}, lines: map[flows.MemberID]int{}}
	zone, err := time.LoadLocation(dir.Zone)
	if err != nil {
		return flows.Directory{}, fmt.Errorf("zone %q: expected a name like Asia/Ho_Chi_Minh", dir.Zone)
	}
	r.zone = zone
	r.dir.Members, r.dir.Shifts, r.dir.Overrides, r.dir.Rotations, r.dir.Periods = nil, nil, nil, nil, nil
	r.table(f.Members, []string{"id", "name", "role", "place", "level", "phones", "language"}, r.member, "verified", "delegates", "from", "until")
	r.checkDelegates()
	r.table(f.Rota, []string{"place", "level", "member", "days", "from", "to"}, r.shift)
	r.table(f.Overrides, []string{"place", "level", "member", "start", "end"}, r.override)
	r.table(f.Rotations, []string{"place", "level", "members", "start", "every"}, r.rotation)
	r.table(f.Periods, []string{"place", "level", "start", "end", "member", "days", "from", "to"}, r.period)
	if len(r.faults) == 0 {
		if _, err := escalation.NewRoster(r.dir); err != nil {
			r.faults = append(r.faults, err)
		}
	}
	if err := errors.Join(r.faults...); err != nil {
		return flows.Directory{}, err
	}
	return r.dir, nil
}

type reader struct {
	dir     flows.Directory
	zone    *time.Location
	members map[flows.MemberID]bool
	phones  map[flows.Phone]flows.MemberID
	lines   map[flows.MemberID]int
	faults  []error
	name    string
	line    int
}

// numberLike is what could be a phone number: in a line whose columns are shifted
// it may stand anywhere.
var numberLike = regexp.MustCompile(`[0-9]{7,}`)

// fault notes what is wrong with the line. What it quotes of the file is masked
// where it could be a number.
func (r *reader) fault(format string, args ...any) {
	for i, a := range args {
		switch s := a.(type) {
		case string:
			args[i] = numberLike.ReplaceAllString(s, "***")
		case flows.MemberID:
			args[i] = numberLike.ReplaceAllString(string(s), "***")
		}
	}
	r.faults = append(r.faults, fmt.Errorf("%s:%d: %s", r.name, r.line, fmt.Sprintf(format, args...)))
}

// table reads a file whose first line names its columns, in any order.
func (r *reader) table(s Source, columns []string, row func(get func(string) string), may ...string) {
	if s.Reader == nil {
		return
	}
	r.name, r.line = s.Name, 1
	in := csv.NewReader(s)
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	head, err := in.Read()
	if err != nil {
		r.fault("expected the columns %s", strings.Join(columns, ","))
		return
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	at, ok := r.columns(head, columns, may)
	if !ok {
		return
	}
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			r.line = bad.StartLine
			r.fault("%v", bad.Err)
			return
		}
		if err != nil {
			r.fault("read: %v", err)
			return
		}
		r.line, _ = in.FieldPos(0)
		if len(rec) != len(head) {
			r.fault("expected %d fields, got %d", len(head), len(rec))
			continue
		}
		row(func(column string) string {
			if i, there := at[column]; there {
				return strings.TrimSpace(rec[i])
			}
			return ""
		})
	}
}

func (r *reader) columns(head, columns, may []string) (map[string]int, bool) {
	at := map[string]int{}
	ok := true
	for i, h := range head {
		h = strings.ToLower(strings.TrimSpace(h))
		if _, twice := at[h]; twice || !slices.Contains(columns, h) && !slices.Contains(may, h) {
			r.fault("column %q is unknown or there twice, expected %s", h, strings.Join(append(slices.Clone(columns), may...), ","))
			ok = false
		}
		at[h] = i
	}
	for _, c := range columns {
		if _, there := at[c]; !there {
			r.fault("column %q is missing", c)
			ok = false
		}
	}
	return at, ok
}

func (r *reader) member(get func(string) string) {
	m := flows.Member{
		ID: flows.MemberID(get("id")), Name: get("name"), Role: get("role"),
		Place: r.place(get("place")), Level: r.level(get("level")), Language: get("language"),
	}
	switch {
	case m.ID == "" || strings.ContainsAny(string(m.ID), " \t/;") || numberLike.MatchString(string(m.ID)):
		r.fault("id: expected a word without spaces that is no number, got %q", m.ID)
	case r.members[m.ID]:
		r.fault("id: %s is there twice", m.ID)
	}
	if m.Name == "" {
		r.fault("name: is empty")
	}
	if m.Language == "" {
		m.Language = "vi"
	}
	verified := r.verified(get("verified"))
	for i, s := range strings.Split(get("phones"), ";") {
		p, err := flows.ParsePhone(strings.TrimSpace(s))
		switch {
		case err != nil:
			r.fault("phones: number %d: %v", i+1, err)
		case r.phones[p] != "":
			r.fault("phones: number %d is also of %s", i+1, r.phones[p])
		default:
			r.phones[p] = m.ID
			if verified {
				m.Phones = append(m.Phones, p)
			} else {
				m.Unproven = append(m.Unproven, flows.Unproven{Phone: p, Order: i})
			}
		}
	}
	for id := range strings.SplitSeq(get("delegates"), ";") {
		if id = strings.TrimSpace(id); id != "" {
			m.Delegates = append(m.Delegates, flows.MemberID(id))
		}
	}
	m.From, m.Until = r.day("from", get("from")), r.day("until", get("until"))
	if m.From != "" && m.Until != "" && m.Until <= m.From {
		r.fault("until: %s is not after %s", m.Until, m.From)
	}
	r.lines[m.ID] = r.line
	r.members[m.ID] = true
	r.dir.Members = append(r.dir.Members, m)
}

// verified reads whether somebody has made sure, outside of the hotline, that the
// phones are the member's. Without a word they are not.
func (r *reader) verified(s string) bool {
	switch strings.ToLower(s) {
	case "yes":
		return true
	case "", "no":
		return false
	}
	r.fault("verified: expected yes or no, got %q", s)
	return false
}

func (r *reader) day(column, s string) string {
	if _, err := time.Parse(time.DateOnly, s); err != nil && s != "" {
		r.fault("%s: expected a day like 2026-12-31, got %q", column, s)
	}
	return s
}

// checkDelegates is for when all members are known.
func (r *reader) checkDelegates() {
	for _, m := range r.dir.Members {
		for _, id := range m.Delegates {
			if !r.members[id] || id == m.ID {
				r.line = r.lines[m.ID]
				r.fault("delegates: expected other members, got %q", id)
			}
		}
	}
}

// place reads an official code as the place that has it today.
func (r *reader) place(code string) flows.PlaceID {
	if strings.EqualFold(code, ProvinceWord) || code == string(r.dir.Province) {
		return r.dir.Province
	}
	gone := ""
	for _, p := range r.dir.Places {
		if p.ID.Code() != code && string(p.ID) != code {
			continue
		}
		if p.Until == "" {
			return p.ID
		}
		gone = p.Until
	}
	if gone != "" {
		r.fault("place: %s is gone since %s, expected the commune that took over", code, gone)
		return ""
	}
	r.fault("place: expected the code of a place or %q, got %q", ProvinceWord, code)
	return ""
}

func (r *reader) level(s string) flows.Level {
	s = strings.TrimPrefix(strings.ToUpper(s), "L")
	if len(s) != 1 || s[0] < '0' || s[0] > '5' {
		r.fault("level: expected 0 to 5, got %q", s)
		return 0
	}
	return flows.Level(s[0] - '0')
}

func (r *reader) known(id string) flows.MemberID {
	m := flows.MemberID(id)
	if !r.members[m] {
		r.fault("member: %q is not among the members", id)
	}
	return m
}

func (r *reader) shift(get func(string) string) {
	r.dir.Shifts = append(r.dir.Shifts, r.readShift(get))
}

func (r *reader) readShift(get func(string) string) flows.Shift {
	s := flows.Shift{Place: r.place(get("place")), Level: r.level(get("level")), Member: r.known(get("member"))}
	var ok bool
	if s.Days, ok = ParseDays(get("days")); !ok {
		r.fault("days: expected days like mon-fri or sat,sun, got %q", get("days"))
	}
	if s.From, ok = escalation.ParseClock(get("from")); !ok || s.From == 24*60 {
		r.fault("from: expected a time like 18:00, got %q", get("from"))
	}
	if s.To, ok = escalation.ParseClock(get("to")); !ok {
		r.fault("to: expected a time like 06:00, got %q", get("to"))
	}
	return s
}

func (r *reader) rotation(get func(string) string) {
	t := flows.Rotation{Place: r.place(get("place")), Level: r.level(get("level")), Start: r.moment("start", get("start"))}
	for id := range strings.SplitSeq(get("members"), ";") {
		t.Members = append(t.Members, r.known(strings.TrimSpace(id)))
	}
	n, err := strconv.Atoi(get("every"))
	if err != nil || n < 1 || n > 366 {
		r.fault("every: expected a number of days, got %q", get("every"))
	}
	t.Every = n
	r.dir.Rotations = append(r.dir.Rotations, t)
}

// period reads one line of a period: one shift, or none where the member is
// empty. Lines of the same place, level and moments make one period.
func (r *reader) period(get func(string) string) {
	p := flows.Period{
		Place: r.place(get("place")), Level: r.level(get("level")),
		Start: r.moment("start", get("start")), End: r.moment("end", get("end")),
	}
	if !p.Start.IsZero() && !p.End.IsZero() && !p.Start.Before(p.End) {
		r.fault("end: %s is not after %s", get("end"), get("start"))
	}
	if get("member") != "" {
		p.Shifts = append(p.Shifts, r.readShift(get))
	}
	for i := range r.dir.Periods {
		o := &r.dir.Periods[i]
		if o.Place == p.Place && o.Level == p.Level && o.Start.Equal(p.Start) && o.End.Equal(p.End) {
			o.Shifts = append(o.Shifts, p.Shifts...)
			return
		}
	}
	r.dir.Periods = append(r.dir.Periods, p)
}

func (r *reader) override(get func(string) string) {
	o := flows.Override{Place: r.place(get("place")), Level: r.level(get("level"))}
	if id := get("member"); id != "" {
		o.Member = r.known(id)
	}
	o.Start, o.End = r.moment("start", get("start")), r.moment("end", get("end"))
	if !o.Start.IsZero() && !o.End.IsZero() && !o.Start.Before(o.End) {
		r.fault("end: %s is not after %s", get("end"), get("start"))
	}
	r.dir.Overrides = append(r.dir.Overrides, o)
}

// moment reads a local time of the rota's zone, or a time with its own offset.
func (r *reader) moment(column, s string) time.Time {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, r.zone); err == nil {
			return t
		}
	}
	r.fault("%s: expected a moment like 2026-02-16T18:00, got %q", column, s)
	return time.Time{}
}

// ParseDays reads days of the week: "mon-sun", "sat,sun", "sat;sun", "fri-mon", "daily".
func ParseDays(s string) ([]time.Weekday, bool) {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	// A semicolon saves the quotes that a comma needs in a CSV file.
	if s = strings.ToLower(strings.NewReplacer(" ", "", ";", ",").Replace(s)); s == "daily" {
		s = "mon-sun"
	}
	var days []time.Weekday
	for part := range strings.SplitSeq(s, ",") {
		first, last, span := strings.Cut(part, "-")
		if !span {
			last = first
		}
		from, to := slices.Index(names, first), slices.Index(names, last)
		if from < 0 || to < 0 {
			return nil, false
		}
		for d := from; ; d = (d + 1) % 7 {
			if !slices.Contains(days, time.Weekday(d)) {
				days = append(days, time.Weekday(d))
			}
			if d == to {
				break
			}
		}
	}
	return days, true
}
