package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/access"
	"hotline/handlers/hook"
	"hotline/store"
)

// hookLease is how long one of several processes tells a receiver alone.
const hookLease = 30 * time.Second

// hooks are the receivers of the settings. Each hears of the cases that its member
// may see, by the guard of the console.
func (a *app) hooks() ([]*hook.Worker, error) {
	var list []*hook.Worker
	for _, c := range a.cfg.Webhooks {
		key, err := hook.ParseSecret(c.Secret.Reveal())
		if err != nil {
			return nil, fmt.Errorf("webhook %s: %w", c.Name, err)
		}
		list = append(list, a.hook(c, key))
	}
	return list, nil
}

func (a *app) hook(c configs.Webhook, key []byte) *hook.Worker {
	guard, me := a.guard(), rand.Text()
	return &hook.Worker{
		Name: c.Name, URL: c.URL, Key: key, Cases: a.store, Papers: a.papers, Moved: (&moves{store: a.store, ended: shelf{a.store, a}}).since,
		Sees: func(k *flows.Case) bool {
			m, known := a.dir.member(flows.MemberID(c.Member))
			return known && guard.Sees(access.OfMember(m), k)
		},
		Mine: func(ctx context.Context) (bool, error) {
			who, err := a.store.ClaimOnce(ctx, "hook:"+c.Name, me, hookLease)
			return who == me, err
		},
		// A receiver that leads elsewhere could lead anywhere.
		Client: &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Now:    a.now, Warn: a.warn("webhook " + c.Name),
	}
}

// moves finds cases that moved, by the feed; for a beginning, all that may have.
type moves struct {
	store *store.Store
	ended shelf
	from  store.Cursor
}

func (m *moves) since(ctx context.Context, from time.Time) (ids []flows.CaseID, err error) {
	if from.IsZero() {
		entries, next, err := m.store.Tail(ctx, m.from, countMost)
		if err != nil {
			return nil, err
		}
		m.from = next
		for _, e := range entries {
			if e.Case != "" {
				ids = append(ids, e.Case)
			}
		}
		return ids, nil
	}
	// First where the feed ends, then what there is: nothing falls between.
	if m.from, err = m.store.Now(ctx); err != nil {
		return nil, err
	}
	open, err := m.store.Open(ctx)
	if err != nil {
		return nil, err
	}
	ended, err := m.ended.Ended(ctx, from)
	for _, list := range [][]flows.Case{open, ended} {
		for i := range list {
			ids = append(ids, list[i].ID)
		}
	}
	return ids, err
}
