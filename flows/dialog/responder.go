package dialog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/sms"
)

// responderText answers a text of somebody whose phone the directory knows.
func (st *step) responderText(ctx context.Context) error {
	k, rest := st.Words.keyword(st.in.Text)
	if k == keyReport && strings.TrimSpace(rest) != "" {
		return st.reportAtOnce(ctx, rest)
	}
	if k == keyCode {
		return st.command(ctx, k, rest)
	}
	if st.from == 0 || st.sess.Flow != flowResponder {
		if err := st.open(flowResponder); err != nil {
			return err
		}
	}
	st.sess.Language = st.speaks
	st.mute = true
	text, err := st.obey(ctx)
	if err != nil {
		return err
	}
	st.say(st.patience(text))
	return nil
}

// reportAtOnce files a responder's own report whole, without questions: their
// next text may be an answer to an alert and must not be taken for one to us.
func (st *step) reportAtOnce(ctx context.Context, text string) error {
	if err := st.open(flowText); err != nil {
		return err
	}
	st.in.Text = text
	if err := st.story(ctx); err != nil {
		return err
	}
	st.sess.State = askDone
	return st.lastText("staff.reported")
}

// obey does what a responder's text asks for and words the answer.
func (st *step) obey(ctx context.Context) (string, error) {
	if text, done, err := st.staff(ctx); done || err != nil {
		return text, err
	}
	o := st.Words.parseOrder(st.in.Text)
	switch {
	case !o.ok:
		st.lost = true
		return st.text("staff.help"), nil
	case o.ref == "":
		return st.obeyBare(ctx, o)
	}
	if st.Rota != nil && (o.take || o.decline) {
		if text, ok, err := st.Rota.Reply(ctx, st.now, st.member, o.ref, o.take); ok || err != nil {
			return text, err
		}
	}
	c, err := st.theirs(ctx, o.ref)
	if err != nil {
		return "", err
	}
	if c == nil {
		return st.unknown(o.ref), nil
	}
	return st.perform(ctx, o, *c)
}

// obeyBare answers a "1" or "0" without a reference: it is meant for the one
// case that waits. With none waiting, a "1" again is the same answer again.
func (st *step) obeyBare(ctx context.Context, o order) (string, error) {
	open, held, err := st.concerning(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case len(open) == 1:
		return st.perform(ctx, o, open[0])
	case len(open) > 1:
		return st.which(open), nil
	case st.Rota != nil:
		if text, ok, err := st.Rota.Reply(ctx, st.now, st.member, "", o.take); ok || err != nil {
			return text, err
		}
	}
	switch {
	case len(held) == 1 && o.take:
		return st.text("staff.taken", "ref", string(held[0].Ref)), nil
	}
	return st.text("staff.none"), nil
}

// concerning are the member's cases: those that wait for an answer, the oldest
// first, and those they hold.
func (st *step) concerning(ctx context.Context) (open, held []flows.Case, err error) {
	cases, err := st.Cases.Concerning(ctx, st.member.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("list the cases of %s: %w", st.member.ID, err)
	}
	slices.SortFunc(cases, func(a, b flows.Case) int { return a.Opened.Compare(b.Opened) })
	for _, c := range cases {
		switch {
		case c.Status == flows.StatusOpen && slices.Contains(c.Concerns(), st.member.ID):
			open = append(open, c)
		case c.Status == flows.StatusTaken && c.Holder == st.member.ID:
			held = append(held, c)
		}
	}
	return open, held, nil
}

// which lists several cases, as many as one text holds.
func (st *step) which(open []flows.Case) string {
	refs := make([]string, 0, len(open))
	for _, c := range open {
		refs = append(refs, string(c.Ref))
	}
	const most = 8
	if len(refs) > most {
		refs = append(refs[:most], "...")
	}
	return st.text("staff.which", "refs", strings.Join(refs, ", "), "first", refs[0])
}

// theirs is the case of a reference, if the member may see it; else nil, exactly
// as if there were no such case.
func (st *step) theirs(ctx context.Context, ref flows.Ref) (*flows.Case, error) {
	c, err := st.Cases.CaseByRef(ctx, ref)
	switch {
	case errors.Is(err, flows.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look up a reference: %w", err)
	case !escalation.Visible(st.member, &c):
		return nil, nil
	}
	return &c, nil
}

// perform does what the order says to a case that is theirs.
func (st *step) perform(ctx context.Context, o order, c flows.Case) (string, error) {
	switch {
	case o.take:
		_, text, err := st.take(ctx, c)
		return text, err
	case o.decline:
		_, text, err := st.decline(ctx, c, o.why)
		return text, err
	}
	return st.stand(&c), nil
}

// stand says how a case stands, to somebody it concerns.
func (st *step) stand(c *flows.Case) string {
	ref := string(c.Ref)
	switch {
	case c.Status == flows.StatusClosed:
		return st.text("staff.closed", "ref", ref)
	case c.Status == flows.StatusTaken && c.Holder == st.member.ID:
		return st.text("staff.taken", "ref", ref)
	case c.Status == flows.StatusTaken:
		return st.text("staff.already", "ref", ref, "who", st.nameOf(c.Holder), "at", st.clock(c.Taken))
	}
	return st.text("staff.waiting", "ref", ref)
}

// nameOf is how a member is called on a phone.
func (st *step) nameOf(id flows.MemberID) string {
	m, ok := st.guide.World.Roster.Member(id)
	switch {
	case !ok:
		return string(id)
	case m.Role != "":
		return sms.Unaccent(st.role(m.Role))
	}
	return sms.Unaccent(m.Name)
}

// role is a role of the directory in the reader's words, where it is a known one.
func (st *step) role(role string) string {
	key := "console.role." + strings.ReplaceAll(strings.ToLower(role), " ", "_")
	if s, ok := st.Texts[st.language()][key]; ok {
		return strings.ToLower(s)
	}
	return role
}

// take gives the case to the member. Whoever was faster is named; the same
// member again gets the same words again.
func (st *step) take(ctx context.Context, c flows.Case) (outcome, text string, err error) {
	last, refused, err := st.onCase(ctx, c, escalation.Take)
	switch {
	case err != nil:
		return "", "", err
	case refused == nil || refused.Reason == escalation.RefusedHeld:
		return "taken", st.text("staff.taken", "ref", string(last.Ref)), nil
	case refused.Reason == escalation.RefusedNotYours:
		return "refused", st.text("staff.unknown", "ref", string(last.Ref)), nil
	}
	return "already", st.stand(&last), nil
}

// decline notes that the member cannot take the case, and why; the ladder moves
// on.
func (st *step) decline(ctx context.Context, c flows.Case, why string) (outcome, text string, err error) {
	last, refused, err := st.onCase(ctx, c, answerTo(escalation.DeclineAs(why)))
	switch {
	case err != nil:
		return "", "", err
	case refused == nil && why == escalation.DeclinedRelated:
		return "declined", st.text("staff.recused", "ref", string(last.Ref)), nil
	case refused == nil || hasDeclined(&last, st.member.ID):
		return "declined", st.text("staff.declined", "ref", string(last.Ref)), nil
	case refused.Reason == escalation.RefusedNotYours:
		return "refused", st.text("staff.unknown", "ref", string(last.Ref)), nil
	}
	return "already", st.stand(&last), nil
}

func hasDeclined(c *flows.Case, m flows.MemberID) bool {
	return slices.ContainsFunc(c.Alerts, func(a flows.Alert) bool { return a.Member == m && !a.Declined.IsZero() })
}

// answerTo is what a member does to a case, as in package escalation.
type answerTo func(time.Time, flows.Case, flows.Member, flows.Channel, escalation.World) (flows.Change, error)

// onCase commits a decision on a case that is not this conversation's own: it
// lives in its own partition, so it is no script with the session. A retry of
// the webhook is refused as held, and answered alike. last is the case as it was
// when the decision was made.
func (st *step) onCase(ctx context.Context, c flows.Case, decide answerTo) (last flows.Case, refused *escalation.Refused, err error) {
	for range st.Settings.Conflicts {
		ch, err := decide(st.now, c, st.member, st.in.Channel, st.guide.World)
		if errors.As(err, &refused) {
			return c, refused, nil
		}
		if err != nil {
			return c, nil, err
		}
		_, err = st.Cases.Commit(ctx, ch)
		if !errors.Is(err, flows.ErrConflict) {
			return c, nil, err
		}
		if c, err = st.Cases.Case(ctx, c.ID); err != nil {
			return c, nil, err
		}
	}
	return c, nil, fmt.Errorf("answer to case %s: %w", c.ID, flows.ErrUnavailable)
}
