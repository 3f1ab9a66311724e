package main

import (
	"context"
	"crypto/subtle"
	"fmt"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation"
	"hotline/handlers/console"
	"hotline/store"
)

// addConsole adds the pages. Without a password there are none, but in the demo.
func (a *app) addConsole(e *echo.Echo, live *console.Live, demo *console.Demo) error {
	if demo == nil && a.cfg.Console.Password.IsZero() {
		a.log.Warn("the console is not served: set console.password")
		return nil
	}
	who := a.atDesk
	if demo == nil {
		who = a.byPassword
	}
	guard := a.guard()
	casework := &escalation.Service{Store: guard, World: a.dir.world, Now: a.now}
	pages, err := console.New(console.Options{
		Board: a.store, Guard: guard, Timeline: guard, Place: a.dir.placeName, Member: a.dir.member,
		Texts: a.data.texts, Now: a.now, Zone: a.dialog.Settings.Zone, Live: live, Demo: demo,
		Casework: casework, Questions: asks{a, casework}, Who: who, Rota: a.dir,
		History: guard, Public: a.counted, Counted: a.counted.Progress,
	})
	if err != nil {
		return fmt.Errorf("make the console: %w", err)
	}
	pages.Register(e)
	return nil
}

// guard stands between the pages and the store.
func (a *app) guard() *access.Guard {
	return &access.Guard{Store: books{a.desk(), a.store}, History: a.counted, Places: a.dir.places, Journal: a.deeds}
}

// books are the cases with their timelines, as a guard stands in front of them.
type books struct {
	casebook
	lines *store.Store
}

func (b books) Timeline(ctx context.Context, id flows.CaseID) ([]flows.Event, error) {
	return b.lines.Timeline(ctx, id)
}

// atDesk is who acts in the demo: the provincial desk, which may see every case.
func (a *app) atDesk(echo.Context) (access.Who, bool) {
	for _, m := range a.dir.view.Load().directory.Members {
		if m.Level == flows.LevelDesk {
			return access.OfMember(m), true
		}
	}
	return access.Who{}, false
}

// byPassword is who has the password of the console.
func (a *app) byPassword(x echo.Context) (access.Who, bool) {
	user, password, _ := x.Request().BasicAuth()
	name := subtle.ConstantTimeCompare([]byte(user), []byte(a.cfg.Console.User))
	word := subtle.ConstantTimeCompare([]byte(password), []byte(a.cfg.Console.Password.Reveal()))
	if name&word != 1 {
		x.Response().Header().Set(echo.HeaderWWWAuthenticate, "basic realm=Restricted")
		return access.Who{}, false
	}
	return a.atDesk(x)
}
