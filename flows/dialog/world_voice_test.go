package dialog_test

import (
	"context"
	"fmt"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Ring says what the last call to a member says.
func (w *world) Ring(_ context.Context, who flows.MemberID) (flows.Reply, error) {
	m, ok := w.rings[who]
	if !ok {
		return flows.Reply{}, fmt.Errorf("%s was not called", who)
	}
	return flows.Reply{Text: m.Text, End: true}, nil
}

// Press answers as cmd/hotline does; it plays the same stories.
func (w *world) Press(ctx context.Context, who flows.MemberID, key string) (flows.Reply, error) {
	answer, ok := map[string]struct {
		decide escalation.Decide
		say    string
	}{"1": {escalation.Take, "press.taken"}, "2": {escalation.Decline, "press.declined"}}[key]
	if _, err := w.Ring(ctx, who); !ok || err != nil {
		return w.Ring(ctx, who)
	}
	m := w.rings[who]
	if _, err := w.desk.AnswerRef(ctx, who, m.Ref, flows.Voice, answer.decide); err != nil {
		return flows.Reply{}, err
	}
	err := w.later.Status(ctx, flows.Status{
		Provider: "twilio", ID: "S" + string(m.ID), Message: m.ID, Delivery: flows.Delivered, At: w.clock(),
	})
	if err != nil {
		return flows.Reply{}, err
	}
	return flows.Reply{Text: w.Texts.Text("vi", answer.say), End: true}, w.work(ctx)
}
