package escalation_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// changedPolicy is the shipped policy with lines replaced.
func changedPolicy(t *testing.T, pairs ...string) *escalation.Policy {
	t.Helper()
	p, err := escalation.ParsePolicy("changed.yaml", []byte(changedFile(t, pairs...)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func changedFile(t *testing.T, pairs ...string) string {
	t.Helper()
	data, err := os.ReadFile("../../configs/escalation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the policy has no %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

func TestAKindHasALadderOfItsOwn(t *testing.T) {
	now, w := noon(t), worldOf(t, directory())
	for _, c := range []struct {
		kind     string
		severity flows.Severity
		want     time.Duration
	}{
		{"EXPLOITATION", flows.Urgent, 10 * time.Minute},
		{"EXPLOITATION", flows.Normal, 2 * time.Hour},
		{"VIOLENCE", flows.Urgent, 15 * time.Minute},
	} {
		f := filed(now, 1, c.severity, maiChau)
		f.Kind = c.kind
		rule := w.Policy.For(&f)
		if got := rule.Levels[flows.LevelDuty].Wait; got != c.want {
			t.Errorf("%s %s waits %s at the duty members, want %s", c.severity, c.kind, got, c.want)
		}
		if rule.Everyone != (c.severity == flows.Urgent) || rule.Levels[flows.LevelHead].Wait != w.Policy.Rules[c.severity].Levels[flows.LevelHead].Wait {
			t.Errorf("%s %s lost what its exception does not name", c.severity, c.kind)
		}
	}
}

func TestALevelIsLeftOutForItsReason(t *testing.T) {
	w := worldOf(t, directory())
	w.Policy = changedPolicy(t, "skip: []", `skip: [{level: 1, severity: urgent, kinds: [SEXUAL], from: "22:00", to: "05:00", because: the head sleeps at the post}]`)
	night := noon(t).Add(11 * time.Hour)
	for _, c := range []struct {
		name string
		at   time.Time
		kind string
		want flows.Level
	}{
		{"at night", night, "SEXUAL", flows.LevelHead},
		{"by day", noon(t), "SEXUAL", flows.LevelDuty},
		{"another kind", night, "VIOLENCE", flows.LevelDuty},
	} {
		f := filed(c.at, 1, flows.Urgent, maiChau)
		f.Kind = c.kind
		ch := escalation.Route(c.at, f, w)
		if ch.Case.Level != c.want {
			t.Errorf("%s: level %d, want %d", c.name, ch.Case.Level, c.want)
		}
		skipped := slices.ContainsFunc(ch.Events, func(e flows.Event) bool {
			return e.Kind == flows.EventSkipped && e.Reason == string(escalation.ReasonLeftOut) && e.Detail["because"] == "the head sleeps at the post"
		})
		if skipped != (c.want == flows.LevelHead) {
			t.Errorf("%s: the timeline says %v", c.name, kinds(ch))
		}
	}
}

func TestQuietHoursHoldBackWhatIsNotUrgent(t *testing.T) {
	w := worldOf(t, directory())
	w.Policy = changedPolicy(t, `# quiet: {from: "23:00", to: "05:00", not_at: [0]}`, `quiet: {from: "23:00", to: "05:00", not_at: [0]}`)
	night := noon(t).Add(12 * time.Hour) // midnight
	morning := night.Add(5 * time.Hour)
	for _, c := range []struct {
		name     string
		at       time.Time
		severity flows.Severity
		place    flows.PlaceID
		want     time.Time
	}{
		{"a routine case at midnight", night, flows.Normal, maiChau, morning},
		{"an urgent one", night, flows.Urgent, maiChau, night},
		{"the desk is awake", night, flows.Normal, "", night},
		{"a routine case by day", noon(t), flows.Normal, maiChau, noon(t)},
	} {
		ch := escalation.Route(c.at, filed(c.at, 1, c.severity, c.place), w)
		if got := ch.Send[0].Due; !got.Equal(c.want) {
			t.Errorf("%s: the text leaves %s, want %s", c.name, got, c.want)
		}
	}
	// Raised in the night it is told at once, whatever was held back.
	ch := escalation.Route(night, filed(night, 1, flows.Normal, maiChau), w)
	chair, _ := w.Roster.Member("chair")
	raised, err := escalation.Raise(night.Add(time.Minute), ch.Case, chair, flows.SMS, w)
	if err != nil || len(raised.Send) == 0 || !raised.Send[0].Due.Equal(night.Add(time.Minute)) {
		t.Errorf("raised at night: %+v, %v", raised.Send, err)
	}
}

// twoCommunes has a neighbour of Mai Chau with a duty member.
func twoCommunes() flows.Directory {
	d := directory()
	d.Places[0].Neighbours = []flows.PlaceID{pieng}
	helper := member("helper", pieng, flows.LevelDuty, 21)
	d.Members = append(d.Members, helper)
	d.Shifts = append(d.Shifts, always(helper))
	return d
}

func TestNeighboursAreAskedWhenACommuneIsSilent(t *testing.T) {
	now, w := noon(t), worldOf(t, twoCommunes())
	ch := escalation.Route(now, filed(now, 1, flows.Urgent, maiChau), w)
	if due := flows.Moment(ch.Case.Timers[flows.TimerAid]); !due.Equal(now.Add(20 * time.Minute)) {
		t.Fatalf("neighbours are asked at %s", due)
	}
	alone := escalation.FireAll(now.Add(15*time.Minute), ch.Case, w) // the head's turn
	helper, _ := w.Roster.Member("helper")
	if escalation.Visible(helper, &alone.Case) {
		t.Error("a neighbour who was not asked sees the case")
	}
	aid := escalation.FireAll(now.Add(20*time.Minute), alone.Case, w)
	var told []flows.MemberID
	for _, m := range aid.Send {
		if m.To == "helper" {
			told = append(told, m.To)
			if !strings.Contains(m.Text, "xa ben") || strings.Contains(m.Text, "Mai") {
				t.Errorf("the neighbour reads %q", m.Text)
			}
		}
	}
	if len(told) != 1 || aid.Case.Level != alone.Case.Level || !aid.Case.Since.Equal(alone.Case.Since) {
		t.Errorf("told %v; level %d since %s: the ladder must go on as it was", told, aid.Case.Level, aid.Case.Since)
	}
	later := escalation.FireAll(now.Add(50*time.Minute), aid.Case, w) // the chair's turn
	if !escalation.Visible(helper, &later.Case) {
		t.Error("the neighbour who was asked does not see the case any more")
	}
	taken, err := escalation.Take(now.Add(51*time.Minute), later.Case, helper, flows.SMS, w)
	if err != nil || taken.Case.Holder != "helper" {
		t.Fatalf("the neighbour takes it: %v", err)
	}
	if _, still := taken.Case.Timers[flows.TimerAid]; still {
		t.Error("neighbours would be asked for a case that is taken")
	}
	other, err := escalation.Decline(now.Add(51*time.Minute), later.Case, helper, flows.SMS, w)
	if err != nil || len(other.Send) != 0 || escalation.Visible(helper, &other.Case) {
		t.Errorf("the neighbour declines: %v, %d texts", err, len(other.Send))
	}
}

func TestNoNeighbourHearsOfAnOfficial(t *testing.T) {
	now, w := noon(t), worldOf(t, twoCommunes())
	f := filed(now, 1, flows.Urgent, maiChau)
	f.AgainstOfficial = true
	ch := escalation.Route(now, f, w)
	if _, armed := ch.Case.Timers[flows.TimerAid]; armed {
		t.Error("neighbours would be asked")
	}
	ch = escalation.Route(now, filed(now, 1, flows.Urgent, maiChau), w)
	later, err := escalation.Official(now.Add(time.Minute), ch.Case, flows.Member{}, flows.USSD, w)
	if err != nil {
		t.Fatal(err)
	}
	if _, armed := later.Case.Timers[flows.TimerAid]; armed {
		t.Error("neighbours would be asked about an official after all")
	}
}

func TestNeighboursWithoutAListAreOfTheFormerDistrict(t *testing.T) {
	d := directory()
	old, far := flows.PlaceID("04900@2004-01-01"), flows.PlaceID("04999@2025-07-01")
	d.Places = append(d.Places,
		flows.Place{ID: old, District: "Mai Châu", Until: "2025-07-01"},
		flows.Place{ID: "04891@2004-01-01", District: "Mai Châu", Until: "2025-07-01"},
		flows.Place{ID: far, Name: "Xa"})
	d.Mapping = []flows.Succession{{Old: "04891@2004-01-01", New: maiChau}, {Old: old, New: pieng}}
	d.Members = append(d.Members, member("helper", pieng, flows.LevelDuty, 21))
	w := worldOf(t, d)
	if got := w.Roster.Neighbours(maiChau); !slices.Equal(got, []flows.PlaceID{pieng}) {
		t.Errorf("neighbours %v", got)
	}
	if got := w.Roster.Neighbours(far); len(got) != 0 {
		t.Errorf("a place of no known district has neighbours: %v", got)
	}
}

func TestPolicyRefusesExceptionsThatLoseACase(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"the last level left out", "skip: []", `skip: [{level: 5, because: holiday}]`, "level 5 is the last of the path"},
		{"left out without a reason", "skip: []", `skip: [{level: 2}]`, "skip 1.because"},
		{"a severity that is none", "severity: urgent\n    levels", "severity: soon\n    levels", `expected urgent or normal, got "soon"`},
		{"an exception without kinds", "- kinds: [EXPLOITATION]", "- kinds: []", "kinds 1.kinds: expected a list"},
		{"urgent cases held back", "    ask: everyone # all", "    quiet: {from: \"23:00\", to: \"05:00\"}\n    ask: everyone # all", "an urgent case is never held back"},
		{"aid of no commune", "communes: 2", "communes: 0", "aid.communes"},
	} {
		_, err := escalation.ParsePolicy("bad.yaml", []byte(changedFile(t, c.from, c.to)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
