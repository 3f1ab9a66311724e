package main

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/handlers"
)

// byVoice answers the keys that a responder presses in a call, and leaves all
// else to the dialog. A key ends where a text and the console end: in casework.
type byVoice struct {
	handlers.Conversation
	app *app
}

// Handle takes "1 K7F4" or "0 K7F4" from the provider of the call. Words come
// back with accents: they are spoken.
func (v byVoice) Handle(ctx context.Context, in flows.Inbound) (flows.Reply, error) {
	if in.Channel != flows.Voice {
		return v.Conversation.Handle(ctx, in)
	}
	key, typed, _ := strings.Cut(in.Text, " ")
	who, known := v.app.dir.view.Load().roster.ByPhone(in.From)
	ref, ok := flows.ParseRef(typed)
	if !known || !ok {
		return flows.Reply{Text: v.app.data.texts.Text(v.app.cfg.Service.Language, "press.late"), End: true}, nil
	}
	say, err := v.app.press(who, key, func(d escalation.Decide) (flows.Case, error) {
		return v.app.casework.AnswerRef(ctx, who.ID, ref, flows.Voice, d)
	})
	return flows.Reply{Text: say, End: true}, err
}

// press is what a key does: 1 takes the case, 2 (or 0, as in a text) says that
// one cannot, anything else hears the choice again. It returns what is said.
func (a *app) press(who flows.Member, key string, answer func(escalation.Decide) (flows.Case, error)) (string, error) {
	var err error
	say := "press.again"
	switch key {
	case "1":
		_, err = answer(escalation.Take)
		say = "press.taken"
	case "2", "0":
		_, err = answer(escalation.Decline)
		say = "press.declined"
	}
	refused, is := errors.AsType[*escalation.Refused](err)
	switch {
	case is && refused.Reason == escalation.RefusedHeld && key == "1":
		say = "press.taken" // the same key again, or its webhook
	case is:
		say = "press.late"
	case err != nil:
		return "", err
	}
	return a.data.texts.Text(cmp.Or(who.Language, a.cfg.Service.Language), say), nil
}
