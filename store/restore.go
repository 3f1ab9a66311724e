package store

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store/record"
)

// RestoreCase writes a case as it was, with its version, reference, receipt,
// timers, timeline, forms and waiting messages. It does nothing if the store
// holds this version or a later one. Nobody is told: it is no change.
func (s *Store) RestoreCase(ctx context.Context, w flows.Whole) error {
	return s.restoreCase(ctx, keptCase{&w, nil})
}

func (s *Store) restoreCase(ctx context.Context, r keptCase) error {
	op := "restore case " + string(r.Case.ID)
	call, err := s.restoreCall(r)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	v, err := run(ctx, s.client, call)
	return restored(op, answer{v, err})
}

func restored(op string, a answer) error {
	if a.err != nil {
		return wrap(op, a.err)
	}
	code, ok := a.value.(int64)
	if !ok {
		return fmt.Errorf("%s: %w", op, record.ErrRecord)
	}
	if err := refusal(code); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

func (s *Store) restoreCall(r keptCase) (*call, error) {
	var as flows.Change
	if err := s.restoring(&as, r); err != nil {
		return nil, err
	}
	events, err := s.eventsOf(nil, r)
	if err != nil {
		return nil, err
	}
	p := s.of(r.Case.ID)
	c := newCall(&s.scripts.restore, 10, 10+2*len(r.Answers)+3*len(r.Waiting))
	c.add(p.timers, p.outbox, p.bodies, p.refs, p.receipts, p.members, p.sids,
		p.caseKey(r.Case.ID), p.timelineKey(r.Case.ID), p.formsKey(r.Case.ID))
	c.add(as.Case.Version, string(r.Case.ID), string(r.Case.Ref), r.Case.Receipt,
		s.caseOf(nil, r, &as.Case), place(&as.Case), memberList(&as.Case), sidList(&as.Case),
		events, len(r.Answers))
	s.addAnswers(c, r.Answers)
	for i := range r.Waiting {
		c.add(string(r.Waiting[i].ID), score(&r.Waiting[i]), s.records.messages.Append(nil, &r.Waiting[i]))
	}
	return c, nil
}

// keptCase is a case to bring back, with what of it lies written already; nil:
// nothing does.
type keptCase struct {
	*flows.Whole
	kept *record.Kept
}

// restoring makes of a case a change that leads to it, checked and settled.
func (s *Store) restoring(as *flows.Change, r keptCase) error {
	c := &r.Case
	*as = flows.Change{Case: *c, Send: r.Waiting, At: c.Opened, From: c.Version - 1, Answers: r.Answers}
	if err := s.check(as); err != nil {
		return err
	}
	s.settle(as)
	return nil
}

// caseOf adds the record of a case to b: the one that lies written, if nothing was
// settled.
func (s *Store) caseOf(b []byte, r keptCase, settled *flows.Case) []byte {
	was := &r.Case
	if r.kept == nil || settled.Version != was.Version || settled.NoTimer != was.NoTimer || !maps.Equal(settled.Timers, was.Timers) {
		return s.records.cases.Append(b, settled)
	}
	return append(append(b, record.Mark), r.kept.Case...)
}

// eventsOf adds the timeline of a case to b as the store keeps it.
func (s *Store) eventsOf(b []byte, r keptCase) ([]byte, error) {
	id := r.Case.ID
	if r.kept == nil {
		return append(b, s.records.encodeEvents(id, r.Timeline)...), nil
	}
	for _, list := range r.kept.Events {
		var err error
		if b, err = s.records.takeEvents(b, id, list); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Waiting lists the messages of a case that are still on the outbox.
func (s *Store) Waiting(ctx context.Context, id flows.CaseID) ([]flows.Message, error) {
	op := "list the messages of case " + string(id)
	c, err := s.Case(ctx, id)
	if err != nil || c.Sequel == 0 {
		return nil, err
	}
	ids := make([]string, c.Sequel)
	for i := range ids {
		ids[i] = string(id) + "/" + strconv.Itoa(i+1)
	}
	bodies, err := s.client.HMGet(ctx, name(s.of(id).bodies), ids...).Result()
	if err != nil {
		return nil, wrap(op, err)
	}
	var waiting []flows.Message
	for _, body := range bodies {
		if text, ok := body.(string); ok {
			var m flows.Message
			if err := s.records.messages.Decode(text, &m); err != nil {
				return nil, fmt.Errorf("%s: %w", op, err)
			}
			waiting = append(waiting, m)
		}
	}
	return waiting, nil
}

// Versions reads the version of every case, open or closed. It walks through all
// keys: call it at a start, not in passing.
func (s *Store) Versions(ctx context.Context) (map[flows.CaseID]int64, error) {
	versions := map[flows.CaseID]int64{}
	err := s.forEachMaster(ctx, func(ctx context.Context, c *redis.Client) error {
		cursor := uint64(0)
		for {
			keys, next, err := c.Scan(ctx, cursor, "hl:{p??}:case:*", 1000).Result()
			if err != nil {
				return err
			}
			if err := readVersions(ctx, c, keys, versions); err != nil {
				return err
			}
			if cursor = next; cursor == 0 {
				return nil
			}
		}
	})
	return versions, wrap("read the versions of all cases", err)
}

func readVersions(ctx context.Context, c *redis.Client, keys []string, into map[flows.CaseID]int64) error {
	if len(keys) == 0 {
		return nil
	}
	heads := make([]*redis.StringCmd, len(keys))
	_, err := c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, key := range keys {
			heads[i] = pipe.GetRange(ctx, key, 0, 20)
		}
		return nil
	})
	for i, head := range heads {
		digits, _, _ := strings.Cut(head.Val(), "\x1e")
		version, bad := strconv.ParseInt(digits, 10, 64)
		if err == nil && bad == nil { // a case is never removed between the reads, or is gone
			into[flows.CaseID(keys[i][strings.LastIndexByte(keys[i], ':')+1:])] = version
		}
	}
	return err
}
