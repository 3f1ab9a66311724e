package handlers

import (
	"context"
	"net"
	"time"

	"go.uber.org/zap"

	"hotline/handlers/africastalking"
	"hotline/handlers/gateway"
	"hotline/handlers/kannel"
	"hotline/handlers/twilio"
)

// Options are what the two listeners are made of. What is nil is not served.
type Options struct {
	Conversation Conversation
	Deliveries   Deliveries

	AfricasTalking *africastalking.Provider
	Twilio         *twilio.Provider
	Kannel         *kannel.Provider
	Gateways       []*gateway.Gateway

	Checks []Check
	// Details is added to the readiness page, if set. The page is for the
	// operator's machines; it must not hold addresses or secrets all the same.
	Details func(ctx context.Context) any
	Metrics *Metrics
	Log     *zap.Logger // wrapped with NewScrubbed by whoever makes it
	Now     func() time.Time

	// Trusted are the proxies whose X-Forwarded-For is believed. With none, the
	// address is the connection's.
	Trusted []*net.IPNet
	// Timeout is how long a webhook may take, from its first byte to its reply.
	// Operators cut a USSD session after a few seconds of silence.
	Timeout time.Duration
	// Kind is what a caller reads when the hotline itself cannot answer: the
	// numbers of those who can.
	Kind string
}

// The defaults: a little under the two seconds that are promised, and the two
// numbers that are right in every language.
const (
	defaultTimeout = 1800 * time.Millisecond
	defaultKind    = "Goi 111 / 113. Call 111 / 113."
)

// server is what the handlers share.
type server struct {
	Options
	metrics   *Metrics
	crew      *crew
	strangers strangers
	comforted recent
}

func newServer(o Options) *server {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Kind == "" {
		o.Kind = defaultKind
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics()
	}
	return &server{Options: o, metrics: o.Metrics, crew: newCrew()}
}

// Check is one thing that must work before traffic may come.
type Check struct {
	Name  string // as "redis"; shown to whoever asks
	Ready func(ctx context.Context) error
}
