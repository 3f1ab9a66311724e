package journal_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/store"
	"hotline/store/journal"
	records "hotline/store/record"
)

// A start takes most of a case over as it is written. The store must then hold what
// it holds when each case is read and written anew.
func TestAStoreTakesOverWhatIsWritten(t *testing.T) {
	fold, lives := journal.NewFold(), map[flows.CaseID][]flows.Change{}
	for n := range 4 {
		changes := served(t, n%2 == 1)
		lives[changes[0].Case.ID] = changes
		for i, ch := range changes {
			r := encode(t, ch)
			if n > 1 && i == 2 { // a compaction came by
				r = compacted(t, changes[:3])
			}
			if err := fold.Add(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	empty, anew, held := embedded(t), embedded(t), embedded(t)
	if _, err := held.Commit(t.Context(), served(t, false)[0]); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*store.Store{empty, held} {
		to, err := s.Refill(t.Context())
		if err == nil {
			err = fold.Each(t.Context(), 2, func(some []flows.Whole, kept []records.Kept) error { return to.Add(t.Context(), some, kept) })
		}
		if err == nil {
			err = to.Done(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for id, changes := range lives {
		want := flows.Whole{Case: changes[len(changes)-1].Case}
		for _, ch := range changes {
			want.Timeline = append(want.Timeline, ch.Events...)
		}
		want.Waiting = []flows.Message{changes[1].Send[1]}
		want.Waiting[0].Repeat = true
		want.Answers = changes[2].Answers
		if err := anew.RestoreCase(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		want.Case, _ = anew.Case(t.Context(), id) // settled
		for name, s := range map[string]*store.Store{"an empty store": empty, "one that holds something": held, "case by case": anew} {
			if diff := cmp.Diff(want, all(t, s, id)); diff != "" {
				t.Error(name, diff)
			}
		}
	}
	due := func(s *store.Store) (list []flows.DueCase) {
		t.Helper()
		later := start.Add(1000 * 24 * time.Hour)
		list, err := s.Due(t.Context(), 1, later, 100)
		if err != nil {
			t.Fatal(err)
		}
		purges, err := s.DuePurges(t.Context(), later, 100)
		if err != nil {
			t.Fatal(err)
		}
		return append(list, purges...)
	}
	if diff := cmp.Diff(due(anew), due(empty)); diff != "" || len(due(anew)) != len(lives) {
		t.Error("timers", diff)
	}
}

// embedded is a store that keeps what is written of a closed case for ten days, which is not
// what the changes of served say.
func embedded(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.OpenEmbedded(t.Context(), store.Options{Ended: func(c *flows.Case) (flows.Timers, string) {
		return flows.Timers{flows.TimerPurge: flows.Millis(c.Closed.Add(10 * 24 * time.Hour))}, ""
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.Store
}

// served is a short life, with a message that waits and an answer; ended: it is over.
func served(t *testing.T, ended bool) []flows.Change {
	t.Helper()
	id, err := flows.NewCaseID(rand.Reader, 1)
	if err != nil {
		t.Fatal(err)
	}
	first := flows.BeginChange(start, flows.Case{
		ID: id, Status: flows.StatusIntake, Severity: flows.Urgent, Channel: flows.USSD, Provider: "test", Language: "vi", Opened: start,
		Texts: []flows.Sealed{{Field: "text/1", Data: []byte("sealed")}},
	})
	first.Arm(flows.TimerIntake, start.Add(3*time.Minute))
	first.Log(flows.Event{Kind: flows.EventFiled, Reason: "danger"})
	first.Case.Version = 1
	second := flows.BeginChange(start.Add(time.Minute), first.Case)
	second.Case.Status, second.Case.Version = flows.StatusOpen, 2
	for _, m := range []flows.MemberID{"m1", "m2"} {
		sent := second.Post(flows.Message{To: m, Channel: flows.SMS, Purpose: flows.PurposeAlert, Text: "GAP K7F4"})
		second.Case.Alerts = append(second.Case.Alerts, flows.Alert{ID: sent, Member: m, Channel: flows.SMS, At: second.At, Provider: "gate", SID: string(sent)})
		second.Log(flows.Event{Kind: flows.EventAlerted, By: m, Message: sent, Detail: map[string]string{"why": "duty"}})
	}
	third := flows.BeginChange(start.Add(2*time.Minute), second.Case)
	third.Case.Version, third.Settle = 3, []flows.MessageID{second.Send[0].ID}
	third.Answers = []flows.Answer{{Field: "01/sex", Version: 3, By: "m1", At: third.At, Data: []byte("sealed")}}
	third.Log(flows.Event{Kind: flows.EventSent, Message: second.Send[0].ID})
	if ended {
		third.Case.Status, third.Case.Closed = flows.StatusClosed, third.At
	}
	return []flows.Change{first, second, third}
}

// compacted is what a compaction makes of changes.
func compacted(t *testing.T, changes []flows.Change) journal.Record {
	t.Helper()
	s := flows.Whole{Case: changes[len(changes)-1].Case, Waiting: changes[1].Send[1:], Answers: changes[2].Answers}
	for _, ch := range changes {
		s.Timeline = append(s.Timeline, ch.Events...)
	}
	r, err := journal.EncodeSnapshot(start, s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// all is everything that a store has of a case.
func all(t *testing.T, s *store.Store, id flows.CaseID) flows.Whole {
	t.Helper()
	var w flows.Whole
	var err error
	if w.Case, err = s.Case(t.Context(), id); err == nil {
		w.Timeline, err = s.Timeline(t.Context(), id)
	}
	if err == nil {
		w.Waiting, err = s.Waiting(t.Context(), id)
	}
	if err == nil {
		w.Answers, err = s.Answers(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}
