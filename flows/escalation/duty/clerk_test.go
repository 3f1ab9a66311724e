package duty_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/engine"
	"hotline/flows/escalation"
	"hotline/flows/escalation/duty"
	"hotline/flows/sms"
)

// office is a clerk with everything in memory: the papers, the directory, the
// phones of the members.
type office struct {
	t       *testing.T
	clerk   *duty.Clerk
	now     time.Time
	papers  map[string][]byte
	version map[string]int64
	dir     flows.Directory
	world   escalation.World
	open    []flows.Case
	sent    map[flows.MemberID][]flows.Message
	down    bool
	changed []string
}

func (o *office) Paper(_ context.Context, name string) ([]byte, int64, error) {
	return o.papers[name], o.version[name], nil
}

func (o *office) SavePaper(_ context.Context, name string, from int64, body []byte) error {
	if o.version[name] != from {
		return flows.ErrConflict
	}
	o.papers[name], o.version[name] = body, from+1
	return nil
}

func (o *office) Papers(_ context.Context, prefix string) (names []string, err error) {
	for name := range o.papers {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (o *office) Directory(context.Context) (flows.Directory, error) { return o.dir, nil }

func (o *office) ReplaceDirectory(_ context.Context, from string, d flows.Directory) error {
	if o.dir.Version != from {
		return flows.ErrConflict
	}
	o.use(d)
	return nil
}

func (o *office) use(d flows.Directory) {
	r, err := escalation.NewRoster(d)
	if err != nil {
		o.t.Fatal(err)
	}
	o.dir, o.world.Roster = d, r
}

func (o *office) Open(context.Context) ([]flows.Case, error) { return o.open, nil }

func (o *office) Send(_ context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	if o.down {
		return flows.Sending{}, &flows.SendError{Temporary: true, Reason: "unreachable"}
	}
	if n := sms.Units(m.Text); m.Channel == flows.SMS && (sms.Class(m.Text) != sms.GSM7 || n > 160) {
		o.t.Errorf("a text of %d units: %s", n, m.Text)
	}
	if to.IsZero() {
		o.t.Error("a text to no phone")
	}
	o.sent[m.To] = append(o.sent[m.To], m)
	return flows.Sending{ID: "1"}, nil
}

// pass lets time go by in steps of a minute.
func (o *office) pass(d time.Duration) {
	o.t.Helper()
	step := max(5*time.Minute, d/60)
	for end := o.now.Add(d); ; o.now = o.now.Add(min(step, max(time.Minute, end.Sub(o.now)))) {
		for range 3 { // a step, the directory, the sending
			if err := o.clerk.Tick(context.Background(), o.now); err != nil && !o.down {
				o.t.Fatal(err)
			}
		}
		if !o.now.Before(end) {
			return
		}
	}
}

// read takes the texts that a member got since it was last asked.
func (o *office) read(id flows.MemberID) string {
	var texts []string
	for _, m := range o.sent[id] {
		texts = append(texts, m.Text)
	}
	delete(o.sent, id)
	return strings.Join(texts, "\n")
}

func (o *office) wants(id flows.MemberID, what string) string {
	o.t.Helper()
	got := o.read(id)
	if !strings.Contains(got, what) {
		o.t.Errorf("%s reads %q, want %q in it", id, got, what)
	}
	return got
}

func (o *office) says(id flows.MemberID, code flows.Ref, yes bool, want string) {
	o.t.Helper()
	m, _ := o.world.Roster.Member(id)
	text, ok, err := o.clerk.Reply(context.Background(), o.now, m, code, yes)
	if err != nil || !strings.Contains(text, want) || ok != (want != "") {
		o.t.Errorf("%s is told %q (%v, %v), want %q", id, text, ok, err, want)
	}
}

func newOffice(t *testing.T, now time.Time) *office {
	t.Helper()
	texts, err := engine.LoadPlainTexts(os.DirFS("../../../configs"), sms.Unaccent)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("../../../configs/escalation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	policy, err := escalation.ParsePolicy("escalation.yaml", file)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{
		t: t, now: now, papers: map[string][]byte{}, version: map[string]int64{}, sent: map[flows.MemberID][]flows.Message{},
		world: escalation.World{Policy: policy, Texts: texts},
	}
	d := roster(t).Directory()
	d.Version = "files"
	for i := range d.Members {
		d.Members[i].Language, d.Members[i].Name = "en", "Hà Thị "+string(d.Members[i].ID)
	}
	boss, err := flows.ParsePhone("+84900000099")
	if err != nil {
		t.Fatal(err)
	}
	d.Members = append(d.Members, flows.Member{ID: "boss", Place: province, Level: flows.LevelDepartment, Phones: []flows.Phone{boss}, Language: "en"})
	d.Shifts = append(d.Shifts, flows.Shift{Place: province, Level: flows.LevelDepartment, Member: "boss", Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, To: 24 * 60})
	o.use(d)
	o.clerk = &duty.Clerk{
		Papers: o, Directories: o, Board: o, Sender: o, World: func() escalation.World { return o.world },
		Now: func() time.Time { return o.now }, Random: rand.Reader,
		Changed: func(_ context.Context, by flows.MemberID, _, why string) {
			o.changed = append(o.changed, string(by)+": "+why)
		},
	}
	return o
}

// code finds the code in a text that begins with a word.
func code(t *testing.T, text, word string) flows.Ref {
	t.Helper()
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, word+" "); ok && len(rest) > 4 {
			return flows.Ref(rest[:4])
		}
	}
	t.Fatalf("no %s with a code in %q", word, text)
	return ""
}

func (o *office) onDuty(at time.Time) string {
	var ids []string
	for _, m := range o.world.Roster.OnDuty(commune, flows.LevelDuty, at) {
		ids = append(ids, string(m.ID))
	}
	return strings.Join(ids, "+")
}

func TestATurnThatNobodyConfirmsGoesToAColleague(t *testing.T) {
	o := newOffice(t, at(24, 6).Add(time.Minute)) // a's night turn begins at 18
	o.pass(time.Hour)
	first := code(t, o.wants("a", "24/11 18:00-06:00 is yours"), "DUTY")
	o.pass(8*time.Hour + 5*time.Minute)
	if again := code(t, o.wants("a", "Reply 1"), "DUTY"); again != first {
		t.Errorf("asked again under %s, first under %s", again, first)
	}
	o.pass(2 * time.Hour)
	o.wants("a", "has gone to somebody else")
	o.wants("c", "24/11 18:00-06:00 of a colleague is now yours")
	if got := o.onDuty(at(24, 20)); got != "c" {
		t.Errorf("on duty that night: %s, want c", got)
	}
	if got := o.onDuty(at(25, 20)); got != "a" {
		t.Errorf("on duty the night after: %s, want a", got)
	}
	if o.dir.Version != "files+1" || len(o.changed) != 1 {
		t.Errorf("version %s, changes told: %v", o.dir.Version, o.changed)
	}
	o.says("a", first, true, "has gone to somebody else")
}

func TestAConfirmedTurnStays(t *testing.T) {
	o := newOffice(t, at(24, 6))
	o.pass(time.Minute)
	o.wants("a", "Reply 1")
	o.says("b", "", true, "") // nothing waits for b
	o.says("a", "", true, "confirmed")
	o.pass(11*time.Hour + 50*time.Minute)
	if got := o.onDuty(at(24, 20)); got != "a" || o.read("c") != "" {
		t.Errorf("on duty: %s", got)
	}
	o.open = []flows.Case{
		{ID: "00x", Ref: "K7F4", Status: flows.StatusOpen, Place: commune},
		{ID: "00y", Ref: "M3P6", Status: flows.StatusOpen, Place: commune, AgainstOfficial: true},
	}
	o.read("a")
	o.pass(15 * time.Minute)
	o.says("b", "", true, "25/11 06:00-18:00 confirmed")
	if got := o.wants("a", "your turn begins, until 06:00 25/11. Open: K7F4."); strings.Contains(got, "M3P6") {
		t.Errorf("told of a case about an official: %s", got)
	}
	o.open[0].Status, o.open[0].Holder = flows.StatusTaken, "a"
	o.pass(12 * time.Hour)
	o.wants("a", "You still hold: K7F4")
}

func TestATurnIsSwappedByText(t *testing.T) {
	o := newOffice(t, at(23, 12))
	a, _ := o.world.Roster.Member("a")
	ask := func(words, want string) {
		t.Helper()
		got, err := o.clerk.Swap(t.Context(), o.now, a, words)
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("SWAP %s: %q, %v; want %q", words, got, err, want)
		}
	}
	ask("", "SWAP and the day")
	ask("soon", "SWAP and the day")
	ask("31/2", "SWAP and the day")
	ask("25/11", "asked about 25/11 18:00-06:00")
	ask("25/11", "asked about") // once more changes nothing
	o.pass(0)
	toB, toC := o.wants("b", "Ha Thi a asks you"), o.wants("c", "Ha Thi a asks you")
	if strings.Count(toB+toC, "asks you") != 2 {
		t.Errorf("asked more than once: %s %s", toB, toC)
	}
	o.says("b", code(t, toB, "DUTY"), false, "do not take")
	o.says("c", "", true, "is now yours")
	o.pass(time.Minute)
	o.wants("a", "Ha Thi c takes your turn 25/11")
	if got := o.onDuty(at(25, 20)); got != "c" {
		t.Errorf("on duty: %s", got)
	}
	o.says("b", code(t, toB, "DUTY"), true, "") // too late: nothing of theirs waits there
	// With a second day only who is on duty then is asked, and both turns move.
	ask("27/11 28/11", "asked about 27/11")
	o.pass(0)
	if o.read("c") != "" {
		t.Error("asked who has no turn to give")
	}
	toB = o.wants("b", "for yours of 28/11 06:00-18:00")
	o.says("b", code(t, toB, "DUTY"), true, "is now yours")
	o.pass(time.Minute)
	if night, day := o.onDuty(at(27, 20)), o.onDuty(at(28, 12)); night != "b" || day != "a" {
		t.Errorf("after the exchange: night %s, day %s", night, day)
	}
	// Nobody answers until the turn begins.
	ask("26/11", "asked about 26/11")
	o.pass(78 * time.Hour)
	if got := o.read("a"); !strings.Contains(got, "Nobody has taken the turn 26/11") {
		t.Errorf("told %q", got)
	}
}

func TestAGapIsToldToTheSupervisorOnceAndTheDayBefore(t *testing.T) {
	o := newOffice(t, at(23, 5))
	d := o.dir
	d.Version = "gap"
	d.Overrides = []flows.Override{{Place: commune, Level: flows.LevelDuty, Start: at(28, 8), End: at(28, 12)}}
	for _, l := range []flows.Level{flows.LevelHead, flows.LevelChair, flows.LevelDesk, flows.LevelCommittee} {
		p, err := flows.ParsePhone(fmt.Sprintf("+8490000005%d", l))
		if err != nil {
			t.Fatal(err)
		}
		m := flows.Member{ID: flows.MemberID(fmt.Sprintf("m%d", l)), Place: commune, Level: l, Phones: []flows.Phone{p}, Language: "en"}
		if escalation.Provincial(l) {
			m.Place = province
		}
		d.Members = append(d.Members, m)
		d.Shifts = append(d.Shifts, flows.Shift{Place: m.Place, Level: l, Member: m.ID, Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, To: 24 * 60})
	}
	o.use(d)
	o.pass(time.Hour)
	if got := o.read("boss"); got != "" {
		t.Errorf("woken at five: %s", got)
	}
	o.pass(2 * time.Hour)
	o.wants("boss", "nobody is on duty in 1 stretches")
	o.pass(90 * time.Hour)
	if got := o.read("boss"); got != "" {
		t.Errorf("told again: %s", got)
	}
	o.pass(12 * time.Hour)
	o.wants("boss", "28/11 08:00-12:00")
}

func TestAPhoneCountsWhenItsCodeComesBack(t *testing.T) {
	o := newOffice(t, at(23, 8))
	d := o.dir
	d.Version = "phones"
	d.Members = slices.Clone(d.Members)
	mine := d.Members[2].Phones[0]
	d.Members[2].Phones, d.Members[2].Unproven = nil, []flows.Unproven{{Phone: mine}}
	o.use(d)
	o.pass(time.Minute)
	text := o.wants("c", "Code to confirm this phone: ")
	digits := text[strings.Index(text, ": ")+2:][:4]
	prove := func(p flows.Phone, code string) bool {
		t.Helper()
		_, ok, err := o.clerk.Prove(t.Context(), p, code)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	wrong := "0000"
	if digits == wrong {
		wrong = "0001"
	}
	if prove(d.Members[0].Phones[0], digits) || prove(mine, wrong) {
		t.Error("a wrong phone or a wrong code counts")
	}
	if !prove(mine, digits) {
		t.Fatal("the right code does not count")
	}
	o.pass(time.Minute)
	if m, _ := o.world.Roster.Member("c"); len(m.Phones) != 1 || len(m.Unproven) != 0 {
		t.Errorf("%d phones count, %d do not", len(m.Phones), len(m.Unproven))
	}
}

func TestACodeIsWorthNothingAfterAFewGuesses(t *testing.T) {
	o := newOffice(t, at(23, 8))
	d := o.dir
	d.Version = "phones"
	d.Members = slices.Clone(d.Members)
	mine := d.Members[2].Phones[0]
	d.Members[2].Phones, d.Members[2].Unproven = nil, []flows.Unproven{{Phone: mine}}
	o.use(d)
	o.pass(time.Minute)
	text := o.read("c")
	digits := text[strings.Index(text, ": ")+2:][:4]
	for range 5 {
		if _, ok, _ := o.clerk.Prove(t.Context(), mine, "xxxx"); ok {
			t.Fatal("letters count")
		}
	}
	if _, ok, _ := o.clerk.Prove(t.Context(), mine, digits); ok {
		t.Error("the code counts after five guesses")
	}
	o.pass(25 * time.Hour) // a new one, by a call
	if got := o.sent["c"]; len(got) != 1 || got[0].Channel != flows.Voice {
		t.Errorf("the next day: %+v", got)
	}
}

func TestADrillMeasuresWhoWouldAnswer(t *testing.T) {
	o := newOffice(t, at(24, 12))
	if _, err := o.clerk.Start(t.Context(), o.now, "boss", nil, 30*time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := o.clerk.Start(t.Context(), o.now, "boss", nil, 30*time.Minute); err == nil {
		t.Error("a second drill beside the first")
	}
	o.pass(time.Minute)
	c := code(t, o.wants("b", "DRILL"), "DRILL")
	o.pass(6 * time.Minute)
	o.says("c", c, true, "") // not theirs
	o.says("b", c, true, "DRILL: noted, after 7 minutes")
	o.pass(40 * time.Minute)
	done, err := o.clerk.Drills(t.Context())
	if err != nil || len(done) != 1 {
		t.Fatalf("%d drills, %v", len(done), err)
	}
	second := duty.Drill{ID: "x", Calls: []duty.Call{{Member: "a", Place: commune, Sent: at(25, 12)}, {Place: "04900@2025-07-01"}}}
	ready := duty.Ready(append(done, second))
	if len(ready) != 2 || ready[0].Place != "04900@2025-07-01" || ready[0].Nobody != 1 || ready[0].Unanswered != 1 {
		t.Errorf("the least ready first: %+v", ready)
	}
	if r := ready[1]; r.Asked != 2 || r.Answered != 1 || r.Unanswered != 0.5 || r.MedianSecs != 420 || r.WorstSecs != 420 || r.Drills != 2 {
		t.Errorf("readiness %+v", r)
	}
}

func TestTheDrillOfTheMonthComesOnce(t *testing.T) {
	o := newOffice(t, time.Date(2026, 12, 5, 9, 0, 0, 0, zone))
	o.pass(3 * time.Hour)
	if got := strings.Count(o.read("b"), "DRILL"); got != 1 {
		t.Errorf("%d texts of the drill", got)
	}
	o = newOffice(t, time.Date(2026, 12, 5, 15, 0, 0, 0, zone)) // hours late
	o.pass(time.Hour)
	if got := o.read("b"); strings.Contains(got, "DRILL") {
		t.Errorf("a drill hours late: %s", got)
	}
}

func TestWhatCannotLeaveIsTriedAgainAndThenGivenUp(t *testing.T) {
	o := newOffice(t, at(24, 12))
	o.down = true
	if _, err := o.clerk.Start(t.Context(), o.now, "boss", nil, time.Hour); err != nil {
		t.Fatal(err)
	}
	o.pass(3 * time.Minute)
	o.down = false
	o.pass(5 * time.Minute)
	o.wants("b", "DRILL")
	o.down = true
	o.pass(24 * time.Hour)
	b, _, err := o.clerk.Book(t.Context())
	if err != nil || len(b.Post) > 2 {
		t.Errorf("%d notices wait, %v", len(b.Post), err)
	}
}
