package dialog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/engine"
)

// dialogue answers a hop of a USSD call.
func (st *step) dialogue(ctx context.Context) error {
	if st.isNewCall() {
		if st.isLate() {
			st.idle = true
			return nil
		}
		return st.newCall(ctx)
	}
	answer, ok := st.newAnswer()
	if !ok {
		return st.again(ctx)
	}
	if st.sess.Ended {
		st.reply, st.idle = st.over(), true
		return nil
	}
	err := st.play(ctx, []string{answer})
	if errors.Is(err, engine.ErrState) {
		// The flow has changed under the call, and its place in it is gone: the
		// questions begin again, for the same case.
		st.keep = true
		return st.newCall(ctx)
	}
	return err
}

// isNewCall reports whether the hop belongs to no call that we know. A start
// that the gateway sends twice has the same session id and is no new call.
func (st *step) isNewCall() bool {
	switch {
	case st.from == 0 || st.sess.Flow == "":
		return true
	case st.in.Signal == flows.Begin && st.sess.Ended:
		return true // some gateways use session ids again
	case st.dial != "":
		return st.dial != st.sess.Dial
	}
	return st.in.Signal == flows.Begin
}

// isLate reports whether the hop is an answer in an earlier call, which the
// gateway kept while we were away: its caller has dialled anew since, and nobody
// reads the screen of that call any more.
func (st *step) isLate() bool {
	return st.in.Signal == flows.Input && st.from > 0 && !st.in.Sent.IsZero() && st.sess.Touched.After(st.in.Sent.Add(time.Second))
}

// newAnswer is what the hop adds to what was answered. There is none when a
// gateway repeats itself, or delivers late.
func (st *step) newAnswer() (string, bool) {
	if !st.in.Cumulative {
		return st.in.Text, st.in.Signal != flows.Begin
	}
	rest, ok := st.rest(st.in.Text, st.sess.Transcript)
	if !ok || rest == "" {
		return "", false
	}
	if st.sess.Transcript.Len > 0 {
		rest, ok = strings.CutPrefix(rest, "*")
	}
	return rest, ok
}

// again repeats the screen; a call that is over stays over. Its last screen, which
// may hold a receipt, is repeated to the same transcript also when the gateway
// gives its repetition another id.
func (st *step) again(ctx context.Context) error {
	st.reply, st.idle = st.sess.Screen, true
	if !st.sess.Ended || !st.numbered() {
		return nil
	}
	_, last, known, err := st.Conversations.Turn(ctx, st.session, st.last(st.from))
	if err != nil {
		return fmt.Errorf("load the last screen of a call: %w", err)
	}
	if known {
		st.reply = last
	}
	return nil
}

// numbered reports whether the gateway both numbers its hops and repeats the whole
// transcript in each.
func (st *step) numbered() bool { return st.in.Cumulative && st.in.ID != "" }

// last names the turn that ends a call by its transcript: version is that of the
// session afterwards. A later call under the same session id is another.
func (st *step) last(version int64) string {
	return st.Keys.Digest("turn", st.in.Provider, "last", string(st.session), st.in.Text,
		strconv.FormatInt(version, 10), strconv.FormatInt(flows.Millis(st.sess.Started), 10))
}

// newCall opens a conversation and plays what was dialled or typed so far. A
// transcript of a call that we have forgotten is played from its start.
func (st *step) newCall(ctx context.Context) error {
	answers := st.shortcut
	if st.in.Cumulative && st.in.Text != "" {
		answers = strings.Split(st.in.Text, "*")
	} else if st.in.Signal == flows.Input && st.in.Text != "" && !st.keep {
		answers = append(answers, st.in.Text)
	}
	if len(answers) == 0 && !st.known && !st.keep && st.canResume() {
		if err := st.offer(ctx); err != nil {
			return err
		}
		return st.play(ctx, nil)
	}
	flow := flowReport
	if st.known {
		flow = flowResponder
	}
	if err := st.open(flow); err != nil {
		return err
	}
	if err := st.Flows.Start(&st.sess, flow, st.run(ctx)); err != nil {
		return err
	}
	return st.play(ctx, answers)
}

// play gives the answers to the flow, one after the other, until it ends.
func (st *step) play(ctx context.Context, answers []string) error {
	for _, a := range answers {
		if st.sess.Ended {
			break
		}
		if err := st.give(ctx, a); err != nil {
			return err
		}
	}
	if st.in.Cumulative {
		st.sess.Transcript = st.mark(st.in.Text)
	}
	return st.close()
}

// give plays one answer. A "*" in it may have been typed, or may part two answers
// of which the gateway lost the first: the whole is tried first, and its parts
// when a menu does not know it.
func (st *step) give(ctx context.Context, answer string) error {
	if !strings.Contains(answer, "*") {
		return st.one(ctx, answer)
	}
	before := st.fork()
	if err := st.one(ctx, answer); err != nil {
		return err
	}
	if !st.refused(before.sess.Tries) {
		return nil
	}
	whole := *st
	*st = before
	for part := range strings.SplitSeq(answer, "*") {
		tries := st.sess.Tries
		if err := st.one(ctx, part); err != nil {
			return err
		}
		if st.refused(tries) {
			*st = whole
			return nil
		}
		if st.sess.Ended {
			return nil
		}
	}
	return nil
}

// one plays one answer. Words at a menu are a wrong key to the flow, but they
// are a report to us: they are filed before the question is repeated, by the
// flow's own stray verb or else here.
func (st *step) one(ctx context.Context, answer string) error {
	if done, err := st.word(ctx, answer); done || err != nil {
		return err
	}
	tries := st.sess.Tries
	st.told = false
	if err := st.Flows.Step(&st.sess, answer, st.run(ctx)); err != nil {
		return err
	}
	if st.told || st.sess.Flow != flowReport || !st.refused(tries) || !isWords(answer) {
		return nil
	}
	return st.tell(ctx, "text", answer)
}

// word obeys the words that mean the same anywhere in a call: stop forgets the
// number and ends it, help leads to the advice and back leads from there.
func (st *step) word(ctx context.Context, answer string) (bool, error) {
	if st.known {
		return false, nil
	}
	switch st.Words.keywords[squash(answer)] {
	case keyStop:
		if err := st.stop(ctx); err != nil {
			return true, err
		}
		st.sess.Screen, st.sess.Ended = flows.Reply{Text: st.text("sms.stop"), End: true}, true
		return true, nil
	case keyHelp, keyAdvice:
		back := st.sess.Flow + "/" + st.sess.State
		if err := st.Flows.Start(&st.sess, flowAdvice, st.run(ctx)); err != nil {
			return true, err
		}
		st.sess.Trail = append(st.sess.Trail, back)
		return true, nil
	}
	return false, nil
}

// refused reports whether the last answer was a wrong one; tries is how many there
// had been.
func (st *step) refused(tries int) bool { return st.sess.Tries > tries }

// close ends a step of a call: a dialogue that is over is routed.
func (st *step) close() error {
	st.mute = st.sess.Flow != flowReport && st.sess.Flow != flowResume
	if st.sess.Ended {
		if err := st.route(); err != nil {
			return err
		}
	}
	st.reply = st.sess.Screen
	delete(st.sess.Vars, varReceipt)
	delete(st.sess.Vars, varPIN)
	return nil
}

// hungUp takes the gateway's note that a call is over. A case whose dialogue
// broke off waits only a moment for the caller to dial again.
func (st *step) hungUp() error {
	st.idle = true
	if st.from == 0 || st.sess.Ended || st.dial != st.sess.Dial || st.sess.Case == nil || st.sess.Case.Status != flows.StatusIntake {
		return nil
	}
	soon := st.now.Add(st.Settings.Hangup)
	if due, ok := st.sess.Case.Timers[flows.TimerIntake]; ok && due <= flows.Millis(soon) {
		return nil
	}
	ch, err := st.change()
	if err != nil {
		return err
	}
	ch.Arm(flows.TimerIntake, soon)
	st.idle, st.reply = false, st.sess.Screen
	return nil
}
