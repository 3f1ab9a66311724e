package main

import (
	"fmt"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/handlers/africastalking"
	"hotline/handlers/gateway"
	"hotline/handlers/twilio"
	"hotline/handlers/wire"
)

// providers are the accounts that are set up, both directions of each.
type providers struct {
	africastalking *africastalking.Provider
	twilio         *twilio.Provider
	gateways       []*gateway.Gateway
	senders        map[string]dispatch.Sender
}

// newProviders makes a provider of every account in the settings.
func newProviders(c configs.Config) (*providers, error) {
	p := &providers{senders: map[string]dispatch.Sender{}}
	numbers := wire.Numbers{Region: c.Service.Region}
	if at := c.AfricasTalking; !at.Token.IsZero() {
		made, err := africastalking.New(africastalking.Config{Tokens: []string{at.Token.Reveal()}, Numbers: numbers})
		if err != nil {
			return nil, fmt.Errorf("set up africastalking: %w", err)
		}
		p.africastalking = made
	}
	if tw := c.Twilio; tw.Account != "" {
		tokens := []string{tw.Token.Reveal()}
		if !tw.SecondToken.IsZero() {
			tokens = append(tokens, tw.SecondToken.Reveal())
		}
		made, err := twilio.New(twilio.Config{
			AccountSID: tw.Account, Tokens: tokens, PublicURL: c.PublicURL, Numbers: numbers, From: tw.From, APIURL: tw.URL,
		})
		if err != nil {
			return nil, fmt.Errorf("set up twilio: %w", err)
		}
		p.twilio, p.senders[twilio.Name] = made, made
	}
	for _, g := range c.Gateways {
		made, err := gateway.New(gateway.Config{
			Name: g.Name, Auth: gateway.Auth{Bearer: g.Token.Reveal()}, Numbers: numbers,
			SendURL: g.SendURL, SendKey: g.SendToken.Reveal(),
		})
		if err != nil {
			return nil, fmt.Errorf("set up gateway %s: %w", g.Name, err)
		}
		p.gateways = append(p.gateways, made)
		if g.SendURL != "" {
			p.senders[g.Name] = made
		}
	}
	return p, nil
}

// router sends by the routes of the settings. A provider that fails five times
// in a row rests for half a minute.
func (p *providers) router(c configs.Config, now func() time.Time, log *zap.Logger, f *figures) *dispatch.Router {
	senders := map[string]dispatch.Sender{}
	for name, s := range p.senders {
		senders[name] = f.web.Measure(name, s, now)
		f.moved(name, false)
	}
	return &dispatch.Router{
		Senders: senders,
		Routes: []dispatch.Route{
			{Channel: flows.SMS, Providers: c.Routes.SMS},
			{Channel: flows.Voice, Providers: c.Routes.Voice},
		},
		Now: now, Trip: 5, Rest: 30 * time.Second,
		Moved: func(provider string, away bool) {
			f.moved(provider, away)
			log.Warn("traffic moved", zap.String("provider", provider), zap.Bool("away", away))
		},
	}
}
