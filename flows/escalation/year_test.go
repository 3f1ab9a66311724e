package escalation_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/flows/escalation"
)

// chance is what people do in the year: the same question gets the same answer.
type chance struct{}

func roll(n int, what ...any) int {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, what...)
	return int(h.Sum64() % uint64(n))
}

func (chance) reacts(n int, who string, k int) (word, answer string, after int) {
	switch x := roll(10, "word", n, who, k); {
	case x < 6:
		word = "delivered"
	case x < 8:
		word = "undelivered"
	}
	after = 2 + roll(60, "after", n, who, k)
	switch x := roll(10, "answer", n, who, k); {
	case x < 3:
		answer = "take"
	case x < 5:
		answer = "decline"
	}
	return word, answer, after
}

func (chance) works(n int, who string, k int) (assess, decide, plan, approve, closing int) {
	some := func(what string, often, most int) int {
		if roll(10, what, "ever", n, who, k) >= often {
			return -1
		}
		return 5 + roll(most, what, n, who, k)
	}
	return some("assess", 6, 500), some("decide", 6, 900), some("plan", 5, 9*dayLong), some("approve", 4, 12*dayLong), some("close", 6, 20*dayLong)
}

// province is a year of rotas: 46 communes and the provincial levels, about 300
// members, four rotas one after the other.
type provinceYear struct {
	places []flows.PlaceID
	dirs   []flows.Directory // each for a quarter of the year
	worlds []escalation.World
	outage [][2]int
}

func (y *provinceYear) at(minute int) int { return min(minute/(92*dayLong), len(y.dirs)-1) }

// until is the end of the outage that a minute is in.
func (y *provinceYear) until(minute int) int {
	for _, o := range y.outage {
		if minute >= o[0] && minute < o[1] {
			return o[1]
		}
	}
	return minute
}

func newProvinceYear(t *testing.T) *provinceYear {
	t.Helper()
	y := &provinceYear{outage: [][2]int{{33*dayLong + 700, 33*dayLong + 820}, {120*dayLong + 100, 120*dayLong + 520}, {250 * dayLong, 251*dayLong + 120}}}
	texts := flows.Texts{}
	policy, calendar := shippedPolicy(t), shippedCalendar(t)
	for quarter := range 4 {
		d := y.directory(quarter)
		r, err := escalation.NewRoster(d)
		if err != nil {
			t.Fatal(err)
		}
		y.dirs = append(y.dirs, d)
		y.worlds = append(y.worlds, escalation.World{Policy: policy, Roster: r, Texts: texts, Calendar: calendar})
	}
	return y
}

func (y *provinceYear) directory(quarter int) flows.Directory {
	d := flows.Directory{Version: strconv.Itoa(quarter), Province: province, Zone: "Asia/Ho_Chi_Minh"}
	n := 0
	add := func(id string, place flows.PlaceID, level flows.Level) flows.MemberID {
		m := member(id, place, level, n)
		n++
		if n%3 == 0 {
			m.Phones = append(m.Phones, phone(5000+n))
		}
		d.Members = append(d.Members, m)
		return m.ID
	}
	shift := func(place flows.PlaceID, level flows.Level, id flows.MemberID, days []time.Weekday, from, to int) {
		d.Shifts = append(d.Shifts, flows.Shift{Place: place, Level: level, Member: id, Days: days, From: from * 60, To: to * 60})
	}
	week, weekend := []time.Weekday{1, 2, 3, 4, 5}, []time.Weekday{0, 6}
	y.places = nil
	for c := range 46 {
		place := flows.PlaceID(fmt.Sprintf("%05d@2025-07-01", 5000+c))
		y.places = append(y.places, place)
		d.Places = append(d.Places, flows.Place{ID: place})
		duty := []flows.MemberID{
			add(fmt.Sprintf("c%02d-duty1", c), place, 1), add(fmt.Sprintf("c%02d-duty2", c), place, 1), add(fmt.Sprintf("c%02d-duty3", c), place, 1),
		}
		day, night, end := duty[quarter%3], duty[(quarter+1)%3], duty[(quarter+2)%3]
		shift(place, 1, day, week, 7, 19)
		shift(place, 1, night, everyDay, 19, 7)
		if c%5 != 0 { // else nobody at the weekend by day
			shift(place, 1, end, weekend, 7, 19)
			shift(place, 1, day, weekend, 12, 16)
		}
		head := add(fmt.Sprintf("c%02d-head", c), place, 2)
		if c%2 == 0 {
			shift(place, 2, head, everyDay, 6, 22)
		} else {
			shift(place, 2, head, everyDay, 0, 24)
		}
		chair, police := add(fmt.Sprintf("c%02d-chair", c), place, 3), add(fmt.Sprintf("c%02d-police", c), place, 3)
		if c%7 != 0 {
			shift(place, 3, chair, week, 7, 17)
		}
		shift(place, 3, police, everyDay, 18, 6)
		from := newYear().Add(time.Duration(roll(300, "from", c, quarter)*dayLong+roll(dayLong, "hour", c, quarter)) * time.Minute)
		d.Overrides = append(d.Overrides,
			flows.Override{Place: place, Level: 1, Member: duty[roll(3, "who", c)], Start: from, End: from.Add(60 * time.Hour)},
			flows.Override{Place: place, Level: 1, Start: from.Add(20 * time.Hour), End: from.Add(40 * time.Hour)})
	}
	for i := range 8 {
		desk := add(fmt.Sprintf("p-desk%d", i), province, 0)
		shift(province, 0, desk, everyDay, i%4*6, i%4*6+6)
	}
	for i := range 10 {
		shift(province, 4, add(fmt.Sprintf("p-dept%d", i), province, 4), week, 7+i%2, 17)
	}
	shift(province, 4, "p-dept0", weekend, 8, 12)
	for i := range 6 {
		shift(province, 5, add(fmt.Sprintf("p-committee%d", i), province, 5), everyDay, 6, 20)
	}
	return d
}

// cases draws the year's contacts and keeps those that become cases.
func (y *provinceYear) cases() []modelCase {
	r := rand.New(rand.NewPCG(7, 9))
	var list []modelCase
	for contact := range 5000 {
		at := r.IntN(364 * dayLong)
		if contact%25 != 0 && contact%50 != 1 { // the others are silent or ask for something
			continue
		}
		c := modelCase{n: contact, opened: y.until(at), urgent: r.IntN(3) == 0, place: r.IntN(len(y.places)), official: r.IntN(30) == 0}
		if r.IntN(10) == 0 {
			c.place = -1
		}
		list = append(list, c)
	}
	for contact := 5000; len(list) < 400; contact++ {
		list = append(list, modelCase{n: contact, opened: y.until(r.IntN(364 * dayLong)), urgent: contact%2 == 0, place: contact % len(y.places)})
	}
	return list
}

// year plays one case by the package.
type year struct {
	*provinceYear
	modelCase
	c      flows.Case
	events []modelEvent
	seq    int
	kth    map[string]int
	wth    map[string]int
	log    []string
}

func (y *year) minute(at int) time.Time { return newYear().Add(time.Duration(at) * time.Minute) }

func (y *year) run(t *testing.T, horizon int) []string {
	now := y.minute(y.opened)
	c := flows.Case{
		ID: flows.CaseID(fmt.Sprintf("00year%d", y.n)), Status: flows.StatusIntake, Severity: flows.Normal,
		AgainstOfficial: y.official, Opened: now, Version: 1,
	}
	if y.urgent {
		c.Severity = flows.Urgent
	}
	if y.place >= 0 {
		c.Place = y.places[y.place]
	}
	y.kth, y.wth = map[string]int{}, map[string]int{}
	y.c = c
	y.apply(y.opened, escalation.Route(now, c, y.worlds[y.at(y.opened)]))
	for at := y.opened; y.c.IsOpen(); {
		at = y.next(at)
		if at >= horizon {
			break
		}
		y.happen(at)
		if ch := escalation.FireAll(y.minute(at), y.c, y.worlds[y.at(at)]); ch.Case.ID != "" {
			y.apply(at, ch)
		}
		if y.c.IsOpen() && len(y.c.Timers) == 0 {
			t.Fatalf("case %d has no timer", y.n)
		}
	}
	return y.log
}

// next is the next minute at which something happens, an outage permitting.
func (y *year) next(at int) int {
	next := never
	for _, e := range y.events {
		next = min(next, e.at)
	}
	for _, ms := range y.c.Timers {
		next = min(next, minuteOf(flows.Moment(ms)))
	}
	return y.until(max(next, at))
}

func (y *year) plan(e modelEvent) {
	y.seq++
	e.seq = y.seq
	y.events = append(y.events, e)
}

func (y *year) happen(at int) {
	for y.c.IsOpen() {
		slices.SortFunc(y.events, func(a, b modelEvent) int {
			if a.at != b.at {
				return a.at - b.at
			}
			return a.seq - b.seq
		})
		if len(y.events) == 0 || y.events[0].at > at {
			return
		}
		e := y.events[0]
		y.events = y.events[1:]
		y.one(at, e)
	}
}

func (y *year) one(at int, e modelEvent) {
	now, w := y.minute(at), y.worlds[y.at(at)]
	m, _ := w.Roster.Member(flows.MemberID(e.who))
	var ch flows.Change
	var err error
	switch e.kind {
	case "delivered", "undelivered":
		ch, _ = dispatch.Deliver(now, y.c, e.id, flows.Status{Delivery: flows.Delivery(e.kind)})
	case "take":
		ch, err = escalation.Take(now, y.c, m, flows.SMS, w)
	case "decline":
		if y.c.Status == flows.StatusOpen {
			ch, err = escalation.Decline(now, y.c, m, flows.SMS, w)
		}
	case "close":
		if y.c.Holder == m.ID {
			ch, err = escalation.Close(now, y.c, m, flows.SMS, w)
		}
	default:
		if y.c.Holder == m.ID {
			ch, err = escalation.Enter(now, y.c, m, flows.Stage(e.kind), flows.SMS, w)
		}
	}
	if err == nil && ch.Case.ID != "" {
		y.apply(at, ch)
	}
}

// apply takes a change over and lets people react to it.
func (y *year) apply(at int, ch flows.Change) {
	y.c = ch.Case
	y.c.Version++
	for _, e := range ch.Events {
		line := ""
		switch e.Kind {
		case flows.EventAlerted:
			line = fmt.Sprintf("%s %s %d", e.Via, e.By, e.Level)
		case flows.EventTaken, flows.EventDeclined:
			line = fmt.Sprintf("%s %s", e.Kind, e.By)
		case flows.EventPaged, flows.EventReopened, flows.EventClosed:
			line = string(e.Kind)
		case flows.EventEntered:
			line = "entered " + e.Reason
		case flows.EventWarned, flows.EventBreached:
			line = fmt.Sprintf("%s %s", e.Kind, strings.Split(e.Reason, "_")[0])
		default:
			continue
		}
		y.log = append(y.log, fmt.Sprintf("%d %s", at, line))
		if e.Kind == flows.EventTaken {
			y.holds(at, string(e.By))
		}
	}
	for _, sent := range ch.Send {
		if sent.Purpose != flows.PurposeAlert {
			continue
		}
		who := string(sent.To)
		k := y.kth[who]
		y.kth[who]++
		word, answer, after := chance{}.reacts(y.n, who, k)
		if word != "" {
			y.plan(modelEvent{at: at + 1, kind: word, id: sent.ID})
		}
		if answer != "" && word != "undelivered" {
			y.plan(modelEvent{at: at + after, kind: answer, who: who})
		}
	}
}

func (y *year) holds(at int, who string) {
	k := y.wth[who]
	y.wth[who]++
	a, d, p, ap, c := chance{}.works(y.n, who, k)
	for i, after := range []int{a, d, p, ap, c} {
		if after >= 0 {
			y.plan(modelEvent{at: at + after, kind: []string{"assessed", "decided", "planned", "approved", "close"}[i], who: who})
		}
	}
}

// TestAYearOfAProvinceAgreesWithTheSlowModel compares every level asked, every
// page, warning, breach and entry of 400 cases, minute by minute.
func TestAYearOfAProvinceAgreesWithTheSlowModel(t *testing.T) {
	p := newProvinceYear(t)
	cases := p.cases()
	kinds := map[string]int{}
	for _, mc := range cases {
		horizon := mc.opened + 45*dayLong
		m := &model{
			modelCase: mc, people: chance{}, until: p.until,
			duty: func(place, level, minute int) []string {
				return modelDuty(&p.dirs[p.at(minute)], p.places, level, place, minute)
			},
			phones: func(who string) int { return len(p.find(who).Phones) },
			rank:   func(who string) int { return int(p.find(who).Level) },
		}
		want := sorted(m.run(horizon))
		got := sorted((&year{provinceYear: p, modelCase: mc}).run(t, horizon))
		if i := firstDifference(want, got); i >= 0 {
			t.Fatalf("case %d, opened at %d, urgent %v, place %d, official %v: line %d\nmodel:   %v\npackage: %v",
				mc.n, mc.opened, mc.urgent, mc.place, mc.official, i, around(want, i), around(got, i))
		}
		for _, line := range want {
			kinds[strings.Fields(line)[1]]++
		}
	}
	t.Logf("%d cases, %d members; %v", len(cases), len(p.dirs[0].Members), kinds)
	for _, k := range []string{"sms", "voice", "taken", "declined", "paged", "reopened", "entered", "warned", "breached", "closed"} {
		if kinds[k] < 20 {
			t.Errorf("the year has only %d lines of %q: it proves little", kinds[k], k)
		}
	}
}

func (y *provinceYear) find(who string) flows.Member {
	m, _ := y.worlds[0].Roster.Member(flows.MemberID(who))
	return m
}

// sorted orders lines by minute; within a minute the order says nothing.
func sorted(lines []string) []string {
	slices.SortFunc(lines, func(a, b string) int {
		x, _, _ := strings.Cut(a, " ")
		y, _, _ := strings.Cut(b, " ")
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		return strings.Compare(a, b)
	})
	return lines
}

func firstDifference(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return -1
}

func around(lines []string, i int) string {
	return strings.Join(lines[max(0, min(i-6, len(lines))):min(len(lines), i+4)], " | ")
}
