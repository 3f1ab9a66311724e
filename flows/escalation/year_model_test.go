package escalation_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/flows"
)

// The slow model of the ladder and the clocks: minutes since midnight of
// 1 January 2026 in Viet Nam, a loop over every minute, tables written out by
// hand. It shares no code with the package; where both agree over a year of a
// province, both have read the rules the same way.

const (
	dayLong = 24 * 60
	never   = 1 << 40
)

// modelWaits are minutes by severity and level; modelSteps the steps in them.
var (
	modelWaits = map[bool][]int{
		true:  {5, 15, 30, 60, 180, 180},
		false: {30, 120, 480, 24 * 60, 48 * 60, 48 * 60},
	}
	modelSteps = map[bool][][]int{
		true:  {{0, 2}, {0, 5}, {0, 5, 15}, {0, 5, 30}, {0, 10, 60}, {0, 10, 60}},
		false: {{0, 15}, {0, 60}, {0, 120}, {0, 240}, {0, 480}, {0, 480}},
	}
	modelOff = []string{ // days off of 2026 and the first of 2027
		"01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "04-27", "04-30", "05-01", "08-31", "09-01", "09-02",
	}
	modelWorked = []string{"01-10", "08-22"}
)

// modelCase is one case of the year, as both sides get it.
type modelCase struct {
	n        int
	opened   int
	urgent   bool
	place    int // number of the commune, -1: not known
	official bool
}

// humans say what people do; both sides ask them.
type humans interface {
	// reacts is what a member does about their kth alert of a case: the word of
	// the provider after a minute ("", delivered, undelivered), then an answer
	// ("", take, decline) after some minutes.
	reacts(n int, who string, k int) (word, answer string, after int)
	// works is when a holder who took a case for the kth time enters things,
	// in minutes after taking; -1: never.
	works(n int, who string, k int) (assess, decide, plan, approve, closing int)
}

type modelAlert struct {
	who      string
	level    int
	visit    int
	voice    bool
	phone    int
	state    string // "", delivered, undelivered
	declined bool
	followed bool
}

type modelEvent struct {
	at    int
	seq   int
	alert int // of a word, in the model
	id    flows.MessageID
	kind  string
	who   string
}

type model struct {
	modelCase
	duty   func(place, level, minute int) []string
	phones func(who string) int
	rank   func(who string) int // the level of a member
	people humans
	until  func(int) int // end of the outage that a minute is in, or the minute

	status string
	level  int
	visit  int
	spent  int // minutes of the wait that are over
	step   int
	look   int // when nobody is on duty: look again then
	alerts []modelAlert
	events []modelEvent
	seq    int
	holder string
	taken  int
	paged  int
	entry  int
	kth    map[string]int
	wth    map[string]int
	clocks map[string][]int // marks not yet passed; the last is the limit
	review int
	log    []string
}

func (m *model) say(at int, format string, args ...any) {
	m.log = append(m.log, fmt.Sprintf("%d ", at)+fmt.Sprintf(format, args...))
}

func (m *model) path() []int {
	if m.official || m.place < 0 {
		return []int{0, 4, 5}
	}
	return []int{1, 2, 3, 4, 5}
}

// run plays the case until it is closed or a horizon is reached.
func (m *model) run(horizon int) []string {
	m.kth, m.wth = map[string]int{}, map[string]int{}
	m.status, m.entry, m.review = "open", never, m.opened+30*dayLong
	form := []int{m.opened + 20*60, m.opened + 24*60}
	reporter := []int{workday(m.opened, 3) + 480, workday(m.opened, 3) + dayLong}
	if m.urgent {
		form, reporter = []int{m.opened + 3*60, m.opened + 4*60}, []int{m.opened + 20*60, m.opened + 24*60}
	}
	m.clocks = map[string][]int{
		"assessment": form, "feedback": reporter,
		"decision": {m.opened + 360, m.opened + 540, m.opened + 660, m.opened + 720},
		"plan":     {workday(m.opened, 3) + 480, workday(m.opened, 4) + 480, workday(m.opened, 5) + dayLong},
		"approval": {workday(m.opened, 6) + 480, workday(m.opened, 7) + dayLong},
	}
	m.start(m.opened)
	for at := m.opened; at < horizon && m.status != "closed"; at++ {
		if at > m.opened {
			m.count(at - 1)
		}
		if m.until(at) != at {
			continue // an outage: neither words nor answers nor timers get through
		}
		m.happen(at)
		if m.status == "open" {
			m.ladder(at)
		}
		if m.status == "taken" && at >= m.entry {
			m.page(at)
		}
		m.legal(at)
	}
	return m.log
}

// count lets a minute of the wait pass: by night only for urgent cases and the
// desk.
func (m *model) count(at int) {
	hour := at % dayLong / 60
	if m.urgent || m.level == 0 || hour >= 6 && hour < 22 {
		m.spent++
	}
}

// start asks the lowest level of the path that is staffed.
func (m *model) start(at int) {
	for _, l := range m.path() {
		if m.ask(at, l) {
			return
		}
	}
	m.desk(at)
}

func (m *model) desk(at int) {
	if !m.ask(at, 0) {
		m.look = at + 5
		m.visit++
	}
}

// ask begins to ask a level, if somebody is on duty there.
func (m *model) ask(at, level int) bool {
	who := m.duty(m.place, level, at)
	if len(who) == 0 {
		return false
	}
	if !m.urgent {
		who = who[:1]
	}
	m.level, m.spent, m.step, m.look = level, 0, 1, -1
	m.visit++
	for _, w := range who {
		m.alert(at, w, false)
	}
	return true
}

func (m *model) alert(at int, who string, voice bool) {
	m.alertAt(at, modelAlert{who: who, level: m.level, visit: m.visit, voice: voice})
}

func (m *model) alertAt(at int, a modelAlert) {
	who := a.who
	by := "sms"
	if a.voice {
		by = "voice"
	}
	m.say(at, "%s %s %d", by, who, a.level)
	m.alerts = append(m.alerts, a)
	k := m.kth[who]
	m.kth[who]++
	word, answer, after := m.people.reacts(m.n, who, k)
	if word != "" {
		m.plan(modelEvent{at: at + 1, kind: word, alert: len(m.alerts) - 1})
	}
	if answer != "" && word != "undelivered" {
		m.plan(modelEvent{at: at + after, kind: answer, who: who})
	}
}

func (m *model) plan(e modelEvent) {
	m.seq++
	e.seq = m.seq
	m.events = append(m.events, e)
}

// happen lets words and answers arrive.
func (m *model) happen(at int) {
	for {
		best := -1
		for i, e := range m.events {
			if e.at <= at && (best < 0 || e.at < m.events[best].at || e.at == m.events[best].at && e.seq < m.events[best].seq) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		e := m.events[best]
		m.events = slices.Delete(m.events, best, best+1)
		m.one(at, e)
		if m.status == "closed" {
			return
		}
	}
}

func (m *model) one(at int, e modelEvent) {
	switch e.kind {
	case "delivered", "undelivered":
		m.alerts[e.alert].state = e.kind
	case "take":
		if m.status == "open" && m.mine(e.who) {
			m.take(at, e.who)
		}
	case "decline":
		if m.status == "open" && m.mine(e.who) {
			m.decline(at, e.who)
		}
	default:
		if m.status == "taken" && m.holder == e.who {
			m.enter(at, e.kind)
		}
	}
}

// mine reports whether a case may be answered by somebody: all sides only ever
// ask people who may, unless it has been hidden from them since.
func (m *model) mine(who string) bool {
	return !m.official || strings.HasPrefix(who, "p")
}

func (m *model) take(at int, who string) {
	m.status, m.holder, m.taken, m.paged = "taken", who, at, 0
	m.say(at, "taken %s", who)
	m.entry = at + 24*60
	if m.urgent {
		m.entry = at + 4*60
	}
	if m.clocks["worked"] != nil {
		m.entry = never
	}
	k := m.wth[who]
	m.wth[who]++
	a, d, p, ap, c := m.people.works(m.n, who, k)
	for i, after := range []int{a, d, p, ap, c} {
		if after >= 0 {
			m.plan(modelEvent{at: at + after, kind: []string{"assessed", "decided", "planned", "approved", "close"}[i], who: who})
		}
	}
}

func (m *model) decline(at int, who string) {
	open, now := false, false
	for i := range m.alerts {
		if a := &m.alerts[i]; a.who == who && !a.declined {
			a.declined, open = true, true
			now = now || a.visit == m.visit && a.level == m.level
		}
	}
	if !open {
		return
	}
	m.say(at, "declined %s", who)
	if now && !m.mayStill() {
		m.onward(at)
	}
}

// mayStill reports whether somebody of the level may still answer.
func (m *model) mayStill() bool {
	no := map[string]bool{}
	for _, a := range m.here() {
		no[a.who] = no[a.who] || a.declined
	}
	for _, a := range m.here() {
		if !no[a.who] && a.state != "undelivered" {
			return true
		}
	}
	return false
}

func (m *model) here() []*modelAlert {
	var list []*modelAlert
	for i := range m.alerts {
		if a := &m.alerts[i]; a.visit == m.visit && a.level == m.level {
			list = append(list, a)
		}
	}
	return list
}

// fresh lists who is on duty at the level and was not asked in this visit.
func (m *model) fresh(at int) []string {
	var list []string
	for _, w := range m.duty(m.place, m.level, at) {
		if !slices.ContainsFunc(m.here(), func(a *modelAlert) bool { return a.who == w }) {
			list = append(list, w)
		}
	}
	if !m.urgent && len(list) > 1 {
		list = list[:1]
	}
	return list
}

// onward asks the next person, or else the next level, or else nobody.
func (m *model) onward(at int) {
	if list := m.fresh(at); len(list) > 0 {
		for _, w := range list {
			m.alert(at, w, false)
		}
		return
	}
	m.higher(at)
}

func (m *model) higher(at int) bool {
	path := m.path()
	for _, l := range path[slices.Index(path, m.level)+1:] {
		if m.ask(at, l) {
			return true
		}
	}
	return false
}

func (m *model) climb(at int) {
	if m.higher(at) {
		return
	}
	path := m.path()
	for i := slices.Index(path, m.level); i >= 0; i-- {
		if m.ask(at, path[i]) {
			return
		}
	}
	m.desk(at)
}

// workday is the midnight that begins the nth working day after a minute's day.
func workday(at, n int) int {
	day := at / dayLong
	for n > 0 {
		day++
		date := dateOf(day)
		weekday := (day + 4) % 7 // day 0 is a Thursday
		if slices.Contains(modelWorked, date) || weekday != 0 && weekday != 6 && !slices.Contains(modelOff, date) {
			n--
		}
	}
	return day * dayLong
}

// dateOf is the month and day of a day of 2026, or of 2027 past its end.
func dateOf(day int) string {
	if day >= 365 {
		day -= 365
		if day == 0 {
			return "01-01"
		}
		return "27-" + fmt.Sprint(day)
	}
	for month, long := range []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31} {
		if day < long {
			return fmt.Sprintf("%02d-%02d", month+1, day+1)
		}
		day -= long
	}
	return ""
}

// modelDuty is who is on duty, by going through the whole rota.
func modelDuty(d *flows.Directory, places []flows.PlaceID, level, place, at int) []string {
	id := d.Province
	if level >= 1 && level <= 3 {
		if place < 0 {
			return nil
		}
		id = places[place]
	}
	return dutyAt(d, id, level, at)
}

func dutyAt(d *flows.Directory, id flows.PlaceID, level, at int) []string {
	var who []string
	add := func(m flows.MemberID) {
		if m != "" && !slices.Contains(who, string(m)) {
			who = append(who, string(m))
		}
	}
	latest, found := -1, false
	for _, o := range d.Overrides {
		if o.Place == id && int(o.Level) == level && minuteOf(o.Start) <= at && at < minuteOf(o.End) {
			latest, found = max(latest, minuteOf(o.Start)), true
		}
	}
	for _, o := range d.Overrides {
		if found && o.Place == id && int(o.Level) == level && minuteOf(o.Start) == latest && at < minuteOf(o.End) {
			add(o.Member)
		}
	}
	if found {
		return who
	}
	weekday, minute := (at/dayLong+4)%7, at%dayLong
	on := func(days []time.Weekday, day int) bool { return slices.Contains(days, time.Weekday(day)) }
	for _, s := range d.Shifts {
		if s.Place != id || int(s.Level) != level {
			continue
		}
		switch {
		case s.From < s.To && on(s.Days, weekday) && s.From <= minute && minute < s.To:
			add(s.Member)
		case s.From >= s.To && (on(s.Days, weekday) && minute >= s.From || on(s.Days, (weekday+6)%7) && minute < s.To):
			add(s.Member)
		}
	}
	return who
}

// newYear is minute 0.
func newYear() time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("+07", 7*3600))
}

func minuteOf(t time.Time) int { return int(t.Sub(newYear()).Minutes()) }
