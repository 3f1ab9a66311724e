package dialog

import (
	"context"
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/sms"
)

// findCase looks up a case by the reference that somebody at work types. One
// that they must not see is as good as none.
func (st *step) findCase(ctx context.Context, input string) (string, error) {
	ref, ok := flows.ParseRef(input)
	if !ok {
		return "none", nil
	}
	c, err := st.theirs(ctx, ref)
	if err != nil || c == nil {
		return "none", err
	}
	st.set(varRef, string(c.Ref))
	switch c.Status {
	case flows.StatusOpen:
		return "open", nil
	case flows.StatusTaken:
		return "taken", nil
	}
	return "none", nil
}

// onSite notes that the responder is with the child.
func (st *step) onSite(ctx context.Context, _ string) (string, error) {
	return st.onChosen(ctx, escalation.OnSite)
}

// raise makes the case urgent; one that is urgent already stays so.
func (st *step) raise(ctx context.Context, _ string) (string, error) {
	return st.onChosen(ctx, escalation.Raise)
}

// lower takes the urgency from a case, if the responder leads.
func (st *step) lower(ctx context.Context, _ string) (string, error) {
	return st.onChosen(ctx, escalation.Lower)
}

// closeHeld ends a case with the outcome that was chosen.
func (st *step) closeHeld(ctx context.Context, outcome string) (string, error) {
	return st.onChosen(ctx, closeAs(outcome))
}

// closeAs ends a case with an outcome. A phone gives no reason for it.
func closeAs(outcome string) answerTo {
	return func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		return escalation.CloseAs(now, c, m, via, outcome, "", w)
	}
}

// handTo gives a case to a colleague.
func handTo(to flows.Member) answerTo {
	return func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		return escalation.HandOver(now, c, m, to, via, w)
	}
}

// colleagues lists whom the case can be handed to, those on duty first.
func (st *step) colleagues(ctx context.Context, _ string) (string, error) {
	c, err := st.chosen(ctx, "")
	if err != nil || c == nil {
		return "refused", err
	}
	st.sess.Options = nil
	for _, m := range escalation.Colleagues(st.now, c, st.member, st.guide.World) {
		st.sess.Options = append(st.sess.Options, flows.Option{Value: string(m.ID), Label: sms.Unaccent(st.called(m))})
	}
	if len(st.sess.Options) == 0 {
		return "none", nil
	}
	return "some", nil
}

// called tells colleagues of one role apart: a group has two deputies.
func (st *step) called(m flows.Member) string {
	if m.Name == "" {
		return st.nameOf(m.ID)
	}
	return m.Name
}

// handOver gives the case to the colleague who was picked from the list.
func (st *step) handOver(ctx context.Context, input string) (string, error) {
	to, ok := st.guide.World.Roster.Member(flows.MemberID(input))
	if !ok {
		return "refused", nil
	}
	return st.onChosen(ctx, handTo(to))
}

// onChosen does something to the case that was picked. The reference stays for
// the screen that follows. What is so already is as good as done: whoever loses
// the call at the last screen dials again.
func (st *step) onChosen(ctx context.Context, decide answerTo) (string, error) {
	c, err := st.chosen(ctx, "")
	if err != nil || c == nil {
		return "refused", err
	}
	_, refused, err := st.onCase(ctx, *c, decide)
	switch {
	case err != nil:
		return "refused", err
	case refused == nil:
		return "ok", nil
	case refused.Reason == escalation.RefusedLevel:
		return "above", nil
	case slices.Contains([]escalation.Refusal{escalation.RefusedUrgent, escalation.RefusedNormal}, refused.Reason):
		return "ok", nil
	}
	return "refused", nil
}
