package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"hotline/flows"
	"hotline/store"
	"hotline/store/journal"
	"hotline/store/record"
)

// rebuilt says what came back from journals.
type rebuilt struct {
	cases, messages, conversations, papers int
	gaps                                   []flows.CaseID
	reports                                []journal.Report
}

// rebuild fills a store from journals, one folder per process that wrote one: cases,
// conversations, and the papers that belong to no case.
func rebuild(ctx context.Context, s *store.Store, dirs []string, key []byte, v opener, now time.Time) (rebuilt, error) {
	defer hurry()()
	fold := journal.NewFold()
	turns := &lastTurns{vault: v, now: now, of: map[flows.SessionID][]keptAt{}}
	var out rebuilt
	kept := lastPapers{}
	var err error
	out.reports, err = journal.Restore(ctx, dirs, key, func(r journal.Record) error {
		if r.Kind == journal.KindTurn {
			turns.add(ctx, r)
		}
		if r.Kind == journal.KindPaper {
			kept.add(r)
		}
		return fold.Add(r)
	})
	if err != nil {
		return out, err
	}
	to, err := s.Refill(ctx)
	if err != nil {
		return out, err
	}
	var cases, messages atomic.Int64
	err = fold.Each(ctx, runtime.GOMAXPROCS(0), func(some []flows.Whole, kept []record.Kept) error {
		cases.Add(int64(len(some)))
		for _, w := range some {
			messages.Add(int64(len(w.Waiting)))
		}
		return to.Add(ctx, some, kept)
	})
	if err := errors.Join(err, to.Done(ctx)); err != nil {
		return out, fmt.Errorf("bring back the cases of the journal: %w", err)
	}
	out.cases, out.messages, out.gaps = int(cases.Load()), int(messages.Load()), fold.Gaps()
	out.papers = len(kept)
	if err := kept.restore(ctx, s, v); err != nil {
		return out, err
	}
	out.conversations, err = turns.restore(ctx, s)
	return out, err
}

// openSole opens the in-process server and fills it from the journal.
func openSole(l *ledger, v sealer, keep func(*store.Embedded)) func(context.Context, store.Options) (*store.Store, error) {
	return func(ctx context.Context, o store.Options) (*store.Store, error) {
		e, err := store.OpenEmbedded(ctx, o)
		if err != nil {
			return nil, err
		}
		keep(e)
		r, err := rebuild(ctx, e.Store, []string{l.cfg.Dir}, l.key, v, l.now())
		if err != nil {
			_ = e.Close()
			return nil, fmt.Errorf("take everything from the journal %s: %w", l.cfg.Dir, err)
		}
		l.report(r.reports)
		l.log.Info("taken from the journal", zap.Int("cases", r.cases), zap.Int("messages", r.messages),
			zap.Int("conversations", r.conversations), zap.Int("cases with a hole in their timeline", len(r.gaps)))
		return e.Store, nil
	}
}
