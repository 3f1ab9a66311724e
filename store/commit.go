package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

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
		out.Version = v
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

// refusal is the error behind a negative answer of a script.
func refusal(code int64) error {
	switch {
	case code >= 0:
		return nil
	case code == -1:
		return flows.ErrConflict
	case code == -2:
		return fmt.Errorf("its conversation: %w", flows.ErrConflict)
	case code == -3:
		return flows.ErrTaken
	case code == -4:
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
	s.settle(ch)
	body := s.records.encodeCase(&ch.Case)
	keys := 12
	if ch.Turn != nil {
		keys = 15
	}
	if len(ch.Answers) > 0 {
		keys++
	}
	c := newCall(&s.scripts.commit, keys, 20+len(ch.Settle)+3*len(ch.Send)+2*len(ch.Answers))
	s.addCommitKeys(c, ch)
	s.addCase(c, ch, body)
	c.add(s.records.encodeEvents(ch.Case.ID, ch.Events), len(ch.Answers))
	if ch.Turn != nil {
		s.addTurn(c, ch.Turn, body)
	}
	s.addMessages(c, ch)
	s.addAnswers(c, ch.Answers)
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

func (s *Store) addCommitKeys(c *call, ch *flows.Change) {
	p := s.of(ch.Case.ID)
	c.add(p.timers, p.outbox, p.bodies, p.open, p.refs, p.receipts, p.members, p.sids, p.feed, p.tally,
		p.caseKey(ch.Case.ID), p.timelineKey(ch.Case.ID))
	if ch.Turn != nil {
		c.add(p.silent, p.sessionKey(ch.Turn.Session.ID), p.turnKey(ch.Turn.Session.ID, ch.Turn.ID))
	}
	if len(ch.Answers) > 0 {
		c.add(p.formsKey(ch.Case.ID))
	}
}

func (s *Store) addCase(c *call, ch *flows.Change, body []byte) {
	command := ""
	if ch.CommandID != "" {
		command = shortCommand(ch.CommandID)
	}
	c.add(s.attempt(), command, ch.From, s.day(ch.At), string(ch.Case.ID), standing(&ch.Case), body,
		timerList(ch.Case.Timers), memberList(&ch.Case), sidList(&ch.Case))
}

func (s *Store) addMessages(c *call, ch *flows.Change) {
	c.add(len(ch.Settle))
	for _, id := range ch.Settle {
		c.add(string(id))
	}
	for i := range ch.Send {
		c.add(string(ch.Send[i].ID), score(&ch.Send[i]), s.records.messages.Append(nil, &ch.Send[i]))
	}
}

// check refuses what no step may return, before Redis sees it.
func (s *Store) check(ch *flows.Change) error {
	id := ch.Case.ID
	switch {
	case s.of(id) == nil:
		return fmt.Errorf("its id has no partition below %d", len(s.partitions))
	case !plain(string(id)) || !plain(string(ch.Case.Ref)) || !plain(ch.Case.Receipt):
		return fmt.Errorf("its id, reference or receipt holds control characters")
	case ch.From < 0:
		return fmt.Errorf("decided on version %d", ch.From)
	case ch.At.IsZero():
		return fmt.Errorf("the change has no moment")
	case ch.Case.Ref != "" && flows.Partition(string(ch.Case.Ref), len(s.partitions)) != id.Partition():
		return fmt.Errorf("its reference belongs to another partition")
	}
	if err := checkTimers(&ch.Case); err != nil {
		return err
	}
	if err := checkMessages(ch); err != nil {
		return err
	}
	if err := checkAnswers(&ch.Case, ch.Answers); err != nil {
		return err
	}
	if ch.Turn != nil {
		return checkTurn(ch.Turn)
	}
	return nil
}

func checkTimers(c *flows.Case) error {
	for name, due := range c.Timers {
		if due <= 0 {
			return fmt.Errorf("its timer %q has no due time", name)
		}
		if name == "" || !plain(string(name)) || strings.Contains(string(name), "|") {
			return fmt.Errorf("a timer has the name %q", name)
		}
	}
	return nil
}

func checkMessages(ch *flows.Change) error {
	for i := range ch.Send {
		if ch.Send[i].ID.Case() != ch.Case.ID || ch.Send[i].Due.IsZero() {
			return fmt.Errorf("message %d to send is of another case or has no due time", i)
		}
	}
	for i, id := range ch.Settle {
		if id.Case() != ch.Case.ID {
			return fmt.Errorf("message %d to settle is of another case", i)
		}
	}
	for i := range len(ch.Case.Alerts) + len(ch.Case.Notices) {
		a := tracked(&ch.Case, i)
		if !plain(string(a.Member)) || strings.Contains(string(a.Member), "|") || !plain(a.Provider) || !plain(a.SID) {
			return fmt.Errorf("alert %d holds control characters", i)
		}
	}
	if !plain(string(ch.Case.Holder)) || strings.Contains(string(ch.Case.Holder), "|") {
		return fmt.Errorf("its holder is no member id")
	}
	return nil
}
