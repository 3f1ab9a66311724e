package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/store"
	"hotline/store/journal"
)

// papers are the documents that belong to no case: accounts, requests to a second
// person, older policies, the rota's questions to members, drills. What is saved is
// in the journal too, sealed, so that a hotline without a Redis has them after a
// restart, and a lost Redis gets them back.
type papers struct {
	*store.Store
	ledger *ledger // nil: no journal
	seal   sealer
	now    func() time.Time
}

// Names of papers.
const (
	paperDirectory = "directory" // in journals only: the store has a place for it
	paperPolicy    = "policy:"   // followed by its version
)

// paperKey is the vault's key of what papers are sealed under.
const paperKey = "papers"

// SavePaper keeps a paper in the store and the journal.
func (p *papers) SavePaper(ctx context.Context, name string, from int64, body []byte) error {
	if err := p.Store.SavePaper(ctx, name, from, body); err != nil {
		return err
	}
	return p.write(ctx, name, from+1, body)
}

// ReplaceDirectory puts a directory in place of the version that the caller saw.
func (p *papers) ReplaceDirectory(ctx context.Context, from string, d flows.Directory) error {
	if err := p.Store.ReplaceDirectory(ctx, from, d); err != nil {
		return err
	}
	return p.keepDirectory(ctx, d)
}

// keepDirectory writes a directory into the journal.
func (p *papers) keepDirectory(ctx context.Context, d flows.Directory) error {
	if p.ledger == nil {
		return nil
	}
	body, err := store.EncodeDirectory(d)
	if err != nil {
		return err
	}
	return p.write(ctx, paperDirectory, 0, body)
}

// keepAll writes all papers of a Redis into the journal once more: commands change
// them, too, which have no journal. Without a Redis they came from there.
func (p *papers) keepAll(ctx context.Context, d flows.Directory) error {
	if p.ledger == nil || p.ledger.sole {
		return nil
	}
	names, err := p.Papers(ctx, "")
	if err != nil {
		return err
	}
	for _, name := range names {
		body, version, err := p.Paper(ctx, name)
		if err == nil {
			err = p.write(ctx, name, version, body)
		}
		if err != nil {
			return err
		}
	}
	return p.keepDirectory(ctx, d)
}

func (p *papers) write(ctx context.Context, name string, version int64, body []byte) error {
	if p.ledger == nil {
		return nil
	}
	sealed, err := p.seal.SealUnder(ctx, paperKey, name, body)
	if err == nil {
		err = p.ledger.Append(ctx, journal.Record{
			At: p.now(), Kind: journal.KindPaper, Case: flows.CaseID(name), Version: version, Body: sealed,
		})
	}
	if err != nil {
		return fmt.Errorf("keep %s in the journal: %w", name, err)
	}
	return nil
}

// lastPapers are the newest papers that a journal holds.
type lastPapers map[flows.CaseID]journal.Record

func (l lastPapers) add(r journal.Record) {
	have, ok := l[r.Case]
	if !ok || r.Version > have.Version || r.Version == have.Version && !r.At.Before(have.At) { // directories have no version
		l[r.Case] = r
	}
}

// restore puts papers back into a store.
func (l lastPapers) restore(ctx context.Context, s *store.Store, v opener) error {
	for id, r := range l {
		name := string(id)
		body, err := v.OpenUnder(ctx, paperKey, name, r.Body)
		switch {
		case err != nil:
		case name == paperDirectory:
			err = s.RestoreDirectory(ctx, body)
		default:
			err = s.RestorePaper(ctx, name, r.Version, body)
		}
		if err != nil {
			return fmt.Errorf("bring %s back from the journal: %w", name, err)
		}
	}
	return nil
}

// keepPolicies leaves our policy for the processes after us, and takes up those
// before us, so that every case goes on with the one it started with.
func (a *app) keepPolicies(ctx context.Context) error {
	own := paperPolicy + a.data.policy.Version
	if err := a.papers.SavePaper(ctx, own, 0, a.data.policyFile); err != nil && !errors.Is(err, flows.ErrConflict) {
		return fmt.Errorf("keep the policy: %w", err)
	}
	names, err := a.papers.Papers(ctx, paperPolicy)
	if err != nil {
		return err
	}
	older := map[string]*escalation.Policy{}
	for _, name := range names {
		version := strings.TrimPrefix(name, paperPolicy)
		if version == a.data.policy.Version {
			continue
		}
		body, _, err := a.papers.Paper(ctx, name)
		if err != nil {
			return err
		}
		p, err := escalation.ParsePolicy(name, body)
		if err != nil {
			// A newer program may not read what an old one could. Its cases go on
			// with today's policy.
			a.log.Warn("an earlier policy cannot be read", zap.String("version", version), zap.Error(err))
			continue
		}
		older[version] = p
	}
	a.data.older = older
	return nil
}
