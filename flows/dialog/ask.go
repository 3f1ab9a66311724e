package dialog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Why a question to a reporter is refused.
var (
	ErrTemplate  = errors.New("there is no such question")
	ErrNotYours  = errors.New("the case is not theirs")
	ErrQuestions = errors.New("enough questions wait for an answer")
)

// mostWaiting is how many questions may wait for one reporter.
const mostWaiting = 3

// Templates lists the reviewed questions that may be put to a reporter, by key:
// the texts under "ask.". Nobody writes freely to a reporter.
func Templates(texts flows.Texts, language string) map[string]string {
	list := map[string]string{}
	for key, text := range texts[language] {
		if strings.HasPrefix(key, "ask.") {
			list[key] = text
		}
	}
	return list
}

// Ask puts a question to the reporter of a case. It is read when the reporter asks
// for the status with receipt and PIN: only then do we know who reads it. A
// reporter who allowed texts gets one that says nothing but that something
// waits, and only between the hours of the settings.
func (s *Service) Ask(now time.Time, c flows.Case, by flows.Member, key string) (flows.Change, error) {
	if _, ok := s.Texts[s.Settings.Language][key]; !ok || !strings.HasPrefix(key, "ask.") {
		return flows.Change{}, fmt.Errorf("ask %q: %w", key, ErrTemplate)
	}
	if !escalation.Visible(by, &c) || !c.IsOpen() {
		return flows.Change{}, fmt.Errorf("ask about case %s: %w", c.Ref, ErrNotYours)
	}
	waiting := 0
	for _, q := range c.Questions {
		if !q.Answered.IsZero() {
			continue
		}
		if q.Key == key {
			return flows.BeginChange(now, c), nil
		}
		waiting++
	}
	if waiting >= mostWaiting {
		return flows.Change{}, fmt.Errorf("ask about case %s: %w", c.Ref, ErrQuestions)
	}
	ch := flows.BeginChange(now, c)
	ch.CommandID = fmt.Sprintf("ask/%s/%s/%d", by.ID, key, c.Version)
	ch.Case.Questions = append(ch.Case.Questions, flows.Question{Key: key, By: by.ID, Asked: now})
	ch.Log(flows.Event{Kind: flows.EventAsked, Reason: key, By: by.ID, Level: by.Level})
	if c.Contact && waiting == 0 {
		ch.Post(flows.Message{
			To: flows.ToReporter(c.ID), Channel: flows.SMS, Purpose: flows.PurposeReport, Language: c.Language,
			Text: s.Texts.Text(c.Language, "sms.waits"), Due: s.polite(now),
		})
	}
	return ch, nil
}

// polite is the first moment from now on at which a reporter may be texted.
func (s *Service) polite(now time.Time) time.Time {
	local := now.In(s.Settings.Zone)
	y, m, d := local.Date()
	from := time.Date(y, m, d, 0, s.Settings.TextFrom, 0, 0, s.Settings.Zone)
	to := time.Date(y, m, d, 0, s.Settings.TextTo, 0, 0, s.Settings.Zone)
	switch {
	case local.Before(from):
		return from
	case local.Before(to):
		return now
	}
	return time.Date(y, m, d+1, 0, s.Settings.TextFrom, 0, 0, s.Settings.Zone)
}

// takeUp makes a case whose receipt and PIN were shown the one that this
// conversation goes on about, unless another is being reported in it.
func (st *step) takeUp(c *flows.Case) {
	busy := st.sess.Case != nil && st.sess.State != askDone && st.sess.State != askAnswer
	if busy || !c.IsOpen() {
		return
	}
	own := c.Clone()
	st.sess.Case, st.sess.CaseID = &own, c.ID
	st.sess.Flow, st.sess.State, st.sess.Started, st.sess.Ended = flowText, askDone, st.now, true
	st.contact = c.Contact
	for _, name := range []string{varDanger, varKind, varPlace, varPlaceName, varContact, varWrote, varAsked, varOpened} {
		delete(st.sess.Vars, name)
	}
}

// question is the text of the oldest question that waits; the next text of the
// reporter answers it.
func (st *step) question() string {
	c := st.current()
	if c == nil {
		return ""
	}
	q := c.Waiting()
	if q == nil {
		return ""
	}
	st.sess.State = askAnswer
	return st.text(q.Key) + " " + st.text("sms.answer")
}

// replyTo takes a text as the answer to the question that waits.
func (st *step) replyTo(ctx context.Context, text string) error {
	st.sess.State = askDone
	q := st.current().Waiting()
	if q == nil {
		return st.tell(ctx, "text", text)
	}
	key := q.Key
	sealed, err := st.seal(ctx, "answer/"+key, text)
	if err != nil {
		return err
	}
	ch, err := st.change()
	if err != nil {
		return err
	}
	ch.Log(flows.Event{Kind: flows.EventAnswered, Reason: key, Level: ch.Case.Level, Via: st.in.Channel})
	return st.refine(func(c *flows.Case) {
		c.Texts = append(c.Texts, sealed)
		c.Waiting().Answered = st.now
	})
}

// answer is replyTo in a call: the case is not this conversation's own, so it is
// committed by itself, and a retry finds the question answered.
func (st *step) answer(ctx context.Context, input string) (string, error) {
	id := flows.CaseID(st.sess.Vars[varAbout])
	for range st.Settings.Conflicts {
		c, err := st.Cases.Case(ctx, id)
		if err != nil {
			return "", fmt.Errorf("answer a question: %w", err)
		}
		q := c.Waiting()
		if q == nil || !c.IsOpen() {
			return "gone", nil
		}
		field := fmt.Sprintf("answer/%s/%d", q.Key, len(c.Texts)+1)
		data, err := st.Vault.Seal(ctx, id, field, []byte(input))
		if err != nil {
			return "", fmt.Errorf("seal an answer: %w", err)
		}
		ch := flows.BeginChange(st.now, c)
		ch.CommandID = st.Keys.Digest("command", "answer", st.turnID)
		ch.Case.Texts = append(ch.Case.Texts, flows.Sealed{Field: field, Data: data})
		ch.Case.Waiting().Answered = st.now
		ch.Log(flows.Event{Kind: flows.EventAnswered, Reason: q.Key, Level: c.Level, Via: st.in.Channel})
		if _, err = st.Cases.Commit(ctx, ch); !errors.Is(err, flows.ErrConflict) {
			return "ok", err
		}
	}
	return "", fmt.Errorf("answer a question: %w", flows.ErrUnavailable)
}
