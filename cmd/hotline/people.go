package main

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
	"hotline/handlers/authority"
	"hotline/handlers/console"
)

// addSignIn says who is behind a page: whoever has signed in, or in the demo its
// visitor.
func (a *app) addSignIn(o *console.Options) error {
	if o.Demo != nil {
		o.Demo.Roles = a.visitors()
		o.Who = o.Demo.DemoWho
		return nil
	}
	o.Links = a.addLinks()
	o.Accounts, o.Members = a.accounts(), a.dir.members
	var err error
	o.Authority, err = newAuthority(a.cfg)
	return err
}

// greet tells the operator of a new install how the first person signs in.
func (a *app) greet(ctx context.Context) {
	if all, err := a.accounts().Accounts(ctx); err == nil && len(all) == 0 {
		a.log.Warn("nobody can sign in to the console yet; make the first invitation with: hotline admin invite --role supervisor --member ID")
	}
}

// accounts is where people sign in.
func (a *app) accounts() *account.Desk {
	return &account.Desk{
		Papers: a.papers, Signed: a.store, Attempts: a.store, Vault: a.vault, Journal: lenient{a.deeds},
		Member: a.dir.member, Places: a.dir.places, Now: a.now, Random: rand.Reader,
		Limits: account.Limits{Idle: a.cfg.Console.Idle, Longest: a.cfg.Console.Longest},
	}
}

// lenient lets people sign in though no journal is kept: the start has warned of
// that. A journal that is kept and cannot be written still stops them.
type lenient struct{ access.Journal }

// Audit writes a deed down.
func (l lenient) Audit(ctx context.Context, d flows.Deed) error {
	if err := l.Journal.Audit(ctx, d); !errors.Is(err, errNoJournal) {
		return err
	}
	return nil
}

// newAuthority is the sign-in of the authority, if one is set.
func newAuthority(cfg configs.Config) (console.Authority, error) {
	c := cfg.Console.Authority
	if c.Issuer == "" {
		return nil, nil
	}
	if cfg.PublicURL == "" {
		return nil, errors.New("console.authority needs public_url: the authority sends people back there")
	}
	return authority.New(authority.Options{
		Issuer: c.Issuer, Client: c.Client, Secret: c.Secret.Reveal(), Name: c.Name,
		Back: strings.TrimSuffix(cfg.PublicURL, "/") + "/signin/authority/back", Now: realTime,
	})
}

// visitors are the people in whose place one can look at the demo: the provincial
// desk first, which sees every case.
func (a *app) visitors() []console.DemoRole {
	roles := []console.DemoRole{{Name: "supervisor"}, {Name: "responder"}, {Name: "operator"}, {Name: "auditor"}}
	roles[2].Who = access.Who{Role: access.Operator, Account: "operator"}
	roles[3].Who = access.Who{Role: access.Auditor, Account: "auditor"}
	for _, m := range a.dir.members() {
		switch {
		case m.Level == flows.LevelDesk && roles[0].Who.Member.ID == "":
			roles[0].Who = access.OfMember(m)
		case m.Level == flows.LevelDuty && a.dir.placeName(m.Place) == demoPlace && roles[1].Who.Member.ID == "":
			roles[1].Who = access.OfMember(m)
		}
	}
	return roles
}
