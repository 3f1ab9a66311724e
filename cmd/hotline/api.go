package main

import (
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/handlers/api"
)

// addAPI adds what programs ask for, with the guard of the console below it.
func (a *app) addAPI(e *echo.Echo) error {
	guard := a.guard()
	cases := &escalation.Service{Store: guard, World: a.dir.world, Now: a.now}
	forms := a.record(cases)
	o := api.Options{
		Guard: guard, Tokens: a.accounts(), Cases: shelf{a.store, a}, Steps: cases, Questions: asks{a, cases},
		Forms: forms, Catalogue: forms.Catalogue, Rota: a.dir, Clerk: a.clerk, History: guard, Counted: a.counted.Progress,
		Traffic: a.traffic, Deeds: a.deeds, Once: a.store, Names: api.Names{Member: a.dir.member, Place: a.dir.placeName},
		Directory: func() flows.Directory { return a.dir.view.Load().directory },
		Team:      a.dir.team, Limit: a.limit, Sign: a.vault.Lasting, Now: a.now, Zone: a.dialog.Settings.Zone,
		PerMinute: a.cfg.API.PerMinute,
	}
	programs, err := api.New(o)
	if err != nil {
		return err
	}
	programs.Register(e)
	return nil
}

// Slots cuts a time by who is on duty.
func (c *current) Slots(place flows.PlaceID, level flows.Level, from, to time.Time) []escalation.Slot {
	return c.view.Load().roster.Slots(place, level, from, to)
}
