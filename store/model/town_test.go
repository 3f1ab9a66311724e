package model_test

import (
	"context"
	"io/fs"
	"sync"
	"testing"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/flows/engine"
	"hotline/flows/escalation"
	"hotline/flows/sms"
)

// lease is how long a claim holds, and start when everything begins: a Monday
// morning in Vietnam.
const lease = 30 * time.Second

var start = flows.Moment(1_763_344_800_000)

// place is a commune with one member on duty and a head, and the desk above it.
type place struct {
	dialog.Guide
	set   *engine.Set
	words dialog.Words
}

var town = sync.OnceValue(func() place {
	t, _ := build() // TestTownIsBuilt tells
	return t
})

func build() (place, error) {
	var t place
	world := escalation.World{}
	var err error
	if world.Texts, err = engine.LoadPlainTexts(configs.Files, sms.Unaccent); err != nil {
		return t, err
	}
	if t.set, err = engine.Load(configs.Files, world.Texts, dialog.Verbs(), engine.WithPlain(sms.Unaccent)); err != nil {
		return t, err
	}
	if t.words, err = dialog.LoadWords(configs.Files); err != nil {
		return t, err
	}
	policy, err := fs.ReadFile(configs.Files, "escalation.yaml")
	if err != nil {
		return t, err
	}
	if world.Policy, err = escalation.ParsePolicy("escalation.yaml", policy); err != nil {
		return t, err
	}
	calendar, err := fs.ReadFile(configs.Files, "calendar.yaml")
	if err != nil {
		return t, err
	}
	if world.Calendar, err = escalation.ParseCalendar("calendar.yaml", calendar); err != nil {
		return t, err
	}
	dir, err := directory()
	if err != nil {
		return t, err
	}
	if world.Roster, err = escalation.NewRoster(dir); err != nil {
		return t, err
	}
	t.Guide = dialog.NewGuide(world, start)
	return t, nil
}

func directory() (flows.Directory, error) {
	const province, commune, elsewhere = flows.PlaceID("17@2025-07-01"), flows.PlaceID("05128@2025-07-01"), flows.PlaceID("05089@2025-07-01")
	d := flows.Directory{
		Version: "model", Province: province, Zone: "Asia/Ho_Chi_Minh",
		Places: []flows.Place{
			{ID: province, Name: "Phú Thọ", Type: "Tỉnh"},
			{ID: commune, Name: "Mai Châu", Type: "Xã", Province: "Phú Thọ", Parent: province},
			{ID: elsewhere, Name: "Kim Bôi", Type: "Xã", Province: "Phú Thọ", Parent: province},
		},
	}
	week := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	for _, m := range []struct {
		id    flows.MemberID
		place flows.PlaceID
		level flows.Level
		phone string
	}{
		{"duty", commune, flows.LevelDuty, "+84900000101"},
		{"head", commune, flows.LevelHead, "+84900000102"},
		{"stranger", elsewhere, flows.LevelDuty, "+84900000105"},
		{"desk", province, flows.LevelDesk, "+84900000103"},
		{"department", province, flows.LevelDepartment, "+84900000104"},
	} {
		phone, err := flows.ParsePhone(m.phone)
		if err != nil {
			return d, err
		}
		d.Members = append(d.Members, flows.Member{ID: m.id, Name: string(m.id), Role: "-", Place: m.place, Level: m.level, Phones: []flows.Phone{phone}, Language: "vi"})
		d.Shifts = append(d.Shifts, flows.Shift{Place: m.place, Level: m.level, Member: m.id, Days: week, From: 0, To: 24 * 60})
	}
	return d, nil
}

func TestTownIsBuilt(t *testing.T) {
	if _, err := build(); err != nil {
		t.Fatal(err)
	}
	if filed().Case.ID == "" {
		t.Fatal("the text of the first phone files nothing")
	}
	if c := filedAgainst().Case; !c.AgainstOfficial || c.Level != flows.LevelDesk {
		t.Fatalf("a text about somebody who holds office becomes %+v", c)
	}
}

// filed is the change by which the report of the first phone becomes a case, and
// filedAgainst the same of one about somebody who holds office.
var (
	filed        = sync.OnceValue(func() flows.Change { return filing(fromMaiChau) })
	filedAgainst = sync.OnceValue(func() flows.Change { return filing(aboutOfficial) })
)

func filing(words string) flows.Change {
	from, err := flows.ParsePhone(one)
	if err != nil {
		return flows.Change{}
	}
	session := flows.Session{ID: plain{}.Session(flows.SMS, "1111", from)}
	p := &port{begun: start, random: &dice{seed: 1}, answers: []answer{{at: start, value: loaded{Session: session}}}}
	var got flows.Change
	s := service(p)
	s.Cases = catcher{p, &got}
	_, _ = s.Handle(context.Background(), flows.Inbound{
		Provider: "fake", Channel: flows.SMS, Signal: flows.Input, From: from, To: "1111", ID: "text " + one,
		Text: words, At: start,
	})
	return got
}

// catcher keeps the change that an actor wants to commit.
type catcher struct {
	*port
	got *flows.Change
}

func (c catcher) Commit(_ context.Context, ch flows.Change) (flows.Outcome, error) {
	*c.got = ch
	return flows.Outcome{}, errStop
}
