package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
	"hotline/store"
	"hotline/store/journal"
)

// turnKeeper keeps in the journal where conversations stand, for a hotline whose
// store dies with the process: a caller whose gateway asks again after a crash
// gets the same case, not a second one. What it writes holds receipts, so it is
// sealed under a key of its day, which is destroyed when no conversation of that
// day can go on.
type turnKeeper struct {
	post  func(journal.Record) error
	vault sealer
	warn  func(error)
}

// sealer is what a turnKeeper needs of the vault.
type sealer interface {
	opener
	SealUnder(ctx context.Context, key, field string, text []byte) ([]byte, error)
	ShredKey(ctx context.Context, key string) error
}

type opener interface {
	OpenUnder(ctx context.Context, key, field string, sealed []byte) ([]byte, error)
}

// openers are the vaults of several processes, each with keys of its own.
type openers []opener

// OpenUnder opens what any of them can.
func (o openers) OpenUnder(ctx context.Context, key, field string, sealed []byte) (text []byte, err error) {
	for _, v := range o {
		if text, err = v.OpenUnder(ctx, key, field, sealed); err == nil {
			return text, nil
		}
	}
	return nil, err
}

// keptTurn is the body of a record before it is sealed.
type keptTurn struct {
	Turn flows.Turn
	// Filed says that the session had a case, and Version which one it must
	// at least have when it comes back; 0: any.
	Filed   bool
	Version int64
}

const (
	turnField = "turn"
	turnDays  = 8 // longer than any conversation is kept
)

func turnKey(t time.Time) string { return "turns/" + t.UTC().Format("20060102") }

// keep takes a turn in. The record is on the disk no later than what is appended
// after it.
func (k *turnKeeper) keep(ctx context.Context, at time.Time, t flows.Turn, version int64) {
	kept := keptTurn{Turn: t, Filed: t.Session.Case != nil, Version: version}
	kept.Turn.Session.Case = nil
	body, err := json.Marshal(kept)
	if err == nil {
		body, err = k.vault.SealUnder(ctx, turnKey(at), turnField, body)
	}
	if err == nil {
		err = k.post(journal.Record{At: at, Kind: journal.KindTurn, Body: body})
	}
	if err != nil {
		k.warn(fmt.Errorf("keep a conversation: %w", err))
	}
}

// forget destroys the keys of days whose conversations are all over.
func (k *turnKeeper) forget(ctx context.Context, now time.Time) error {
	for d := turnDays; d < 2*turnDays; d++ {
		if err := k.vault.ShredKey(ctx, turnKey(now.AddDate(0, 0, -d))); err != nil {
			return err
		}
	}
	return nil
}

// lastTurns gathers the last turns of each conversation from the journal, the
// newest first.
type lastTurns struct {
	vault opener
	now   time.Time
	of    map[flows.SessionID][]keptAt
}

type keptAt struct {
	keptTurn
	at time.Time
}

// add takes a record in. One that cannot be opened belongs to another life.
func (l *lastTurns) add(ctx context.Context, r journal.Record) {
	if l.now.Sub(r.At) > turnDays*24*time.Hour {
		return
	}
	body, err := l.vault.OpenUnder(ctx, turnKey(r.At), turnField, r.Body)
	if err != nil {
		return
	}
	k := keptAt{at: r.At}
	if json.Unmarshal(body, &k.keptTurn) != nil || !l.now.Before(r.At.Add(k.Turn.Keep)) {
		return
	}
	id := k.Turn.Session.ID
	l.of[id] = append([]keptAt{k}, l.of[id][:min(1, len(l.of[id]))]...)
}

// restore writes each conversation as it stood last. A turn whose case the disk
// did not take was never answered: then the one before it counts.
func (l *lastTurns) restore(ctx context.Context, s *store.Store) (int, error) {
	n := 0
	for _, turns := range l.of {
		for _, k := range turns {
			ok, err := l.restoreOne(ctx, s, k)
			if err != nil {
				return n, fmt.Errorf("restore conversations: %w", err)
			}
			if ok {
				n++
				break
			}
		}
	}
	return n, nil
}

func (l *lastTurns) restoreOne(ctx context.Context, s *store.Store, k keptAt) (bool, error) {
	t := k.Turn
	if k.Filed {
		c, err := s.Case(ctx, t.Session.CaseID)
		if errors.Is(err, flows.ErrNotFound) || err == nil && c.Version < k.Version {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		t.Session.Case = &c
	}
	age := l.now.Sub(k.at)
	t.From, t.Keep, t.Remember = 0, t.Keep-age, max(t.Remember-age, time.Millisecond)
	_, err := s.SaveTurn(ctx, l.now, t)
	return err == nil, err
}
