package main

import (
	"context"
	"fmt"

	"hotline/flows"
)

// Ring lets a member pick up the last call to them. Nothing is decided by it: the
// provider's word that the call was heard comes when it ends.
func (w *world) Ring(_ context.Context, who flows.MemberID) (flows.Reply, error) {
	m, err := w.calling(who)
	return flows.Reply{Text: m.Text, End: true}, err
}

// Press is a key in that call, by the way that a key takes from the provider: 1
// and 2 become the words that would answer the same alert by text, and any other
// key hears the call again.
func (w *world) Press(ctx context.Context, who flows.MemberID, key string) (flows.Reply, error) {
	m, err := w.calling(who)
	if err != nil {
		return flows.Reply{}, err
	}
	word, ok := map[string]string{"1": "1 ", "2": "0 "}[key]
	if !ok {
		return w.Ring(ctx, who)
	}
	phone, ok := w.app.dir.Phone(who, m.Phone)
	if !ok {
		return flows.Reply{}, fmt.Errorf("%s has no phone", who)
	}
	reply, err := byVoice{w.app.dialog, w.app}.Handle(ctx, flows.Inbound{
		Provider: "twilio", Channel: flows.Voice, Signal: flows.Input, From: phone, To: w.app.cfg.Service.SMS,
		ID: string(m.ID) + "/" + key, Text: word + string(m.Ref), At: w.clock.Now(),
	})
	if err != nil {
		return reply, err
	}
	err = w.app.deliveries.Status(ctx, flows.Status{
		Provider: "twilio", ID: "S" + string(m.ID), Message: m.ID, Delivery: flows.Delivered, At: w.clock.Now(),
	})
	if err != nil {
		return reply, err
	}
	return reply, w.work(ctx)
}

func (w *world) calling(who flows.MemberID) (flows.Message, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m, ok := w.rings[who]
	if !ok {
		return m, fmt.Errorf("%s was not called", who)
	}
	return m, nil
}
