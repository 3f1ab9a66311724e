package main

import (
	"strings"
	"testing"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/transcript"
)

// TestKeysInACall: a responder takes a case by a key, the webhook of the key
// comes twice, a colleague is late, and a stranger learns nothing.
func TestKeysInACall(t *testing.T) {
	ctx := t.Context()
	w, err := newWorld(ctx, transcript.Scene{Begin: realTime()}, configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	reporter, err := flows.ParsePhone(demoReporter)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Dial(ctx, reporter, "*1111*1*1*mai chau*2*2#"); err != nil {
		t.Fatal(err)
	}
	cases, err := w.app.store.Open(ctx)
	if err != nil || len(cases) != 1 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	duty, _ := w.app.dir.Phone(cases[0].Alerts[0].Member, 0)
	head, _ := w.app.dir.Phone("mai-chau-head", 0)
	conversation := byVoice{w.app.dialog, w.app}
	for _, step := range []struct {
		name string
		from flows.Phone
		text string
		want string
	}{
		{"a stranger", reporter, "1 " + string(cases[0].Ref), "press.late"},
		{"another key", duty, "5 " + string(cases[0].Ref), "press.again"},
		{"takes it", duty, "1 " + string(cases[0].Ref), "press.taken"},
		{"the webhook comes twice", duty, "1 " + string(cases[0].Ref), "press.taken"},
		{"somebody who was not asked", head, "1 " + string(cases[0].Ref), "press.late"},
		{"no reference", duty, "1", "press.late"},
	} {
		reply, err := conversation.Handle(ctx, flows.Inbound{Channel: flows.Voice, From: step.from, Text: step.text, At: w.Now()})
		if want := w.app.data.texts.Text("vi", step.want); err != nil || reply.Text != want {
			t.Errorf("%s: %q, want %q, %v", step.name, reply.Text, want, err)
		}
	}
	cases, err = w.app.store.Open(ctx)
	if err != nil || cases[0].Status != flows.StatusTaken {
		t.Errorf("the case is %s, %v", cases[0].Status, err)
	}
	if strings.Contains(w.app.data.texts.Text("vi", "press.taken"), "{") {
		t.Error("a placeholder is spoken")
	}
}
