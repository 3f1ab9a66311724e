package transcript

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
)

// The province of every story. Its communes began on one day.
const (
	provinceID = flows.PlaceID("25@2025-07-01")
	validFrom  = "2025-07-01"
	zoneName   = "Asia/Ho_Chi_Minh"
)

// scene collects the lines that set it.
type scene struct {
	out    Scene
	places map[string]flows.PlaceID // by name as written, with the district too
	moves  []move
	people []person
	next   int
	at     here // the line that is being read
}

// here is a line of a file: names are looked up when all lines are known, and
// what is wrong with them is told where they stand.
type here struct {
	file string
	line int
}

type move struct {
	from, to string
	at       here
}

type person struct {
	member flows.Member
	place  string
	duty   bool
	at     here
}

func newScene() *scene {
	s := &scene{places: map[string]flows.PlaceID{}, out: Scene{Phones: map[string]flows.Phone{}}}
	s.out.Directory = flows.Directory{Version: "story", Province: provinceID, Zone: zoneName}
	s.out.Directory.Places = []flows.Place{{ID: provinceID, Name: "Phú Thọ", Type: "Tỉnh"}}
	s.out.Begin = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) // a Monday, 09:00 there
	s.places["province"] = provinceID
	return s
}

func (s *scene) line(word, rest string) error {
	switch word {
	case "policy":
		s.out.Policy = rest
		return nil
	case "time":
		zone, err := time.LoadLocation(zoneName)
		if err != nil {
			return err
		}
		s.out.Begin, err = time.ParseInLocation("2006-01-02 15:04", rest, zone)
		return err
	case "place":
		return s.place(rest, false)
	case "old":
		return s.place(strings.TrimPrefix(rest, "place "), true)
	case "moved":
		from, to, ok := strings.Cut(rest, " to ")
		if !ok {
			return errors.New(`expected "moved NAME to NAME"`)
		}
		s.moves = append(s.moves, move{from, to, s.at})
		return nil
	}
	return s.person(rest, word == "duty")
}

// place adds a commune: a name, and then words with their values.
func (s *scene) place(rest string, old bool) error {
	name, more := cutAt(rest, "district", "code", "station", "refuge", "hamlets")
	s.next++
	p := flows.Place{
		Name: name, Type: "Xã", District: more["district"], Province: "Phú Thọ", Parent: provinceID,
		HealthStation: more["station"], SafeHouse: more["refuge"],
		Hamlets: hamlets(more["hamlets"]),
	}
	code := more["code"]
	if code == "" {
		code = fmt.Sprintf("%05d", 4000+s.next)
	}
	from := validFrom
	if old {
		from, p.Until, p.Province = "2004-01-01", validFrom, "Hòa Bình"
	}
	p.ID = flows.NewPlaceID(code, from)
	s.out.Directory.Places = append(s.out.Directory.Places, p)
	for _, key := range []string{name, name + ", " + p.District} {
		if _, ok := s.places[key]; !ok {
			s.places[key] = p.ID
		}
	}
	return nil
}

// hamlets reads a list with commas.
func hamlets(list string) []string {
	var out []string
	for h := range strings.SplitSeq(list, ",") {
		if h = strings.TrimSpace(h); h != "" {
			out = append(out, h)
		}
	}
	return out
}

func (s *scene) person(rest string, duty bool) error {
	head, more := cutAt(rest, "level", "place", "role", "language")
	number, name, ok := strings.Cut(head, " ")
	if !ok {
		return errors.New("expected PHONE NAME level N place P")
	}
	phone, err := flows.ParsePhone(number)
	if err != nil {
		return err
	}
	level, err := strconv.Atoi(more["level"])
	if err != nil {
		return fmt.Errorf("expected level 0 to 5, got %q", more["level"])
	}
	m := flows.Member{
		ID: flows.MemberID(name), Name: name, Role: more["role"], Level: flows.Level(level),
		Phones: []flows.Phone{phone}, Language: more["language"],
	}
	s.out.Phones[name] = phone
	s.people = append(s.people, person{m, more["place"], duty, s.at})
	return nil
}

// cutAt parts "Tan Lap district Lac Son" at the words given.
func cutAt(s string, words ...string) (head string, more map[string]string) {
	more = map[string]string{}
	current, parts := "", map[string][]string{}
	for f := range strings.FieldsSeq(s) {
		isWord := false
		for _, w := range words {
			isWord = isWord || f == w
		}
		if isWord {
			current = f
			continue
		}
		parts[current] = append(parts[current], f)
	}
	for k, v := range parts {
		more[k] = strings.Join(v, " ")
	}
	return more[""], more
}

// finish turns the names in the lines into ids.
func (s *scene) finish(fault func(at here, format string, args ...any)) Scene {
	dir := &s.out.Directory
	id := func(at here, name string) flows.PlaceID {
		p, ok := s.places[name]
		if !ok {
			fault(at, "no line sets the place %q", name)
		}
		return p
	}
	for _, m := range s.moves {
		dir.Mapping = append(dir.Mapping, flows.Succession{Old: id(m.at, m.from), New: id(m.at, m.to)})
	}
	everyDay := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	for _, p := range s.people {
		p.member.Place = id(p.at, p.place)
		dir.Members = append(dir.Members, p.member)
		if p.duty {
			dir.Shifts = append(dir.Shifts, flows.Shift{
				Place: p.member.Place, Level: p.member.Level, Member: p.member.ID, Days: everyDay, From: 0, To: 24 * 60,
			})
		}
	}
	return s.out
}
