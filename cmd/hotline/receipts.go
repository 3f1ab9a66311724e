package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"hotline/flows"
	"hotline/store/vault"
)

// receipts hands out receipts whose slow hashes are ready. When a flood has
// emptied the stock a receipt gets the fast hash, and its case the slow one
// afterwards: no step of a conversation waits for a hash.
type receipts struct {
	stock *vault.Receipts
	vault *vault.Vault
	cases interface {
		Case(ctx context.Context, id flows.CaseID) (flows.Case, error)
		Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error)
	}
	now  func() time.Time
	warn func(error)
	soft chan flows.CaseID
}

const (
	readyReceipts = 4                      // for each partition
	receiptPause  = 150 * time.Millisecond // five times as long as a hash takes
	softReceipts  = 1 << 14
)

// draw is the dialog's source of receipts.
func (r *receipts) draw(partition int) (flows.Receipt, string, string, error) {
	d, err := r.stock.Draw(partition)
	return d.Receipt, d.Number, d.PIN, err
}

// committed notes a case whose PIN still has the fast hash. When too many wait,
// one keeps it: that costs somebody who stole both key and store less.
func (r *receipts) committed(ch flows.Change) {
	if ch.Turn == nil || ch.Case.PIN == "" || hard(ch.Case.PIN) {
		return
	}
	select {
	case r.soft <- ch.Case.ID:
	default:
	}
}

func hard(pin string) bool { return strings.HasPrefix(pin, "a1.") }

// run fills the stock and hardens until ctx ends.
func (r *receipts) run(ctx context.Context) {
	go func() {
		if err := r.stock.Run(ctx); err != nil {
			r.warn(err)
		}
	}()
	pause := time.NewTicker(receiptPause)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-r.soft:
			if err := r.harden(ctx, id); err != nil && ctx.Err() == nil {
				r.warn(err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// harden gives a case the slow hash of its PIN.
func (r *receipts) harden(ctx context.Context, id flows.CaseID) error {
	for range 8 {
		c, err := r.cases.Case(ctx, id)
		if err != nil || c.PIN == "" || hard(c.PIN) {
			return err
		}
		slow, err := r.vault.Harden(ctx, c.PIN)
		if err != nil {
			return err
		}
		ch := flows.BeginChange(r.now(), c)
		ch.Case.PIN = slow
		if _, err = r.cases.Commit(ctx, ch); !errors.Is(err, flows.ErrConflict) {
			return err
		}
	}
	return nil
}
