package journal_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/store/journal"
	records "hotline/store/record"
	"hotline/store/storetest"
)

// A field that a body leaves out would be lost by the first restore.
func TestNoFieldIsLostInABody(t *testing.T) {
	var want flows.Whole
	storetest.Fill(&want)
	r, err := journal.EncodeSnapshot(start, want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := journal.DecodeSnapshot(r)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	ch := flows.Change{At: start, From: 4, Case: want.Case, Events: want.Timeline, Send: want.Waiting, Answers: want.Answers}
	ch.Case.Version, ch.Settle = 5, []flows.MessageID{"07k3/1", "07k3/2"}
	again, err := journal.Decode(encode(t, ch))
	if diff := cmp.Diff(ch, again); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// Journals are kept for years: those of older programs hold JSON.
func TestBodiesOfOlderProgramsAreRead(t *testing.T) {
	const older = `{"case":{"id":"07k3","ref":"K7F4","version":2,"status":"open","severity":"urgent","channel":"ussd","provider":"at",` +
		`"language":"vi","opened":"2026-11-23T12:00:00Z","level":3,"timers":{"ladder":1763900000000},"texts":[{"field":"text/1","data":"c2VhbGVk"}]},` +
		`"events":[{"at":"2026-11-23T12:01:00Z","kind":"alerted","by":"m1","level":3,"detail":{"why":"duty"}}],"settle":["07k3/1"],` +
		`"send":[{"id":"07k3/2","case":"07k3","ref":"K7F4","to":"m1","channel":"sms","purpose":"alert","level":3,"text":"GAP K7F4","due":"2026-11-23T12:01:00Z"}]}`
	got, err := journal.Decode(journal.Record{At: start, Kind: journal.KindChange, Case: "07k3", Version: 2, Body: []byte(older)})
	if err != nil {
		t.Fatal(err)
	}
	if got.From != 1 || got.Case.Ref != "K7F4" || got.Case.Timers[flows.TimerLadder] != 1763900000000 || string(got.Case.Texts[0].Data) != "sealed" {
		t.Errorf("the case is %+v", got.Case)
	}
	if len(got.Events) != 1 || got.Events[0].Detail["why"] != "duty" || got.Send[0].Text != "GAP K7F4" || got.Settle[0] != "07k3/1" {
		t.Errorf("the rest is %+v %+v %+v", got.Events, got.Send, got.Settle)
	}

	whole := flows.Whole{Case: got.Case, Timeline: got.Events, Waiting: got.Send}
	body, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	back, err := journal.DecodeSnapshot(journal.Record{Kind: journal.KindSnapshot, Version: 2, Body: body})
	if diff := cmp.Diff(whole, back); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// Old records and new ones of one case fold into one.
func TestAFoldTakesBothKindsOfBodies(t *testing.T) {
	changes := life(1)
	fold := journal.NewFold()
	for i, ch := range changes {
		r := encode(t, ch)
		if i == 0 {
			var err error
			if r.Body, err = json.Marshal(map[string]any{"case": ch.Case, "events": ch.Events}); err != nil {
				t.Fatal(err)
			}
		}
		if err := fold.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	err := fold.Each(t.Context(), 1, func(_ []flows.Whole, kept []records.Kept) error {
		if timeline, err := journal.Timeline(kept[0]); err != nil || len(timeline) != 3 {
			t.Errorf("the timeline has %d lines, want 3: %v", len(timeline), err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
