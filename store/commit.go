package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"hotline/flows"
	"hotline/store/record"
)

// closedReason is why a case that ended has no timer, if nobody said it better.
const closedReason = "closed"

// Commit applies a change whole or not at all. It returns
//
//   - flows.ErrConflict if the case or the session has moved on,
//   - flows.ErrTaken if the reference or the receipt belongs to another case,
//   - flows.ErrUnavailable if Redis did not answer; the change may have been
//     written, and the same command or turn again finds out.
//
// A turn or a command that was applied before is not applied again: the outcome
// is Repeated, and its Reply is the one given first. Otherwise Reply is the
// reply of the turn, so that a caller can always answer with the outcome's.
//
// A turn whose session lives in another partition than the case, as that of a
// responder, is saved right after the case, not with it.
func (s *Store) Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error) {
	if ch.Turn != nil && s.of(ch.Case.ID) != nil && s.home(ch.Turn.Session.ID) != ch.Case.ID.Partition() {
		return s.commitApart(ctx, ch)
	}
	c, err := s.commitCall(&ch)
	if err != nil {
		return flows.Outcome{}, wrapCommit(&ch, err)
	}
	out, wait, err := s.writeAndKeep(ctx, &ch, c)
	if err != nil {
		return flows.Outcome{}, err
	}
	s.tell(&ch, wait)
	return out, nil
}

func (s *Store) writeAndKeep(ctx context.Context, ch *flows.Change, c *call) (flows.Outcome, func(), error) {
	ctx, unlock := s.inOrder(ctx, ch.Case.ID.Partition())
	defer unlock()
	v, err := s.write(ctx, c, confirms(ch), ch.Case.ID.Partition())
	if err != nil {
		if s.opts.OnDoubt != nil {
			s.opts.OnDoubt(ch.Case.ID)
		}
		return flows.Outcome{}, nil, wrap(commitOp(ch), err)
	}
	return s.committed(ch, v)
}

func commitOp(ch *flows.Change) string { return "commit case " + string(ch.Case.ID) }

func wrapCommit(ch *flows.Change, err error) error { return fmt.Errorf("%s: %w", commitOp(ch), err) }

// commitApart saves case and turn one after the other. The turn lends the case
// its identity, so that doing both again does the first once.
func (s *Store) commitApart(ctx context.Context, ch flows.Change) (flows.Outcome, error) {
	turn := *ch.Turn
	if err := checkTurn(&turn); err != nil {
		return flows.Outcome{}, wrapCommit(&ch, err)
	}
	ch.Turn = nil
	if ch.CommandID == "" && turn.ID != "" {
		ch.CommandID = "turn:" + turn.ID
	}
	first, err := s.Commit(ctx, ch)
	if err != nil {
		return first, err
	}
	second, err := s.SaveTurn(ctx, ch.At, turn)
	if err != nil {
		return flows.Outcome{}, err
	}
	second.Version = first.Version
	return second, nil
}

// confirms reports whether somebody is told that the change is safe: a reporter
// by a reply, a responder by "it is yours" or "saved".
func confirms(ch *flows.Change) bool {
	return ch.Turn != nil || len(ch.Answers) > 0 || slices.ContainsFunc(ch.Events, func(e flows.Event) bool { return e.Kind == flows.EventTaken })
}

// committed reads the answer of commit.lua and has a change that was written now
// kept. Wait is nil for any other.
func (s *Store) committed(ch *flows.Change, answer any) (out flows.Outcome, wait func(), err error) {
	if ch.Turn != nil {
		out.Reply = ch.Turn.Reply
	}
	switch v := answer.(type) {
	case int64:
		if err := refusal(v); err != nil {
			return flows.Outcome{}, nil, wrapCommit(ch, err)
		}
		out.Version = ch.Case.Version
		wait = func() {}
		if s.opts.Keep != nil {
			wait = s.opts.Keep(*ch)
		}
		return out, wait, nil
	case []any:
		out, err := s.repeated(out, v, ch.Turn)
		return out, nil, err
	}
	return flows.Outcome{}, nil, wrapCommit(ch, record.ErrRecord)
}

// tell waits until a change is kept, and tells of it.
func (s *Store) tell(ch *flows.Change, wait func()) {
	if wait == nil {
		return
	}
	wait()
	if s.opts.OnCommit != nil {
		s.opts.OnCommit(*ch)
	}
}

// repeated fills the outcome of what had been applied before.
func (s *Store) repeated(out flows.Outcome, v []any, t *flows.Turn) (flows.Outcome, error) {
	out.Repeated = true
	if len(v) > 0 {
		out.Version, _ = v[0].(int64)
	}
	if len(v) < 2 || t == nil {
		return out, nil
	}
	var err error
	if reply, ok := v[1].(string); ok {
		out.Reply, err = s.reply(t, reply)
	}
	return out, err
}

// What scripts return when they write nothing.
const (
	codeConflict     = -1
	codeTalkConflict = -2
	codeRefTaken     = -3
	codeReceiptTaken = -4
)

// refusal is the error behind a negative answer of a script.
func refusal(code int64) error {
	switch {
	case code >= 0:
		return nil
	case code == codeConflict:
		return flows.ErrConflict
	case code == codeTalkConflict:
		return fmt.Errorf("its conversation: %w", flows.ErrConflict)
	case code == codeRefTaken:
		return flows.ErrTaken
	case code == codeReceiptTaken:
		return fmt.Errorf("its receipt: %w", flows.ErrTaken)
	}
	return errMalformed
}

// commitCall checks a change and builds the call. It gives the case in the
// change its new version, and takes the timers from a case that ended.
func (s *Store) commitCall(ch *flows.Change) (*call, error) {
	if err := s.check(ch); err != nil {
		return nil, err
	}
	if ch.From > 0 && ch.Was == nil {
		return nil, errors.New("the change does not say what its case was")
	}
	s.settle(ch)
	members, sids := memberList(&ch.Case), sidList(&ch.Case)
	w := newWrites()
	claims := s.differences(w, ch, members, sids)
	tail := appendLists(make([]byte, 0, 768), members, sids)
	lists := len(tail)
	tail = s.records.cases.Append(tail, &ch.Case)
	c := newCall(&s.scripts.commit, 5+len(claims)+len(w.keys), 14+2*len(claims)+len(w.args))
	s.addCommitKeys(c, ch, claims, w)
	s.addCase(c, ch, tail, len(claims))
	if ch.Turn != nil {
		s.addTurn(c, ch.Turn, tail[lists:])
	} else {
		c.add("")
	}
	for _, claim := range claims {
		c.add(claim.taken, claim.field)
	}
	c.add(w.args...)
	return c, nil
}

// settle makes the case what will be stored. One that ended keeps no timer but
// that of its purge, see Options.Ended, and an open one has none of those.
func (s *Store) settle(ch *flows.Change) {
	c := &ch.Case
	c.Version = ch.From + 1
	if c.IsOpen() {
		if _, armed := c.Timers[flows.TimerPurge]; armed {
			c.Timers = maps.Clone(c.Timers)
			delete(c.Timers, flows.TimerPurge)
		}
		return
	}
	if s.opts.Ended != nil {
		c.Timers, c.NoTimer = s.opts.Ended(c)
		return
	}
	c.Timers = nil
	if c.NoTimer == "" {
		c.NoTimer = closedReason
	}
}

func (s *Store) addCommitKeys(c *call, ch *flows.Change, claims []claim, w *writes) {
	p := s.of(ch.Case.ID)
	c.add(p.caseKey(ch.Case.ID))
	if ch.Turn != nil {
		c.add(p.sessionKey(ch.Turn.Session.ID), p.turnKey(ch.Turn.Session.ID, ch.Turn.ID))
	}
	if len(ch.Events) > 0 {
		c.add(p.timelineKey(ch.Case.ID), p.feed)
	}
	for _, claim := range claims {
		c.add(claim.key)
	}
	c.add(w.keys...)
	c.endKeys()
}

// Commands that a case remembers. A closed one stays for years.
const (
	commandsOfOpen   = 8
	commandsOfClosed = 2
)

func (s *Store) addCase(c *call, ch *flows.Change, tail []byte, claims int) {
	command, kept := "", commandsOfClosed
	if ch.CommandID != "" {
		command = shortCommand(ch.CommandID)
	}
	if ch.Case.IsOpen() {
		kept = commandsOfOpen
	}
	from := ch.From
	if from > 0 && ch.Was.Version != from {
		from = -1 // decided on two versions at once: no case has both
	}
	c.add(s.attempt(), command, from, ch.Case.Version, kept, tail, s.records.encodeEvents(ch.Case.ID, ch.Events), claims)
}
