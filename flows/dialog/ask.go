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
)

// Why a question to a reporter is refused.
const (
	RefusedTemplate  escalation.Refusal = "no_question"    // there is no such template
	RefusedWaits     escalation.Refusal = "question_waits" // this very question waits already
	RefusedQuestions escalation.Refusal = "questions_full" // enough others wait
	RefusedReceipt   escalation.Refusal = "no_receipt"     // the reporter has none to read it with
)

// mostWaiting is how many questions may wait for one reporter.
const mostWaiting = 3

// askSpace begins the keys of the reviewed questions.
const askSpace = "ask."

// Asking is what may be asked of the reporter of a case, and how they learn of it.
type Asking struct {
	Questions []Template
	// Refused says why nothing can be asked at all; "": it can.
	Refused escalation.Refusal
	// Notice is the text that would leave, at Due; "": none, for the reason NoText.
	Notice string
	Due    time.Time
	NoText NoText
}

// Template is a reviewed question as the reporter will read it.
type Template struct {
	Key   string // as "ask.still"
	Text  string
	Waits bool // it was put and waits for an answer
}

// NoText says why no text tells a reporter that a question waits. They read it
// when they ask for the status by themselves.
type NoText string

// The reasons.
const (
	NotAllowed NoText = "not_allowed" // the reporter did not allow texts, or took that back
	Forgotten  NoText = "forgotten"   // the number is no longer kept
	Told       NoText = "told"        // an earlier question waits, and that was told
)

// Asking is for the page of a case. Known says whether the number of its reporter
// is still kept.
func (s *Service) Asking(now time.Time, c flows.Case, known bool) Asking {
	a := Asking{Refused: askable(&c)}
	waiting := map[string]bool{}
	for _, q := range c.Questions {
		if q.Answered.IsZero() {
			waiting[q.Key] = true
		}
	}
	for key, text := range s.Texts[s.spoken(&c)] {
		if strings.HasPrefix(key, askSpace) {
			a.Questions = append(a.Questions, Template{key, text, waiting[key]})
		}
	}
	slices.SortFunc(a.Questions, func(x, y Template) int { return strings.Compare(x.Key, y.Key) })
	switch {
	case !c.Contact:
		a.NoText = NotAllowed
	case !known:
		a.NoText = Forgotten
	case len(waiting) > 0:
		a.NoText = Told
	default:
		a.Notice = s.Texts.Text(s.spoken(&c), "sms.waits")
		a.Due, _, _ = s.polite(now, &c)
	}
	return a
}

// spoken is the language of a case's reporter.
func (s *Service) spoken(c *flows.Case) string {
	if len(s.Texts[c.Language]) > 0 {
		return c.Language
	}
	return s.Settings.Language
}

// askable says why nothing can be asked about a case, whoever wants to.
func askable(c *flows.Case) escalation.Refusal {
	waiting := 0
	for _, q := range c.Questions {
		if q.Answered.IsZero() {
			waiting++
		}
	}
	switch {
	case c.Status == flows.StatusIntake:
		return escalation.RefusedNotReady
	case !c.IsOpen():
		return escalation.RefusedClosed
	case c.Receipt == "":
		return RefusedReceipt
	case waiting >= mostWaiting:
		return RefusedQuestions
	}
	return ""
}

// Ask is the decision to put a question to the reporter of a case. They read it
// when they ask for the status with receipt and PIN: only then do we know who
// reads it. A reporter who allowed texts gets one that says nothing but that
// something waits, and only at the hours that they chose.
func (s *Service) Ask(key string) escalation.Decide {
	return func(now time.Time, c flows.Case, by flows.Member, via flows.Channel, _ escalation.World) (flows.Change, error) {
		why := askable(&c)
		_, known := s.Texts[s.spoken(&c)][key]
		first := c.Waiting() == nil
		switch {
		case !escalation.Visible(by, &c):
			return flows.Change{}, &escalation.Refused{Reason: escalation.RefusedNotYours}
		case !known || !strings.HasPrefix(key, askSpace):
			why = RefusedTemplate
		case slices.ContainsFunc(c.Questions, func(q flows.Question) bool { return q.Key == key && q.Answered.IsZero() }):
			why = RefusedWaits
		}
		if why != "" {
			return flows.Change{}, &escalation.Refused{Reason: why, Ref: c.Ref, Who: c.Holder, When: c.Closed}
		}
		ch := flows.BeginChange(now, c)
		ch.CommandID = fmt.Sprintf("ask/%s/%s/%d", by.ID, key, c.Version)
		q := flows.Question{Key: key, By: by.ID, Asked: now}
		if c.Contact && first {
			q.Notice = s.notice(&ch)
		}
		ch.Case.Questions = append(ch.Case.Questions, q)
		ch.Log(flows.Event{Kind: flows.EventAsked, Reason: key, By: by.ID, Level: by.Level, Via: via})
		return ch, nil
	}
}

// notice queues the text that says that something waits.
func (s *Service) notice(ch *flows.Change) flows.MessageID {
	c := &ch.Case
	due, until, next := s.polite(ch.At, c)
	return ch.Post(flows.Message{
		To: flows.ToReporter(c.ID), Channel: flows.SMS, Purpose: flows.PurposeReport, Language: s.spoken(c),
		Text: s.Texts.Text(s.spoken(c), "sms.waits"), Due: due, Until: until, Next: next,
	})
}

// withdraw takes texts that nobody needs any more off the outbox, should they
// still wait there.
func withdraw(ch *flows.Change) {
	for i := range ch.Case.Questions {
		if q := &ch.Case.Questions[i]; q.Notice != "" {
			ch.Settle = append(ch.Settle, q.Notice)
			q.Notice = ""
		}
	}
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
	for _, name := range []string{varDanger, varKind, varPlace, varPlaceName, varContact, varWrote, varAsked, varOpened, varHamlets} {
		delete(st.sess.Vars, name)
	}
	st.set(varProved, string(c.ID))
}

// question is the text of the oldest question that waits, for a reporter who has
// shown receipt and PIN; their next text answers it.
func (st *step) question() string {
	c := st.current()
	if c == nil || st.sess.Vars[varProved] != string(c.ID) {
		return ""
	}
	q := c.Waiting()
	if q == nil {
		return ""
	}
	st.sess.State = askAnswer
	return st.text(q.Key) + " " + st.text("sms.answer")
}

// answering marks the oldest question as answered, in the change of its case.
func answering(ch *flows.Change, now time.Time, via flows.Channel) (key string) {
	q := ch.Case.Waiting()
	key, q.Answered = q.Key, now
	if ch.Case.Waiting() == nil {
		withdraw(ch)
	}
	ch.Log(flows.Event{Kind: flows.EventAnswered, Reason: key, Level: ch.Case.Level, Via: via})
	return key
}

// replyTo takes a text as the answer to the question that waits.
func (st *step) replyTo(ctx context.Context, text string) error {
	st.sess.State = askDone
	q := st.current().Waiting()
	if q == nil {
		return st.tell(ctx, "text", text)
	}
	sealed, err := st.seal(ctx, "answer/"+q.Key, text)
	if err != nil {
		return err
	}
	ch, err := st.change()
	if err != nil {
		return err
	}
	answering(ch, st.now, st.in.Channel)
	return st.refine(func(c *flows.Case) {
		c.Texts = append(c.Texts, sealed)
		st.located(c, q.Key, text)
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
		st.located(&ch.Case, q.Key, input)
		answering(&ch, st.now, st.in.Channel)
		if _, err = st.Cases.Commit(ctx, ch); !errors.Is(err, flows.ErrConflict) {
			return "ok", err
		}
	}
	return "", fmt.Errorf("answer a question: %w", flows.ErrUnavailable)
}
