package dialog

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/engine"
	"hotline/flows/escalation"
)

// step is one answer being worked out. It holds the session as it will be and
// the change of its case so far; nothing is written until write.
type step struct {
	*Service
	call
	sess  flows.Session
	from  int64         // version of the session that was read
	was   flows.Counted // and what was counted of it
	moved *flows.Change // nil while the case stands still
	taken int
	// contact is whether the case, as it was read, let us text its reporter.
	contact bool
	// reply is what goes back. It is the screen of the session for a call and
	// the text of the answer for an SMS.
	reply flows.Reply
	told  bool // a text of this answer was sealed
	keep  bool // a new beginning is of the same case
	vague bool // a name was given that may mean several places
	lost  bool // a responder's words meant nothing
	// idle steps say again what was said and save nothing.
	idle bool
	// mute steps never count as a silent contact: the caller wants an answer, not to report.
	mute bool
}

// enter is the step before anything is decided.
func (s *Service) enter(c call, sess flows.Session, taken int) *step {
	return &step{
		Service: s, call: c, sess: sess, from: sess.Version, was: sess.Counted(), taken: taken,
		contact: sess.Case != nil && sess.Case.Contact,
	}
}

// language is what the conversation is held in.
func (st *step) language() string {
	if st.sess.Language != "" {
		return st.sess.Language
	}
	return st.speaks
}

// decide works the step out by who is talking on what.
func (st *step) decide(ctx context.Context) error {
	switch {
	case st.in.Signal == flows.Hangup:
		return st.hungUp()
	case st.in.Channel == flows.USSD:
		return st.dialogue(ctx)
	case st.known:
		return st.responderText(ctx)
	}
	return st.reporterText(ctx)
}

// write saves the step: with the case in one script if it moved.
func (st *step) write(ctx context.Context) (flows.Reply, error) {
	if st.idle {
		return st.reply, nil
	}
	turn := st.save()
	if st.moved == nil {
		out, err := st.Conversations.SaveTurn(ctx, st.now, turn)
		if err != nil {
			return flows.Reply{}, fmt.Errorf("save the session: %w", err)
		}
		return said(out, turn.Reply), nil
	}
	ch := *st.moved
	ch.Turn = &turn
	out, err := st.Cases.Commit(ctx, ch)
	if err != nil {
		return flows.Reply{}, fmt.Errorf("commit a step of case %s: %w", ch.Case.ID, err)
	}
	st.keepNumber(ctx)
	return said(out, turn.Reply), nil
}

// said prefers the words of the first time.
func said(out flows.Outcome, reply flows.Reply) flows.Reply {
	if out.Repeated {
		return out.Reply
	}
	return reply
}

// save is the session and the reply as they are to be kept.
func (st *step) save() flows.Turn {
	st.sess.Touched = st.now
	if st.moved != nil {
		last := st.moved.Case // nobody changes either any more
		last.Version = st.moved.From + 1
		st.sess.Case = &last
	}
	t := flows.Turn{
		ID: st.turnID, Session: st.sess, From: st.from, Was: st.was, Reply: st.reply,
		Keep: max(st.Settings.Keep, st.Settings.Resume), Remember: st.remember,
	}
	if st.in.Channel == flows.SMS {
		t.Keep = st.Settings.KeepText
	}
	if st.sess.Ended {
		// The last screen may hold a receipt: only the memory of the turn keeps
		// it, for retries.
		t.Session.Screen = st.over()
		if st.in.Channel == flows.USSD && st.numbered() {
			t.ID = st.last(st.from + 1)
		}
	}
	t.Session.Silent = time.Time{}
	if st.sess.Case == nil && !st.mute {
		t.Session.Silent = st.now
		if !st.sess.Ended {
			t.Session.Silent = st.sess.Started.Add(st.Settings.Silence)
		}
	}
	return t
}

// mostVars is what a first text that says it all leaves in a session.
const mostVars = 10

// open begins a new conversation on the session's place.
func (st *step) open(flow string) error {
	old := st.sess
	id, err := flows.NewCaseID(st.Random, flows.Partition(string(st.session), st.Settings.Partitions))
	if err != nil {
		return err
	}
	st.moved = nil
	st.sess = flows.Session{
		ID: st.session, Version: old.Version, Provider: st.in.Provider, Channel: st.in.Channel, Dial: st.dial,
		Flow: flow, Language: st.speaks, Vars: make(map[string]string, mostVars), CaseID: id, Started: st.now,
	}
	if st.keep {
		st.sess.Case, st.sess.CaseID, st.sess.Started = old.Case, old.CaseID, old.Started
	}
	return nil
}

// run gives the engine the verbs of this step.
func (st *step) run(ctx context.Context) engine.Run {
	return func(name string, _ *flows.Session, input string) (string, error) {
		v, ok := verbs[name]
		if !ok {
			return "", fmt.Errorf("no verb %q", name)
		}
		return v.do(st, ctx, input)
	}
}

// change is the change of the step so far, begun on the case as last seen, or on
// a new case when there is none.
func (st *step) change() (*flows.Change, error) {
	if st.moved != nil {
		return st.moved, nil
	}
	if st.sess.Case != nil {
		ch := flows.BeginChange(st.now, *st.sess.Case)
		st.moved = &ch
		return st.moved, nil
	}
	ref, err := flows.NewRef(st.Random, st.refs.letters(st.taken), st.sess.CaseID.Partition(), st.Settings.Partitions)
	if err != nil {
		return nil, err
	}
	ch := flows.BeginChange(st.now, flows.Case{
		ID: st.sess.CaseID, Ref: ref, Status: flows.StatusIntake, Severity: flows.Normal,
		Channel: st.in.Channel, Provider: st.in.Provider, Language: st.sess.Language, Opened: st.now,
	})
	ch.Log(flows.Event{Kind: flows.EventFiled, Via: st.in.Channel})
	st.moved = &ch
	return st.moved, nil
}

// then joins a decision of another package to the change of the step.
func (st *step) then(next flows.Change) {
	*st.moved = st.moved.Then(next)
}

// filed reports whether the conversation has a case.
func (st *step) filed() bool { return st.moved != nil || st.sess.Case != nil }

// current is the case as the step will leave it; only where one is filed.
func (st *step) current() *flows.Case {
	if st.moved != nil {
		return &st.moved.Case
	}
	return st.sess.Case
}

// route ends the intake: whom to tell is decided on what is known.
func (st *step) route() error {
	if !st.filed() || st.current().Status != flows.StatusIntake {
		return nil
	}
	ch, err := st.change()
	if err != nil {
		return err
	}
	st.then(escalation.Route(st.now, ch.Case, st.guide.World))
	return nil
}

// fork copies the step as far as a trial of an answer may change it.
func (st *step) fork() step {
	c := *st
	c.sess.Vars = maps.Clone(st.sess.Vars)
	c.sess.Options = slices.Clone(st.sess.Options)
	c.sess.Trail = slices.Clone(st.sess.Trail)
	if st.moved != nil {
		ch := *st.moved
		ch.Case = st.moved.Case.Clone()
		ch.Events = slices.Clone(st.moved.Events)
		ch.Send = slices.Clone(st.moved.Send)
		c.moved = &ch
	}
	return c
}

// over is the polite end of a call that has ended before.
func (st *step) over() flows.Reply { return flows.Reply{Text: st.text("sms.over"), End: true} }

// text is words to the person, in their language.
func (st *step) text(key string, pairs ...string) string {
	return st.Texts.Text(st.language(), key, pairs...)
}

// clock is a moment as a responder reads it.
func (st *step) clock(t time.Time) string { return t.In(st.Settings.Zone).Format("15:04") }
