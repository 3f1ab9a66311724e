package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"hotline/flows"
	"hotline/store/journal"
)

// deeds is where people's deeds are written down before they are done, and read
// back. In service that is the journal; the demo, which keeps nothing, has them
// in memory.
type deeds struct {
	ledger *ledger // nil: none is kept
	demo   bool
	now    func() time.Time

	mu   sync.Mutex
	list []flows.Deed
}

var errNoJournal = errors.New("no journal is kept, so nobody could answer for it: set journal.dir")

// Audit writes a deed down. Whoever gets an error must not do it.
func (d *deeds) Audit(ctx context.Context, deed flows.Deed) error {
	if deed.At.IsZero() {
		deed.At = d.now()
	}
	switch {
	case d.ledger != nil:
		return d.ledger.Audit(ctx, deed)
	case !d.demo:
		return errNoJournal
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	deed.Seq, deed.Chain = uint64(len(d.list)+1), "demo"
	d.list = append(d.list, deed)
	return nil
}

// Deeds finds deeds, the latest first. They come from the disk and are proven on
// the way; not whole: somebody changed the journal, see `hotline journal verify`.
func (d *deeds) Deeds(ctx context.Context, f flows.DeedFilter) (list []flows.Deed, whole bool, err error) {
	if d.ledger != nil {
		list, reports, err := journal.Deeds(ctx, []string{d.ledger.cfg.Dir}, d.ledger.key, f)
		bad := slices.ContainsFunc(reports, func(r journal.Report) bool { return !r.OK() })
		return list, !bad, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, deed := range slices.Backward(d.list) {
		if f.Fits(deed) && (f.Limit == 0 || len(list) < f.Limit) {
			list = append(list, deed)
		}
	}
	return list, true, nil
}
