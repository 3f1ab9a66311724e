package record_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/engine"
	"hotline/flows/escalation"
	"hotline/flows/record"
	"hotline/store"
	"hotline/store/vault"
)

func shipped(t testing.TB) *record.Catalogue {
	t.Helper()
	data, err := fs.ReadFile(configs.Files, "record.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := record.Parse("record.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryFieldHasItsWordsInEveryLanguage(t *testing.T) {
	texts, err := engine.LoadTexts(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	c := shipped(t)
	var keys []string
	for _, f := range append(c.Forms, record.Form{Code: "referral", Fields: c.Receipt}) {
		keys = append(keys, "form."+f.Code+".short", "form."+f.Code+".title")
		for _, d := range f.Fields {
			keys = append(keys, "form."+f.Code+"."+d.Name)
			for _, o := range d.Options {
				keys = append(keys, "form."+f.Code+"."+d.Name+"."+o)
			}
		}
	}
	for _, b := range c.Bodies {
		keys = append(keys, "body."+b)
	}
	for outcome, whys := range c.Outcomes {
		keys = append(keys, "reason."+outcome)
		for _, w := range whys {
			keys = append(keys, "why."+w)
		}
	}
	for _, d := range c.Delays {
		keys = append(keys, "delay."+d)
	}
	for _, g := range c.Tags {
		keys = append(keys, "tag."+g.Code)
	}
	for _, lang := range []string{"vi", "en"} {
		for _, k := range keys {
			if texts[lang]["console."+k] == "" {
				t.Errorf("%s has no text console.%s", lang, k)
			}
		}
	}
}

func TestCatalogueNamesItsFaults(t *testing.T) {
	_, err := record.Parse("record.yaml", []byte(`
forms:
  - {code: "01", stage: received, fields: [{name: a, type: text}, {name: a, type: colour}]}
  - {code: "01", stage: nowhere}
receipt: [{name: n, type: choice, options: [one]}, {name: m, type: number}]
`))
	for _, part := range []string{"record.yaml", "there twice", `got "colour"`, `got "nowhere"`, "options to choose from", "largest number", "again: expected"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the fault does not say %q: %v", part, err)
		}
	}
	if _, err := record.Parse("record.yaml", []byte("formes: []")); err == nil {
		t.Error("an unknown key is accepted")
	}
}

func TestWhatMayStandInAField(t *testing.T) {
	line, long := record.Field{Type: record.Line}, record.Field{Type: record.Long}
	for _, c := range []struct {
		name  string
		field record.Field
		text  string
		want  record.Fault
	}{
		{"nothing", line, "", ""},
		{"a name", line, "Lò Thị Mỷ", ""},
		{"two hundred characters with accents", line, strings.Repeat("ế", 200), ""},
		{"one more", line, strings.Repeat("ế", 201), record.TooLong},
		{"paragraphs", long, "một\nhai", ""},
		{"a control character", long, "một\x07", record.Garbled},
		{"bytes that are no text", long, "\xff", record.Garbled},
		{"a mobile number", long, "gọi 0912 345 678 nhé", record.HasPhone},
		{"a mobile number with the country", line, "+84912345678", record.HasPhone},
		{"a mobile number in dots", line, "091.234.5678", record.HasPhone},
		{"a number of a decision", line, "Số 1095/QĐ-BYT ngày 01/04/2025", ""},
		{"a number of a file", line, "2026-000123456789", ""},
		{"a date", record.Field{Type: record.Date}, "2026-11-23", ""},
		{"a date that does not exist", record.Field{Type: record.Date}, "2026-02-30", record.NotDate},
		{"a moment", record.Field{Type: record.Moment}, "2026-11-23T21:04", ""},
		{"half a moment", record.Field{Type: record.Moment}, "2026-11-23", record.NotDate},
		{"an age", record.Field{Type: record.Number, Max: 18}, "18", ""},
		{"too old", record.Field{Type: record.Number, Max: 18}, "19", record.NotNum},
		{"no number", record.Field{Type: record.Number, Max: 18}, "năm", record.NotNum},
		{"a choice", record.Field{Type: record.Choice, Options: []string{"a", "b"}}, "b", ""},
		{"none of the choices", record.Field{Type: record.Choice, Options: []string{"a", "b"}}, "c", record.NotAmong},
	} {
		if got := c.field.Check(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTwoWritingsOfAField(t *testing.T) {
	at, later := time.Unix(1000, 0), time.Unix(2000, 0)
	stood := record.Value{Text: "a", Version: 2, By: "m1", At: at}
	both := record.Value{Text: "a", Version: 2, By: "m1", At: at, Rivals: []record.Writing{{Text: "b", By: "m2", At: later}}}
	for _, c := range []struct {
		name  string
		stood record.Value
		edit  record.Edit
		by    flows.MemberID
		want  record.Value
		got   record.Result
	}{
		{"the first", record.Value{}, record.Edit{Text: "a"}, "m1", record.Value{Text: "a", Version: 1, By: "m1", At: later}, record.Saved},
		{"on the last version", stood, record.Edit{Base: 2, Text: "b"}, "m2", record.Value{Text: "b", Version: 3, By: "m2", At: later}, record.Saved},
		{"emptied", stood, record.Edit{Base: 2}, "m2", record.Value{Version: 3, By: "m2", At: later}, record.Saved},
		{"what stands there", stood, record.Edit{Base: 1, Text: "a"}, "m2", stood, record.Same},
		{"on an older version", stood, record.Edit{Base: 1, Text: "b"}, "m2", both, record.Conflict},
		{"on a version that never was", stood, record.Edit{Base: 9, Text: "b"}, "m2", both, record.Conflict},
		{"once more on the older version", both, record.Edit{Base: 1, Text: "b"}, "m2", both, record.Conflict},
		{
			"a third one", both,
			record.Edit{Base: 1, Text: "c"},
			"m3",
			record.Value{Text: "a", Version: 2, By: "m1", At: at, Rivals: []record.Writing{{Text: "b", By: "m2", At: later}, {Text: "c", By: "m3", At: later}}},
			record.Conflict,
		},
		{
			"written on while rivals wait", both,
			record.Edit{Base: 2, Text: "d"},
			"m1",
			record.Value{Text: "d", Version: 3, By: "m1", At: later, Rivals: both.Rivals},
			record.Saved,
		},
		{"the rival is chosen", both, record.Edit{Base: 2, Text: "b", Choose: true}, "m2", record.Value{Text: "b", Version: 3, By: "m2", At: later}, record.Saved},
		{"what stands is chosen", both, record.Edit{Base: 2, Text: "a", Choose: true}, "m2", record.Value{Text: "a", Version: 3, By: "m2", At: later}, record.Saved},
	} {
		got, result := record.Merge(c.stood, c.edit, c.by, later)
		if diff := cmp.Diff(got, c.want); diff != "" || result != c.got {
			t.Errorf("%s: %s, want %s %s", c.name, result, c.got, diff)
		}
	}
}

// desk is a service on a store of its own, with one case that duty1 holds.
type desk struct {
	*record.Service
	t     *testing.T
	store *store.Embedded
	now   time.Time
	id    flows.CaseID
	read  []string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	s, err := store.OpenEmbedded(t.Context(), store.Options{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	keys, err := vault.Open(vault.Random())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, store: s, now: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC), id: "00case0000001"}
	world := worldOf(t)
	d.Service = &record.Service{
		Cases:   &escalation.Service{Store: s, World: func() escalation.World { return world }, Now: func() time.Time { return d.now }},
		Answers: s, Vault: keys, Catalogue: shipped(t), Zone: world.Roster.Zone(),
		Opened: func(_ context.Context, m flows.MemberID, _ flows.CaseID, form string) error {
			d.read = append(d.read, string(m)+" "+form)
			return nil
		},
	}
	c := flows.Case{ID: d.id, Ref: "K7F4", Status: flows.StatusTaken, Severity: flows.Urgent, Place: "mai@1", Opened: d.now, Holder: "duty1", Taken: d.now}
	ch := flows.BeginChange(d.now, c)
	ch.Arm(flows.TimerDecision, d.now.Add(6*time.Hour))
	if _, err := s.Commit(t.Context(), ch); err != nil {
		t.Fatal(err)
	}
	return d
}

func worldOf(t testing.TB) escalation.World {
	t.Helper()
	dir := flows.Directory{Version: "1", Province: "hb@1", Zone: "Asia/Ho_Chi_Minh", Places: []flows.Place{{ID: "mai@1"}, {ID: "hb@1"}}}
	for i, m := range []flows.Member{
		{ID: "duty1", Place: "mai@1", Level: 1},
		{ID: "duty2", Place: "mai@1", Level: 1},
		{ID: "head", Place: "mai@1", Level: 2},
		{ID: "desk", Place: "hb@1"},
	} {
		p, err := flows.ParsePhone("+8490000010" + string(rune('0'+i)))
		if err != nil {
			t.Fatal(err)
		}
		m.Phones = []flows.Phone{p}
		dir.Members = append(dir.Members, m)
	}
	roster, err := escalation.NewRoster(dir)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		data, err := fs.ReadFile(configs.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	w := escalation.World{Roster: roster}
	if w.Policy, err = escalation.ParsePolicy("escalation.yaml", read("escalation.yaml")); err != nil {
		t.Fatal(err)
	}
	if w.Calendar, err = escalation.ParseCalendar("calendar.yaml", read("calendar.yaml")); err != nil {
		t.Fatal(err)
	}
	return w
}

func (d *desk) save(by flows.MemberID, form, field string, base int, text string) record.Kept {
	d.t.Helper()
	kept, err := d.Save(d.t.Context(), by, d.id, "console", form, record.Edit{Field: field, Base: base, Text: text})
	if err != nil {
		d.t.Fatalf("%s saves %s: %v", by, field, err)
	}
	return kept
}

func (d *desk) c() flows.Case {
	d.t.Helper()
	c, err := d.store.Case(d.t.Context(), d.id)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

func (d *desk) sheet(form string) record.Sheet {
	d.t.Helper()
	c := d.c()
	s, err := d.Read(d.t.Context(), flows.Member{ID: "head", Place: "mai@1", Level: 2}, &c, form)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func TestWhatIsSavedIsSealedAndComesBack(t *testing.T) {
	d := newDesk(t)
	const secret = "Lò Thị Mỷ"
	if k := d.save("duty1", "01", "child_name", 0, "  "+secret+"\r\n"); k.Result != record.Saved || k.Version != 1 {
		t.Errorf("%+v", k)
	}
	answers, err := d.store.Answers(t.Context(), d.id)
	if err != nil || len(answers) != 1 || strings.Contains(string(answers[0].Data), "Th") {
		t.Errorf("%v, %d answers, or one that can be read", err, len(answers))
	}
	if got := d.sheet("01")["child_name"]; got.Text != secret || got.By != "duty1" {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(d.read, []string{"head 01"}); diff != "" {
		t.Errorf("who opened it: %s", diff)
	}
	if events, _ := d.store.Timeline(t.Context(), d.id); len(events) != 0 {
		t.Errorf("an autosave is in the timeline: %+v", events)
	}
}

func TestNoTextIsLostWhenTwoWrite(t *testing.T) {
	d := newDesk(t)
	d.save("duty1", "01", "state", 0, "một")
	if k := d.save("head", "01", "state", 0, "hai"); k.Result != record.Conflict || k.Text != "một" || len(k.Rivals) != 1 {
		t.Fatalf("%+v", k)
	}
	got := d.sheet("01")["state"]
	if got.Text != "một" || len(got.Rivals) != 1 || got.Rivals[0].Text != "hai" || got.Rivals[0].By != "head" {
		t.Fatalf("%+v", got)
	}
	k, err := d.Save(t.Context(), "head", d.id, "console", "01", record.Edit{Field: "state", Base: 1, Text: "một, hai", Choose: true})
	if err != nil || k.Result != record.Saved || len(d.sheet("01")["state"].Rivals) != 0 {
		t.Errorf("%v %+v", err, k)
	}
}

// Many hands at once, each on a field of its own, and all on one.
func TestManyHandsAtOnce(t *testing.T) {
	d := newDesk(t)
	fields := []string{"child_name", "father", "mother", "carer", "officer", "hamlet"}
	done := make(chan error, 2*len(fields))
	for i, f := range fields {
		go func() {
			_, err := d.Save(t.Context(), "duty1", d.id, "console", "01", record.Edit{Field: f, Text: f})
			done <- err
		}()
		go func() {
			_, err := d.Save(t.Context(), "head", d.id, "console", "01", record.Edit{Field: "family", Text: strings.Repeat("x", i+1)})
			done <- err
		}()
	}
	for range 2 * len(fields) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	sheet := d.sheet("01")
	for _, f := range fields {
		if sheet[f].Text != f {
			t.Errorf("%s is %q", f, sheet[f].Text)
		}
	}
	if v := sheet["family"]; v.Text == "" || v.Version != 1 {
		t.Errorf("%+v", v)
	}
}

func TestOnlyWhoLeadsWrites(t *testing.T) {
	d := newDesk(t)
	_, err := d.Save(t.Context(), "duty2", d.id, "console", "01", record.Edit{Field: "state", Text: "x"})
	if _, refused := errors.AsType[*escalation.Refused](err); !refused {
		t.Errorf("another duty member writes: %v", err)
	}
	c := d.c()
	if _, err := d.Read(t.Context(), flows.Member{ID: "duty2", Place: "mai@1", Level: 1}, &c, "01"); !errors.Is(err, flows.ErrNotFound) || len(d.read) > 0 {
		t.Errorf("another duty member reads: %v", err)
	}
	for _, bad := range [][2]string{{"99", "state"}, {"01", "no_such"}} {
		if _, err := d.Save(t.Context(), "duty1", d.id, "console", bad[0], record.Edit{Field: bad[1], Text: "x"}); !errors.Is(err, record.ErrForm) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestAFinishedFormEntersItsStage(t *testing.T) {
	d := newDesk(t)
	finish := func(form, why string) error {
		_, err := d.Finish(t.Context(), "duty1", d.id, "console", form, why)
		return err
	}
	var u *record.Unfinished
	if err := finish("decision", ""); !errors.As(err, &u) || u.Faults["reason"] != record.Missing || u.Faults["measure"] != record.Missing {
		t.Fatalf("an empty form is finished: %v", err)
	}
	for field, text := range map[string]string{"measure": "removal", "reason": "vì", "from": "2026-11-23T12:30", "decider": "Chủ tịch"} {
		d.save("duty1", "decision", field, 0, text)
	}
	if err := finish("decision", ""); !errors.As(err, &u) || u.Faults["from"] != record.NotThen {
		t.Errorf("a removal that is still to come: %v", err)
	}
	d.now = d.now.Add(13 * time.Hour)
	if err := finish("decision", ""); !errors.As(err, &u) || !u.Late {
		t.Errorf("late without a reason: %v", err)
	}
	if err := finish("decision", "weather"); err != nil {
		t.Fatal(err)
	}
	c := d.c()
	from := time.Date(2026, 11, 23, 5, 30, 0, 0, time.UTC)
	if !c.Stages[flows.StageRemoved].Equal(from) || c.Timers[flows.TimerDecision] != 0 || c.Timers[flows.TimerRemoval] != flows.Millis(from.Add(240*time.Hour)) {
		t.Errorf("stages %v, timers %v", c.Stages, c.Timers)
	}
	events, err := d.store.Timeline(t.Context(), d.id)
	if err != nil || len(events) != 2 || events[0].Kind != flows.EventBreached || events[1].Detail["why"] != "weather" || events[1].Detail["late"] != "1h0m0s" {
		t.Errorf("%v %+v", err, events)
	}
}

func TestHandOverKeepsItsReceipt(t *testing.T) {
	d := newDesk(t)
	d.now = d.now.Add(time.Hour)
	refer := func(r record.Receipt) error {
		_, err := d.Refer(t.Context(), "duty1", d.id, "console", r)
		return err
	}
	var u *record.Unfinished
	if err := refer(record.Receipt{To: "mafia", At: "2027-01-01T00:00"}); !errors.As(err, &u) || len(u.Faults) != 3 {
		t.Errorf("%v", err)
	}
	good := record.Receipt{To: "police", At: "2026-11-23T12:40", Fields: map[string]string{"person": "Đại uý Hà", "number": "12/BN"}}
	if err := refer(good); err != nil {
		t.Fatal(err)
	}
	c := d.c()
	if len(c.Referrals) != 1 || c.Referrals[0].To != "police" || d.sheet("referral-1")["person"].Text != "Đại uý Hà" {
		t.Errorf("%+v", c.Referrals)
	}
	events, _ := d.store.Timeline(t.Context(), d.id)
	for _, e := range events {
		for _, v := range e.Detail {
			if strings.Contains(v, "Hà") {
				t.Error("a name is in the timeline")
			}
		}
	}
}
