package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"hotline/store"
)

// openApp opens what an app keeps its word with, in the order in which each needs
// the other: keys, journal, store. With Redis the journal is the second memory;
// without it is the only one.
func openApp(ctx context.Context, p parts) (*app, error) {
	var client redis.UniversalClient
	if len(p.cfg.Redis.Addresses) > 0 {
		client = newClient(p.cfg.Redis)
		shared := &sharedClock{own: p.now, ask: func(ctx context.Context) (time.Time, error) { return client.Time(ctx).Result() }}
		if _, err := shared.read(ctx); err != nil {
			p.log.Warn("the time of Redis is not known yet", zap.Error(err))
		}
		p.own, p.now, p.shared, p.serverTime = p.now, shared.Now, shared, shared.read
	}
	var err error
	if p.safe, err = openSafe(ctx, p.cfg, client, p.now(), p.log); err != nil {
		return nil, err
	}
	p.vault = p.safe.vault
	key, err := p.vault.JournalKey()
	if err == nil {
		p.ledger, err = openLedger(p.cfg.Journal, key, p.now, p.log)
	}
	if err != nil {
		p.safe.close()
		return nil, err
	}
	var sole *store.Embedded
	switch {
	case client != nil:
		p.open = openBeside(p.ledger, openStore(client, p.cfg.Redis, p.log))
	case p.ledger == nil:
		p.safe.close()
		return nil, errors.New("without a Redis there must be a journal: set journal.dir")
	default:
		p.ledger.sole = true
		p.ledger.turns = &turnKeeper{post: p.ledger.Post, vault: p.vault, warn: p.ledger.warn}
		p.open = openSole(p.ledger, p.vault, func(e *store.Embedded) { sole = e })
	}
	a, err := newApp(ctx, p)
	if err != nil {
		if p.ledger != nil {
			err = errors.Join(err, p.ledger.Close())
		}
		p.safe.close()
		return nil, err
	}
	a.sole = sole
	return a, nil
}

// openBeside opens a store and brings the journal after it.
func openBeside(l *ledger, open func(context.Context, store.Options) (*store.Store, error)) func(context.Context, store.Options) (*store.Store, error) {
	return func(ctx context.Context, o store.Options) (*store.Store, error) {
		s, err := open(ctx, o)
		if err != nil || l == nil {
			return s, err
		}
		if err := l.follow(ctx, s); err != nil {
			_ = s.Close()
			return nil, fmt.Errorf("compare the journal with the store: %w", err)
		}
		return s, nil
	}
}
