package dialog

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"

	"hotline/flows"
	"hotline/flows/places"
)

// The conversation by SMS. Any text is a report; the questions that follow are
// at most three, one a text, and only those that the text left open.
const (
	flowText = "sms"

	askDanger  = "danger"
	askPlace   = "place"
	askContact = "contact"
	askAnswer  = "answer" // a question of the people at work
	askDone    = "done"

	mostQuestions = 3
)

const (
	varAsked  = "asked"  // how many questions were sent
	varOpened = "opened" // which were: "danger place"
	varWrote  = "wrote"  // digest of the first text
)

// reporterText answers a text of anybody who is no responder.
func (st *step) reporterText(ctx context.Context) error {
	if done, err := st.proven(ctx); done || err != nil {
		return err
	}
	if done, err := st.byWord(ctx); done || err != nil {
		return err
	}
	fresh := st.newReport()
	if fresh {
		if err := st.open(flowText); err != nil {
			return err
		}
	}
	st.sess.Flow = flowText
	if st.isPart() {
		if complete, err := st.join(ctx); err != nil || !complete {
			st.reply = flows.Reply{End: true}
			return err
		}
	}
	// The first parts of a long text were filed, but nothing was said yet.
	fresh = fresh || st.sess.State == ""
	asked, last := st.sess.State, st.sess.Touched
	if err := st.listen(ctx, fresh); err != nil {
		return err
	}
	if !fresh && st.told && st.partOf(asked) && st.now.Sub(last) <= st.Settings.Burst {
		// Texts in a row, or parts of one: the question stands already.
		st.reply = flows.Reply{End: true}
		return st.early()
	}
	return st.ask(asked, fresh)
}

// byWord obeys keywords, which are whole messages and outrank any question, and
// plays the answers to advice. It reports false for a text that is neither.
func (st *step) byWord(ctx context.Context) (bool, error) {
	if st.isPart() {
		return false, nil
	}
	switch k, rest := st.Words.keyword(st.in.Text); {
	case k == keyAdvice:
		if done, err := st.advise(ctx, rest); done || err != nil {
			return done, err
		}
	case k != "" && k != keyReport:
		return true, st.command(ctx, k, rest)
	}
	if !st.inAdvice() {
		return false, nil
	}
	done, err := st.advised(ctx, st.in.Text)
	if !done {
		st.leaveAdvice()
	}
	return done, err
}

// partOf tells a part of a longer text from an answer that was not understood.
// A name of a place is short.
func (st *step) partOf(asked string) bool {
	const longestName = 6
	return asked == st.sess.State && (asked != askPlace || len(strings.Fields(st.in.Text)) > longestName)
}

// newReport tells a new report from more of the last one. Texts in a row are
// one report; and the same words again within a day are the same report.
func (st *step) newReport() bool {
	switch {
	case st.from == 0 || st.sess.Case == nil || st.sess.Flow != flowText:
		return true
	case st.sess.Case.Status == flows.StatusClosed:
		return true
	case st.now.Sub(st.sess.Touched) <= st.Settings.Append:
		return false
	}
	same := st.sess.Vars[varWrote] == st.wrote()
	return !same || st.now.Sub(st.sess.Started) > st.Settings.Double
}

// wrote identifies a text however it is spaced and accented.
func (st *step) wrote() string { return st.Keys.Digest("text", squash(st.in.Text)) }

// listen takes a text as an answer to the question before it, if it is one, and
// else as more of the report.
func (st *step) listen(ctx context.Context, fresh bool) error {
	if fresh {
		st.set(varWrote, st.wrote())
		return st.story(ctx)
	}
	answer := st.Words.answers[squash(st.in.Text)]
	switch st.sess.State {
	case askDanger:
		if answer == "yes" || answer == "no" {
			return st.answered(ctx, varDanger, answer)
		}
	case askContact:
		if allows(answer) {
			return st.answered(ctx, varContact, answer)
		}
	case askAnswer:
		return st.replyTo(ctx, st.in.Text)
	case askPlace:
		if answer == "unknown" || answer == "no" {
			st.set(varPlace, "")
			return nil
		}
		if a := st.find(st.in.Text); st.place(a) != "" {
			if err := st.overhear(ctx, a, st.in.Text); err != nil {
				return err
			}
			return st.settle(ctx, a.Place)
		}
	}
	if st.wrote() == st.sess.Vars[varWrote] {
		return nil // a phone that sends its text twice
	}
	return st.story(ctx)
}

func (st *step) answered(ctx context.Context, name, answer string) error {
	st.set(name, answer)
	_, err := st.file(ctx, "")
	return err
}

// story files a text whole and looks for a place in it.
func (st *step) story(ctx context.Context) error {
	if err := st.tell(ctx, "text", st.in.Text); err != nil {
		return err
	}
	if st.current().Danger {
		st.set(varDanger, "yes")
	}
	if place := st.current().Place; place != "" {
		// A case is not moved by a place that is mentioned.
		if mark := st.hamletIn(st.in.Text, place); mark != "" && st.current().Hamlet == "" {
			return st.refine(func(c *flows.Case) { c.Hamlet = mark })
		}
		return nil
	}
	id := st.place(st.guide.Places.FindInSentence(st.in.Text, places.Hint{Province: st.guide.province()}))
	if id == "" {
		return nil
	}
	if mark := st.hamletIn(st.in.Text, id); mark != "" {
		st.set(varHamlets, string(id)+"="+mark)
	}
	return st.settle(ctx, id)
}

// place is the answer of the resolver if it leaves no doubt. A text may not
// show a place to be confirmed: whoever holds the phone could read it.
func (st *step) place(a places.Answer) flows.PlaceID {
	if a.Confirm {
		return ""
	}
	return a.Place
}

// ask words the reply: the next open question, or the receipt when there is none.
// The texts are bland: whoever picks up the phone learns nothing from them.
func (st *step) ask(asked string, fresh bool) error {
	if st.sess.State == askDone || st.sess.State == askAnswer {
		return st.more()
	}
	next := st.nextQuestion()
	n, _ := strconv.Atoi(cmp.Or(st.sess.Vars[varAsked], "0"))
	if next == askDone || n >= mostQuestions {
		return st.lastText("sms.received")
	}
	st.set(varAsked, strconv.Itoa(n+1))
	key := "sms." + next
	if next == asked {
		key += "_again"
	}
	st.sess.State = next
	st.set(varOpened, strings.TrimSpace(st.sess.Vars[varOpened]+" "+next))
	text := st.text(key)
	if fresh {
		text = st.text("sms.got") + " " + text
	}
	st.say(text)
	return st.early()
}

// nextQuestion is the first that is open and worth asking.
func (st *step) nextQuestion() string {
	v := st.sess.Vars
	_, settled := v[varPlace]
	switch {
	case v[varDanger] == "" && !st.askedTwice(askDanger):
		return askDanger
	case !settled && !st.askedTwice(askPlace):
		return askPlace
	case v[varContact] == "" && !st.askedTwice(askContact):
		return askContact
	}
	return askDone
}

func (st *step) askedTwice(q string) bool {
	return strings.Count(st.sess.Vars[varOpened], q) >= 2
}

// early routes a case before its questions are answered when they cannot change
// whom to tell.
func (st *step) early() error {
	if c := st.current(); c.Severity == flows.Urgent && c.Place != "" {
		return st.route()
	}
	return nil
}

// lastText ends the questions with the receipt.
func (st *step) lastText(key string) error {
	if err := st.receipt(); err != nil {
		return err
	}
	if err := st.route(); err != nil {
		return err
	}
	st.sess.State, st.sess.Ended = askDone, true
	receipt, pin := st.sess.Vars[varReceipt], st.sess.Vars[varPIN]
	delete(st.sess.Vars, varReceipt)
	delete(st.sess.Vars, varPIN)
	st.say(st.text(key, "receipt", receipt, "pin", pin))
	return nil
}

// more answers a text that came after the receipt.
func (st *step) more() error {
	text := st.text("sms.added")
	if q := st.question(); q != "" {
		text = st.text("sms.got") + " " + q
	}
	st.say(text)
	return nil
}

// command obeys a keyword.
func (st *step) command(ctx context.Context, k keyword, rest string) error {
	if st.from == 0 {
		if err := st.open(flowText); err != nil {
			return err
		}
		st.begin()
	}
	st.mute = true
	switch k {
	case keyStop:
		return st.stop(ctx)
	case keyCode:
		return st.code(ctx, rest)
	}
	st.say(st.text("sms.help"))
	return nil
}

// code tells the status of a receipt.
func (st *step) code(ctx context.Context, rest string) error {
	if !strings.ContainsAny(rest, "0123456789") {
		st.say(st.text("sms.code"))
		return nil
	}
	number, pin, _ := receiptAndPIN(rest)
	c, err := st.byReceipt(ctx, number, pin)
	switch {
	case errors.Is(err, flows.ErrNotFound) || err == nil && c == nil:
		st.say(st.text("sms.unknown"))
	case err != nil:
		return err
	default:
		st.takeUp(c)
		text := st.text("sms.status", "receipt", number[:4]+" "+number[4:], "status", st.text("sms.status_"+standing(c)))
		if q := st.question(); q != "" && st.sess.CaseID == c.ID {
			text += " " + q
		}
		st.say(text)
	}
	return nil
}
