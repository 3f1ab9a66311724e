package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hotline/flows"
	"hotline/store/record"
)

// Turn reads what a step of a conversation begins with, in one round trip: the
// session, new with only its id if there is none, and the reply that this turn
// was given before, if it was.
func (s *Store) Turn(ctx context.Context, id flows.SessionID, turn string) (flows.Session, flows.Reply, bool, error) {
	fail := func(err error) (flows.Session, flows.Reply, bool, error) {
		return flows.Session{}, flows.Reply{}, false, err
	}
	p := &s.partitions[s.home(id)]
	both, err := s.steps.Do(ctx, "mget", p.sessionKey(id), p.turnKey(id, turn)).Slice()
	if err != nil {
		return fail(wrap("load a conversation", err))
	}
	session := flows.Session{ID: id}
	if value, ok := both[0].(string); ok {
		if session, err = s.decodeSession(id, value); err != nil {
			return fail(fmt.Errorf("load a conversation: %w", err))
		}
	}
	kept, ok := both[1].(string)
	if !ok || turn == "" {
		return session, flows.Reply{}, false, nil
	}
	if err := s.replicated(ctx, s.home(id)); err != nil {
		return fail(wrap("repeat a reply", err))
	}
	// attempt, version, reply
	parts := strings.SplitN(kept, " ", 3)
	reply, err := s.reply(&flows.Turn{ID: turn, Session: flows.Session{ID: id}}, parts[len(parts)-1])
	if err != nil {
		return fail(fmt.Errorf("load a conversation: %w", err))
	}
	return session, reply, true, nil
}

// SaveTurn saves a step of a conversation that moved no case. What it says may be
// about a case that moved a moment ago, so it too waits for replicas, if any are
// waited for. Its errors and its
// outcome are those of Commit.
func (s *Store) SaveTurn(ctx context.Context, now time.Time, t flows.Turn) (flows.Outcome, error) {
	const op = "save a conversation"
	c, err := s.saveTurnCall(now, &t)
	if err != nil {
		return flows.Outcome{}, fmt.Errorf("%s: %w", op, err)
	}
	v, err := s.write(ctx, c, true, s.home(t.Session.ID))
	if err != nil {
		return flows.Outcome{}, wrap(op, err)
	}
	out := flows.Outcome{Reply: t.Reply}
	switch v := v.(type) {
	case int64:
		if err := refusal(v); err != nil {
			return flows.Outcome{}, fmt.Errorf("%s: %w", op, err)
		}
		return out, nil
	case []any:
		return s.repeated(out, v, &t)
	}
	return flows.Outcome{}, fmt.Errorf("%s: %w", op, record.ErrRecord)
}

func (s *Store) saveTurnCall(now time.Time, t *flows.Turn) (*call, error) {
	if err := checkTurn(t); err != nil {
		return nil, err
	}
	p := &s.partitions[s.home(t.Session.ID)]
	w := newWrites()
	s.countDay(w, p, now, t, false)
	s.moveSilent(w, p, t)
	c := newCall(&s.scripts.saveTurn, 2+len(w.keys), 6+len(w.args))
	c.add(p.sessionKey(t.Session.ID), p.turnKey(t.Session.ID, t.ID))
	c.add(w.keys...)
	c.add(s.attempt())
	s.addTurn(c, t, nil)
	c.add(w.args...)
	return c, nil
}

// addTurn appends what turn.lua reads. The case lies beside the session, not in
// its record: committed is the case that the same script writes, if there is one.
func (s *Store) addTurn(c *call, t *flows.Turn, committed []byte) {
	remember := t.Remember.Milliseconds()
	if t.ID == "" {
		remember = 0
	}
	c.add(t.From, s.encodeSession(t, committed), t.Keep.Milliseconds(),
		s.seal(nil, turnNote(t.Session.ID, t.ID), []byte(encodeReply(t.Reply))), remember)
}

// What a day is counted by, in the tally. A text that begins a conversation and files
// a case, as most do, is one write.
const (
	tallyBegun  = ":begun"
	tallyFiled  = ":filed"
	tallyAtOnce = ":at-once" // begun, and filed in the same turn
	tallySilent = ":silent"
)

// countDay counts a conversation that begins with a turn, if there is one, and a case
// that is filed.
func (s *Store) countDay(w *writes, p *partition, now time.Time, t *flows.Turn, filed bool) {
	begun := t != nil && flows.Millis(t.Session.Started) != flows.Millis(counted(t).Started)
	what := tallyBegun
	switch {
	case begun && filed:
		what = tallyAtOnce
	case filed:
		what = tallyFiled
	case !begun:
		return
	}
	w.add("HINCRBY", p.tally, s.day(now)+what, 1)
}

// counted is what was counted of the session of a turn before it.
func counted(t *flows.Turn) flows.Counted {
	if t.From == 0 {
		return flows.Counted{}
	}
	return t.Was
}

// moveSilent puts a conversation that has said nothing so far where it will count as
// silent.
func (s *Store) moveSilent(w *writes, p *partition, t *flows.Turn) {
	switch due := flows.Millis(t.Session.Silent); due {
	case flows.Millis(counted(t).Silent):
	case 0:
		w.add("ZREM", p.silent, string(t.Session.ID))
	default:
		w.add("ZADD", p.silent, due, string(t.Session.ID))
	}
}

func checkTurn(t *flows.Turn) error {
	switch {
	case t.Session.ID == "":
		return errors.New("the conversation has no id")
	case t.From < 0:
		return fmt.Errorf("the conversation was read at version %d", t.From)
	case t.Keep < time.Millisecond:
		return errors.New("the conversation has no lifetime")
	case !plain(string(t.Session.ID)) || !plain(t.ID):
		return errors.New("the conversation's id holds control characters")
	}
	return nil
}
