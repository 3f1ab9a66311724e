// Package roster reads who is on duty from CSV files: members, the weekly rota
// and overrides. It reads all or nothing and names every fault with its line;
// no message ever repeats a phone number.
package roster

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/fault"
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
	r := &reader{dir: dir, members: map[flows.MemberID]bool{}, phones: map[flows.Phone]flows.MemberID{}, lines: map[flows.MemberID]int{}, rows: map[string][]int{}}
	zone, err := time.LoadLocation(dir.Zone)
	if err != nil {
		return flows.Directory{}, fault.New("zone", "value", strconv.Quote(dir.Zone))
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
			r.faults = r.placed(err, f)
		}
	}
	if err := r.faults.Err(); err != nil {
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
	rows    map[string][]int // thing → the line of each
	faults  fault.List
	name    string
	line    int
}

// placed are the faults of the whole with the file and line of the thing that
// each is about.
func (r *reader) placed(err error, f Files) fault.List {
	source := map[string]Source{"member": f.Members, "shift": f.Rota, "rotation": f.Rotations, "period": f.Periods, "override": f.Overrides}
	list := fault.In(err)
	for i, one := range list {
		line := r.lines[flows.MemberID(one.Which)]
		if n, err := strconv.Atoi(one.Which); one.Of != "member" && err == nil && n >= 1 && n <= len(r.rows[one.Of]) {
			line = r.rows[one.Of][n-1]
		}
		if line > 0 {
			list[i] = one.At(source[one.Of].Name, line)
		}
	}
	return list
}

// numberLike is what could be a phone number: in a line whose columns are shifted
// it may stand anywhere.
var numberLike = regexp.MustCompile(`[0-9]{7,}`)

// fault notes what is wrong with the line. What it quotes of the file is masked
// where it could be a number.
func (r *reader) fault(kind fault.Kind, with ...any) {
	f := fault.New(kind, with...).At(r.name, r.line)
	for i, s := range f.With {
		f.With[i] = numberLike.ReplaceAllString(s, "***")
	}
	r.faults = append(r.faults, f)
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
		r.fault("columns", "want", strings.Join(columns, ","))
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
			r.faults = append(r.faults, fault.Unread(bad).At(r.name, r.line))
			return
		}
		if err != nil {
			r.faults = append(r.faults, fault.Unread(err).At(r.name, r.line))
			return
		}
		r.line, _ = in.FieldPos(0)
		if len(rec) != len(head) {
			r.fault("fields", "want", len(head), "n", len(rec))
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
			r.fault("column_odd", "value", strconv.Quote(h), "want", strings.Join(append(slices.Clone(columns), may...), ","))
			ok = false
		}
		at[h] = i
	}
	for _, c := range columns {
		if _, there := at[c]; !there {
			r.fault("column_missing", "value", strconv.Quote(c))
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
		r.fault("member_id", "value", strconv.Quote(string(m.ID)))
	case r.members[m.ID]:
		r.fault("member_twice", "value", m.ID)
	}
	if m.Name == "" {
		r.fault("blank", "column", "name")
	}
	if m.Language == "" {
		m.Language = "vi"
	}
	verified := r.verified(get("verified"))
	for i, s := range strings.Split(get("phones"), ";") {
		p, err := flows.ParsePhone(strings.TrimSpace(s))
		switch {
		case err != nil:
			r.fault("phone", "n", i+1)
		case r.phones[p] != "":
			r.fault("phone_of", "n", i+1, "member", r.phones[p])
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
		r.fault("after", "column", "until", "value", m.Until, "than", m.From)
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
	r.fault("verified", "value", strconv.Quote(s))
	return false
}

func (r *reader) day(column, s string) string {
	if _, err := time.Parse(time.DateOnly, s); err != nil && s != "" {
		r.fault("day", "column", column, "value", strconv.Quote(s))
	}
	return s
}

// checkDelegates is for when all members are known.
func (r *reader) checkDelegates() {
	for _, m := range r.dir.Members {
		for _, id := range m.Delegates {
			if !r.members[id] || id == m.ID {
				r.line = r.lines[m.ID]
				r.fault("delegates", "value", strconv.Quote(string(id)))
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
		r.fault("place_gone", "code", code, "since", gone)
		return ""
	}
	r.fault("place", "value", strconv.Quote(code))
	return ""
}

func (r *reader) level(s string) flows.Level {
	s = strings.TrimPrefix(strings.ToUpper(s), "L")
	if len(s) != 1 || s[0] < '0' || s[0] > '5' {
		r.fault("level", "value", strconv.Quote(s))
		return 0
	}
	return flows.Level(s[0] - '0')
}

func (r *reader) known(id string) flows.MemberID {
	m := flows.MemberID(id)
	if !r.members[m] {
		r.fault("member", "value", strconv.Quote(id))
	}
	return m
}

func (r *reader) shift(get func(string) string) {
	r.rows["shift"] = append(r.rows["shift"], r.line)
	r.dir.Shifts = append(r.dir.Shifts, r.readShift(get))
}

func (r *reader) readShift(get func(string) string) flows.Shift {
	s := flows.Shift{Place: r.place(get("place")), Level: r.level(get("level")), Member: r.known(get("member"))}
	var ok bool
	if s.Days, ok = ParseDays(get("days")); !ok {
		r.fault("days", "value", strconv.Quote(get("days")))
	}
	if s.From, ok = escalation.ParseClock(get("from")); !ok || s.From == 24*60 {
		r.fault("time", "column", "from", "like", "18:00", "value", strconv.Quote(get("from")))
	}
	if s.To, ok = escalation.ParseClock(get("to")); !ok {
		r.fault("time", "column", "to", "like", "06:00", "value", strconv.Quote(get("to")))
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
		r.fault("every", "value", strconv.Quote(get("every")))
	}
	t.Every = n
	r.rows["rotation"] = append(r.rows["rotation"], r.line)
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
		r.fault("after", "column", "end", "value", get("end"), "than", get("start"))
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
	r.rows["period"] = append(r.rows["period"], r.line)
	r.dir.Periods = append(r.dir.Periods, p)
}

func (r *reader) override(get func(string) string) {
	o := flows.Override{Place: r.place(get("place")), Level: r.level(get("level"))}
	if id := get("member"); id != "" {
		o.Member = r.known(id)
	}
	o.Start, o.End = r.moment("start", get("start")), r.moment("end", get("end"))
	if !o.Start.IsZero() && !o.End.IsZero() && !o.Start.Before(o.End) {
		r.fault("after", "column", "end", "value", get("end"), "than", get("start"))
	}
	r.rows["override"] = append(r.rows["override"], r.line)
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
	r.fault("moment", "column", column, "value", strconv.Quote(s))
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
