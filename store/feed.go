package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// Entry is an event as live pages see it. A silent contact has no case.
type Entry struct {
	Case  flows.CaseID
	Event flows.Event
}

// Cursor is how far a reader of the feed has come: the last id it saw of each
// partition. The zero value begins with what is still kept; see Now.
type Cursor []string

// Now is the cursor behind the last event.
func (s *Store) Now(ctx context.Context) (Cursor, error) {
	reads, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.XMessageSliceCmd {
		return pipe.XRevRangeN(ctx, name(p.feed), "+", "-", 1)
	})
	if err != nil {
		return nil, wrap("read the feed", err)
	}
	cursor := make(Cursor, len(reads))
	for i, read := range reads {
		if last := read.Val(); len(last) > 0 {
			cursor[i] = last[0].ID
		}
	}
	return cursor, nil
}

// Tail reads the events of up to n new changes of each partition and returns at once, with the
// cursor to go on from. Events come in the order of their moments.
func (s *Store) Tail(ctx context.Context, from Cursor, n int) ([]Entry, Cursor, error) {
	const op = "read the feed"
	cursor := make(Cursor, len(s.partitions))
	copy(cursor, from)
	i := -1
	reads, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.XMessageSliceCmd {
		i++
		start := "-"
		if cursor[i] != "" {
			start = "(" + cursor[i]
		}
		return pipe.XRangeN(ctx, name(p.feed), start, "+", int64(n))
	})
	if err != nil {
		return nil, from, wrap(op, err)
	}
	var entries []Entry
	for i, read := range reads {
		for _, m := range read.Val() {
			if entries, err = s.appendEntries(entries, m); err != nil {
				return nil, from, fmt.Errorf("%s: %w", op, err)
			}
			cursor[i] = m.ID
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.Event.At.Compare(b.Event.At) })
	return entries, cursor, nil
}

// Gap reports whether the feed may have lost events behind a cursor before they were
// read: what the cursor names is no longer there. It keeps a limited number, and a
// Redis that was filled anew begins another one. Ask after Tail, about the cursor
// from which it read.
func (s *Store) Gap(ctx context.Context, from Cursor) (bool, error) {
	i := -1
	reads, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.XMessageSliceCmd {
		if i++; i >= len(from) || from[i] == "" {
			return nil
		}
		return pipe.XRangeN(ctx, name(p.feed), from[i], from[i], 1)
	})
	if err != nil {
		return false, wrap("look for a gap in the feed", err)
	}
	for _, read := range reads {
		if read != nil && len(read.Val()) == 0 {
			return true, nil
		}
	}
	return false, nil
}

// appendEntries appends the events of one change.
func (s *Store) appendEntries(entries []Entry, m redis.XMessage) ([]Entry, error) {
	id, _ := m.Values["c"].(string)
	list, _ := m.Values["e"].(string)
	events, err := s.records.decodeEvents(nil, flows.CaseID(id), list)
	for _, e := range events {
		entries = append(entries, Entry{flows.CaseID(id), e})
	}
	return entries, err
}

// String is the cursor as one word, for the Last-Event-ID of a live page.
func (c Cursor) String() string { return strings.Join(c, ",") }

// ParseCursor reads what String wrote. Anything else begins anew.
func (s *Store) ParseCursor(text string) Cursor {
	c := Cursor(strings.Split(text, ","))
	for _, id := range c {
		if strings.Trim(id, "0123456789-") != "" {
			return nil
		}
	}
	if len(c) != len(s.partitions) {
		return nil
	}
	return c
}
