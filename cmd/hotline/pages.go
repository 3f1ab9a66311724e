package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation"
	joining "hotline/flows/links"
	"hotline/flows/places"
	"hotline/flows/record"
	"hotline/handlers/console"
	"hotline/store"
)

// addConsole adds the pages. In service people sign in by name; the demo signs its
// visitor in.
func (a *app) addConsole(ctx context.Context, e *echo.Echo, live *console.Live, demo *console.Demo) error {
	guard := a.guard()
	cases := &escalation.Service{Store: guard, World: a.dir.world, Now: a.now}
	forms := a.record(cases)
	o := console.Options{
		Board: a.store, Guard: guard, Timeline: guard, Place: a.dir.placeName, Member: a.dir.member,
		Texts: a.data.texts, Now: a.now, Zone: a.dialog.Settings.Zone, Live: live, Demo: demo,
		Casework: cases, Questions: asks{a, cases}, Rota: a.dir, Hours: a.dir.hours, Clerk: a.clerk, Feeds: feeds{a}, Deeds: a.deeds,
		History: guard, Public: a.counted, Counted: a.counted.Progress,
		Steps: cases, Forms: forms, Referrals: forms, Catalogue: forms.Catalogue,
		Team: console.Team{Members: a.dir.team, Communes: a.dir.communes}, Limit: a.limit,
		Providers: &console.Providers{Traffic: a.traffic, Currency: a.cfg.Prices.Currency, Keeping: a.watch.keeps},
		Related:   a.related(cases, guard),
		Pairs:     &access.Pairs{Papers: a.papers, Guard: guard, Now: a.now},
		Custody:   custody{a, guard, a.purges},
	}
	o.Ready, o.Health = a.ready, a.watch.health
	o.Directory, o.Prover = registry{a}, a.clerk
	var err error
	if o.Settings, err = a.settings(); err != nil {
		return err
	}
	o.Printer, o.Posters = newPrinter(a.cfg, a.data), a.posters
	if err := a.addSignIn(&o); err != nil {
		return err
	}
	pages, err := console.New(o)
	if err != nil {
		return fmt.Errorf("make the console: %w", err)
	}
	pages.Register(e)
	if a.sole == nil { // the other store cannot be lost while this process lives
		pages.Look(ctx)
	}
	if demo != nil {
		return nil // nobody signs in there, so nobody makes a token
	}
	return a.addAPI(e)
}

// record is the written record of the cases that somebody decides about. Who
// opens a form is written down first.
func (a *app) record(cases record.Cases) *record.Service {
	return &record.Service{
		Cases: cases, Answers: a.store, Vault: a.vault, Catalogue: a.data.record, Zone: a.dialog.Settings.Zone,
		Hamlet: a.hamlet,
		Opened: func(ctx context.Context, m flows.MemberID, id flows.CaseID, form string) error {
			return a.deeds.Audit(ctx, flows.Deed{
				Case: id, Who: m, Kind: flows.DeedRead, What: "form " + form, Why: "work on the forms of the case", From: access.Mark(ctx),
			})
		},
	}
}

// hamlet is the keyed digest of a hamlet, however people spell it.
func (a *app) hamlet(place flows.PlaceID, name string) string {
	name = places.HamletKey(name)
	if name == "" || place == "" {
		return ""
	}
	return a.vault.Lasting("hamlet", string(place), name)
}

// related finds cases alike, among those that the reader may see.
func (a *app) related(cases joining.Cases, guard *access.Guard) *joining.Service {
	return &joining.Service{
		Cases: cases, Shelf: shelf{a.store, a}, Visible: guard.Visible, Now: a.now,
		Again: time.Duration(a.data.record.Again) * 24 * time.Hour,
	}
}

// shelf finds cases by when they ended: from the moment of their purge, which is
// a known time after it.
type shelf struct {
	*store.Store
	app *app
}

// Ended reads the cases that were closed since a moment.
func (s shelf) Ended(ctx context.Context, since time.Time) ([]flows.Case, error) {
	var ids []flows.CaseID
	for _, kept := range s.app.rules().Kept() {
		some, err := s.Purging(ctx, since.Add(kept), s.app.now().Add(kept))
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	all, err := s.Cases(ctx, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(c flows.Case) bool { return c.ID == "" || c.IsOpen() || c.Closed.Before(since) }), nil
}

// limit is when a legal clock of a case runs out.
func (a *app) limit(k *flows.Case, name flows.TimerName) time.Time {
	return escalation.Limit(k, name, a.dir.world())
}

// team are the members whom a case can be given to: those of its commune and of
// the province who may see it, but for its holder.
func (d *current) team(k *flows.Case) []flows.Member {
	var list []flows.Member
	for _, m := range d.view.Load().directory.Members {
		near := m.Place == k.Place || escalation.Provincial(m.Level)
		if near && m.ID != k.Holder && escalation.Visible(m, k) {
			list = append(list, m)
		}
	}
	// The commune's people first, the provincial desk behind them.
	slices.SortStableFunc(list, func(x, y flows.Member) int { return cmp.Compare((x.Level+5)%6, (y.Level+5)%6) })
	return list
}

// communes are the places that exist now and have people of their own.
func (d *current) communes() []flows.Place {
	v := d.view.Load()
	staffed := map[flows.PlaceID]bool{}
	for _, m := range v.directory.Members {
		staffed[m.Place] = staffed[m.Place] || !escalation.Provincial(m.Level)
	}
	var list []flows.Place
	for _, p := range v.directory.Places {
		if p.Until == "" && staffed[p.ID] {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(x, y flows.Place) int { return cmp.Compare(x.Name, y.Name) })
	return list
}

// guard stands between the pages and the store.
func (a *app) guard() *access.Guard {
	return &access.Guard{Store: books{a.desk(), a.store}, History: a.counted, Places: a.dir.places, Journal: a.deeds, Opener: a.vault, Forms: a.store}
}

// books are the cases with their timelines, as a guard stands in front of them.
type books struct {
	casebook
	lines *store.Store
}

func (b books) Timeline(ctx context.Context, id flows.CaseID) ([]flows.Event, error) {
	return b.lines.Timeline(ctx, id)
}
