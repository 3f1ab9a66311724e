// Package handlers is the way in: two HTTP listeners, one for providers and
// people, one for the operator's own machines.
//
// Read this file first: every route is here. A provider's folder reads the
// request and writes the reply; what lies between, the same for all of them, is
// in webhook.go; what surrounds it is in middleware.go; errors.go says what
// becomes of a request that goes wrong.
package handlers

import (
	"context"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// Conversation answers one inbound. It is the dialog.
type Conversation interface {
	Handle(ctx context.Context, in flows.Inbound) (flows.Reply, error)
}

// Deliveries takes a provider's later word on a message. It is the dispatcher.
type Deliveries interface {
	Status(ctx context.Context, s flows.Status) error
}

// NewPublic makes the listener that providers and browsers reach. A provider
// that is not configured has no routes. The console adds its own pages.
func NewPublic(o Options) *echo.Echo {
	s := newServer(o)
	e := s.echo()

	if at := o.AfricasTalking; at != nil {
		g := e.Group("/africastalking/:token", secret(at.Allows), nearby(at.Near), s.webhook)
		g.POST("/ussd", s.talk(at.USSD))
		g.POST("/ussd/end", s.talk(at.End))
		g.POST("/sms", s.talk(at.SMS))
		g.POST("/status", s.receipts(at.Status))
	}
	if tw := o.Twilio; tw != nil {
		g := e.Group("/twilio", s.webhook, verified(tw.Verify))
		g.POST("/sms", s.talk(tw.SMS))
		g.POST("/status", s.receipts(tw.Status))
		g.POST("/voice/ask", s.talk(tw.Ask))
		g.POST("/voice/press", s.talk(tw.Press))
		g.POST("/voice/status", s.receipts(tw.Call))
	}
	if k := o.Kannel; k != nil {
		g := e.Group("/kannel/:token", secret(k.Allows), s.webhook)
		g.POST("/sms", s.talk(k.SMS))
		g.POST("/ussd", s.talk(k.USSD))
		g.GET("/status", s.receipts(k.Status))
	}
	for _, gw := range o.Gateways {
		g := e.Group(gw.Prefix(), secret(gw.Allows), nearby(gw.Near), s.webhook, verified(gw.Verify))
		for _, method := range []string{"POST", "PUT", "GET"} {
			g.Add(method, "/ussd", s.talks(gw.USSD))
			g.Add(method, "/ussd/*", s.talks(gw.USSD))
			g.Add(method, "/sms", s.talks(gw.SMS))
			g.Add(method, "/status", s.receipts(gw.Status))
		}
	}
	return e
}

// NewInternal makes the listener for probes and metrics. It stays on loopback or
// a private network.
func NewInternal(o Options) *echo.Echo {
	s := newServer(o)
	e := s.echo()
	e.GET("/healthz", s.alive)
	e.GET("/readyz", s.ready)
	e.GET("/metrics", s.scrape())
	return e
}
