package escalation_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/engine"
	"hotline/flows/escalation"
	"hotline/flows/sms"
)

const (
	maiChau  = flows.PlaceID("04891@2025-07-01")
	pieng    = flows.PlaceID("04900@2025-07-01")
	province = flows.PlaceID("25@2025-07-01")
)

// noon is a Monday, noon in Viet Nam.
func noon(t testing.TB) time.Time {
	t.Helper()
	return time.Date(2026, 11, 23, 12, 0, 0, 0, mustZone(t, "Asia/Ho_Chi_Minh"))
}

func shippedTexts(t testing.TB) flows.Texts {
	t.Helper()
	texts, err := engine.LoadPlainTexts(os.DirFS("../../configs"), sms.Unaccent)
	if err != nil {
		t.Fatal(err)
	}
	for _, keys := range texts {
		maps.DeleteFunc(keys, func(key, _ string) bool { return !strings.HasPrefix(key, "alert.") })
	}
	return texts
}

func shippedCalendar(t testing.TB) *escalation.Calendar {
	t.Helper()
	data, err := os.ReadFile("../../configs/calendar.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := escalation.ParseCalendar("calendar.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var everyDay = []time.Weekday{0, 1, 2, 3, 4, 5, 6}

// member makes a member with one invented phone.
func member(id string, place flows.PlaceID, level flows.Level, n int) flows.Member {
	return flows.Member{
		ID: flows.MemberID(id), Name: id, Role: id, Place: place, Level: level,
		Phones: []flows.Phone{phone(n)}, Language: "vi",
	}
}

func phone(n int) flows.Phone {
	p, _ := flows.ParsePhone(fmt.Sprintf("+8490%07d", n))
	return p
}

func always(m flows.Member) flows.Shift {
	return flows.Shift{Place: m.Place, Level: m.Level, Member: m.ID, Days: everyDay, From: 0, To: 24 * 60}
}

// directory has two duty members, a head and a chair in Mai Chau, a desk, a
// department and a committee; Pieng has nobody.
func directory() flows.Directory {
	d := flows.Directory{
		Version: "test", Province: province, Zone: "Asia/Ho_Chi_Minh",
		Places: []flows.Place{{ID: maiChau, Name: "Mai Châu"}, {ID: pieng, Name: "Piềng"}},
		Members: []flows.Member{
			member("duty1", maiChau, flows.LevelDuty, 1),
			member("duty2", maiChau, flows.LevelDuty, 2),
			member("head", maiChau, flows.LevelHead, 3),
			member("chair", maiChau, flows.LevelChair, 4),
			member("desk", province, flows.LevelDesk, 5),
			member("dept", province, flows.LevelDepartment, 6),
			member("committee", province, flows.LevelCommittee, 7),
		},
	}
	d.Members[1].Phones = append(d.Members[1].Phones, phone(102))
	for _, m := range d.Members {
		d.Shifts = append(d.Shifts, always(m))
	}
	return d
}

func worldOf(t testing.TB, d flows.Directory) escalation.World {
	t.Helper()
	r, err := escalation.NewRoster(d)
	if err != nil {
		t.Fatal(err)
	}
	return escalation.World{Policy: shippedPolicy(t), Roster: r, Texts: shippedTexts(t), Calendar: shippedCalendar(t)}
}

// filed is a case at the end of its dialogue.
func filed(now time.Time, n int, severity flows.Severity, place flows.PlaceID) flows.Case {
	return flows.Case{
		ID: flows.CaseID(fmt.Sprintf("%02dcase%06d", n%4, n)), Ref: "K7F4", Version: 1, Status: flows.StatusIntake,
		Severity: severity, Danger: severity == flows.Urgent, Place: place, Channel: flows.USSD, Opened: now,
		Timers: flows.Timers{flows.TimerIntake: flows.Millis(now.Add(3 * time.Minute))},
	}
}

func kinds(ch flows.Change) []string {
	var list []string
	for _, e := range ch.Events {
		list = append(list, string(e.Kind)+" "+e.Reason)
	}
	return list
}

// memory is a store in memory: what the store promises, for one process.
type memory struct {
	mu      sync.Mutex
	cases   map[flows.CaseID]flows.Case
	events  map[flows.CaseID][]flows.Event
	sent    []flows.Message
	commits int
}

func newMemory(cases ...flows.Case) *memory {
	m := &memory{cases: map[flows.CaseID]flows.Case{}, events: map[flows.CaseID][]flows.Event{}}
	for _, c := range cases {
		m.cases[c.ID] = c
	}
	return m
}

func (m *memory) Case(_ context.Context, id flows.CaseID) (flows.Case, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.cases[id]
	if !ok {
		return c, flows.ErrNotFound
	}
	return c.Clone(), nil
}

func (m *memory) CaseByRef(_ context.Context, ref flows.Ref) (flows.Case, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.cases {
		if c.Ref == ref {
			return c.Clone(), nil
		}
	}
	return flows.Case{}, flows.ErrNotFound
}

func (m *memory) Commit(_ context.Context, ch flows.Change) (flows.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cases[ch.Case.ID].Version != ch.From {
		return flows.Outcome{}, flows.ErrConflict
	}
	c := ch.Case.Clone()
	c.Version = ch.From + 1
	m.cases[c.ID] = c
	m.events[c.ID] = append(m.events[c.ID], ch.Events...)
	m.sent = append(m.sent, ch.Send...)
	m.commits++
	return flows.Outcome{Version: c.Version}, nil
}

func (m *memory) Due(_ context.Context, partition int, now time.Time, n int) ([]flows.DueCase, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var due []flows.DueCase
	for id, c := range m.cases {
		if id.Partition() != partition || len(c.Timers) == 0 {
			continue
		}
		if ms := slices.Min(slices.Collect(maps.Values(c.Timers))); ms <= flows.Millis(now) {
			due = append(due, flows.DueCase{Case: id, Due: flows.Moment(ms)})
		}
	}
	sort.Slice(due, func(i, j int) bool { return due[i].Due.Before(due[j].Due) })
	return due[:min(n, len(due))], nil
}

// play walks a case through time: at each step the earliest timer fires.
type play struct {
	t   testing.TB
	w   escalation.World
	now time.Time
	c   flows.Case
	log []string
}

func (p *play) apply(ch flows.Change) {
	p.t.Helper()
	if ch.Case.ID == "" {
		p.t.Fatal("the change changes nothing")
	}
	p.c = ch.Case
	p.c.Version++
	for _, e := range ch.Events {
		line := fmt.Sprintf("%s %s", e.Kind, e.Reason)
		if e.Kind == flows.EventAlerted {
			line = fmt.Sprintf("%s %s", e.Via, e.By)
		}
		p.log = append(p.log, line)
	}
	if p.c.IsOpen() && len(p.c.Timers) == 0 {
		p.t.Errorf("the case is %s and has no timer after %v", p.c.Status, kinds(ch))
	}
}

// next fires the earliest timer at the moment it is due; of two the more pressing.
func (p *play) next() {
	p.t.Helper()
	var names []flows.TimerName
	for n := range p.c.Timers {
		names = append(names, n)
	}
	order := escalation.TimerOrder()
	slices.SortFunc(names, func(a, b flows.TimerName) int {
		return cmp.Or(cmp.Compare(p.c.Timers[a], p.c.Timers[b]), cmp.Compare(slices.Index(order, a), slices.Index(order, b)))
	})
	if len(names) == 0 {
		p.t.Fatal("no timer is left")
	}
	due := flows.Moment(p.c.Timers[names[0]])
	if due.After(p.now) {
		p.now = due
	}
	p.apply(escalation.Fire(p.now, p.c, flows.Timer{Name: names[0], Due: due}, p.w))
}

// took is what the log says since it was last asked.
func (p *play) took() []string {
	log := p.log
	p.log = nil
	return log
}

func refusal(err error) escalation.Refusal {
	if r, ok := errors.AsType[*escalation.Refused](err); ok {
		return r.Reason
	}
	return ""
}
