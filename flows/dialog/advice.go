package dialog

import (
	"cmp"
	"context"
	"strings"

	"hotline/flows"
)

// Advice by SMS is the flow that calls have, one screen a text. A word begins it,
// alone or with an answer behind it ("TU VAN Mai Chau"). Any text is a report,
// so what the flow does not understand is one, and a report that was under way
// goes on behind it.

// varReturn is the question of the report that advice was asked for in between.
const varReturn = "return"

// advise begins the advice. It reports false for a text that only begins like the
// word.
func (st *step) advise(ctx context.Context, rest string) (bool, error) {
	before := st.fork()
	if st.sess.Flow == flowAdvice && st.from > 0 || !st.newReport() {
		if st.sess.Flow == flowText {
			st.set(varReturn, st.sess.State)
		}
	} else if err := st.open(flowAdvice); err != nil {
		return false, err
	}
	st.begin()
	if err := st.Flows.Start(&st.sess, flowAdvice, st.run(ctx)); err != nil {
		return false, err
	}
	if strings.TrimSpace(rest) != "" {
		if done, err := st.advised(ctx, rest); !done || err != nil {
			*st = before
			return false, err
		}
		return true, nil
	}
	st.tellAdvice()
	return true, nil
}

// begin speaks the language of the word, to somebody who has said nothing else.
func (st *step) begin() {
	if st.from > 0 {
		return
	}
	first, _, _ := strings.Cut(strings.TrimSpace(st.in.Text), " ")
	if l := cmp.Or(st.Words.tongues[squash(st.in.Text)], st.Words.tongues[squash(first)]); st.speaksOf(l) {
		st.sess.Language = l
	}
}

// advised plays an answer to a page of the advice. It reports false for one that
// is none.
func (st *step) advised(ctx context.Context, text string) (bool, error) {
	if st.sess.Ended {
		return false, nil
	}
	before := st.fork()
	st.told, st.vague = false, false
	if err := st.Flows.Step(&st.sess, text, st.run(ctx)); err != nil {
		return false, err
	}
	if st.told || st.refused(before.sess.Tries) && isWords(text) && !st.vague {
		*st = before
		return false, nil
	}
	st.tellAdvice()
	return true, nil
}

// tellAdvice sends the page that the flow is at.
func (st *step) tellAdvice() {
	st.mute = true
	st.say(st.sess.Screen.Text)
}

// leaveAdvice goes back to the report that advice was asked for in between.
func (st *step) leaveAdvice() {
	state, ok := st.sess.Vars[varReturn]
	if !ok {
		return
	}
	delete(st.sess.Vars, varReturn)
	st.sess.Flow, st.sess.State, st.sess.Ended = flowText, state, state == askDone
}

// inAdvice reports whether the last text was one of advice.
func (st *step) inAdvice() bool {
	return st.from > 0 && st.sess.Flow == flowAdvice && st.in.Channel == flows.SMS
}
