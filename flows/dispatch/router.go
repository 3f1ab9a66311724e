package dispatch

import (
	"context"
	"errors"
	"sync"
	"time"

	"hotline/flows"
)

// Sender hands a message to a provider. Its errors are [*flows.SendError].
type Sender interface {
	Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error)
}

// Route names the providers of a kind of message: the first, then fall-backs.
type Route struct {
	Purpose   flows.Purpose // empty: any
	Channel   flows.Channel
	Providers []string
}

// Router is a [Sender] that chooses among providers. A provider that fails again
// and again is left out for a while; then one message at a time tries it. Set
// the fields before the first use.
type Router struct {
	Senders map[string]Sender
	Routes  []Route // the first that fits counts
	Now     func() time.Time
	// Trip is how many failures in a row open the breaker of a provider, and
	// Rest for how long it then gets nothing.
	Trip int
	Rest time.Duration
	// Moved is told when traffic moves away from a provider or back, if set.
	Moved func(provider string, away bool)

	mu       sync.Mutex
	breakers map[string]*breaker
}

type breaker struct {
	failures int
	until    time.Time // open until then; zero: closed
	probing  bool
}

// Send tries the providers of the message's route in order. Only a failure that
// is certain, and temporary or this provider's own, goes on to the next one: a
// number that does not exist does not exist anywhere, and a message that may
// have left must not leave twice.
func (r *Router) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	var last error = &flows.SendError{Reason: ReasonNoRoute}
	for _, name := range r.route(m) {
		s, ok := r.Senders[name]
		if !ok {
			continue
		}
		if !r.allow(name) {
			last = &flows.SendError{Temporary: true, Reason: "breaker_open"}
			continue
		}
		sending, err := s.Send(ctx, m, to)
		r.report(name, err)
		if err == nil {
			if sending.Provider == "" {
				sending.Provider = name
			}
			return sending, nil
		}
		last = err
		if e := sendError(err); e.Unknown || !e.Temporary && !e.Elsewhere {
			return flows.Sending{Provider: name}, err
		}
	}
	return flows.Sending{}, last
}

func (r *Router) route(m flows.Message) []string {
	for _, rt := range r.Routes {
		if rt.Channel == m.Channel && (rt.Purpose == "" || rt.Purpose == m.Purpose) {
			return rt.Providers
		}
	}
	return nil
}

// allow reports whether a provider may be tried, and books the probe if it is
// one.
func (r *Router) allow(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.breaker(name)
	switch {
	case b.until.IsZero():
		return true
	case b.probing || r.Now().Before(b.until):
		return false
	}
	b.probing = true
	return true
}

// report counts what a provider did. A refusal of one message says that the
// provider works.
func (r *Router) report(name string, err error) {
	r.mu.Lock()
	b := r.breaker(name)
	was := !b.until.IsZero()
	b.probing = false
	if e := sendError(err); err == nil || !e.Temporary && !e.Unknown {
		b.failures, b.until = 0, time.Time{}
	} else if b.failures++; b.failures >= max(r.Trip, 1) {
		b.until = r.Now().Add(r.Rest)
	}
	is := !b.until.IsZero()
	r.mu.Unlock()
	if was != is && r.Moved != nil {
		r.Moved(name, is)
	}
}

func (r *Router) breaker(name string) *breaker {
	if r.breakers == nil {
		r.breakers = map[string]*breaker{}
	}
	b := r.breakers[name]
	if b == nil {
		b = &breaker{}
		r.breakers[name] = b
	}
	return b
}

// sendError is the failure as a provider told it; any other error may be over
// soon.
func sendError(err error) *flows.SendError {
	if e, ok := errors.AsType[*flows.SendError](err); ok {
		return e
	}
	return &flows.SendError{Temporary: true, Reason: "unreachable", Err: err}
}
