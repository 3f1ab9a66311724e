package main

import (
	"context"

	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/handlers"
)

// byVoice leaves the keys that a responder presses in a call to those who know
// them, and all else to the dialog.
type byVoice struct {
	handlers.Conversation
	app *app
}

// Handle answers an inbound.
func (v byVoice) Handle(ctx context.Context, in flows.Inbound) (flows.Reply, error) {
	if in.Channel != flows.Voice {
		return v.Conversation.Handle(ctx, in)
	}
	return v.app.calls().Handle(ctx, in)
}

// calls answers keys: they end where a text and the console end, in casework.
func (a *app) calls() *dialog.Calls {
	return &dialog.Calls{Desk: a.casework, Guide: a.dialog.Guide, Texts: a.data.texts, Language: a.cfg.Service.Language}
}
