package dispatch

import (
	"context"
	"errors"
	"strings"
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
	Prefix    string // of the destination, as +84; empty: any
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
	// Limits hold back what is not urgent; nil: none.
	Limits *Limits
	// AtOnce is how many messages may be under way at a provider, by name; 0: any
	// number.
	AtOnce map[string]int
	// Register is what providers were told beforehand: sender names, templates.
	Register Register
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
//
// What is not urgent waits for a provider that is at its limit or rests, as
// [Later] says; what is urgent goes past limits and to the next provider, and to
// one that rests when there is no other.
func (r *Router) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	var spare []string // those that were passed over, and might take it
	var last error = &flows.SendError{Reason: ReasonNoRoute}
	for _, name := range r.route(m, to) {
		if r.Senders[name] == nil {
			continue
		}
		own, why := r.Register.fit(name, m, to)
		if why.reason != "" {
			last = &flows.SendError{Elsewhere: true, Reason: why.reason}
			if !why.never {
				spare = append(spare, name)
			}
			continue
		}
		if err := r.allow(name, &m, to); err != nil {
			if last = err; atLimit(err) {
				break
			}
			if m.Urgent {
				spare = append(spare, name)
			}
			continue
		}
		sending, err := r.hand(ctx, name, own, to)
		if last = err; ended(err) {
			return sending, err
		}
	}
	return r.sendSpare(ctx, spare, m, to, last)
}

// sendSpare tries those that were passed over. What is not urgent does so only
// when there was nobody else to wait for.
func (r *Router) sendSpare(ctx context.Context, spare []string, m flows.Message, to flows.Phone, last error) (flows.Sending, error) {
	if _, waits := errors.AsType[*Later](last); !m.Urgent && (waits || sendError(last).Temporary) {
		return flows.Sending{}, last
	}
	for _, name := range spare {
		if err := r.allow(name, &m, to); err != nil && !m.Urgent {
			return flows.Sending{}, err
		}
		own, _ := r.Register.fit(name, m, to)
		sending, err := r.hand(ctx, name, own, to)
		if last = err; ended(err) {
			return sending, err
		}
	}
	return flows.Sending{}, last
}

// hand gives a message to one provider and notes what it did.
func (r *Router) hand(ctx context.Context, name string, m flows.Message, to flows.Phone) (flows.Sending, error) {
	sending, err := r.Senders[name].Send(ctx, m, to)
	r.report(name, err)
	if sending.Provider == "" {
		sending.Provider = name
	}
	if err == nil || ended(err) {
		return sending, err
	}
	if until, rests := r.rests(name); rests && !m.Urgent && sendError(err).Temporary {
		err = hold(until, r.Now(), &m)
	}
	return sending, err
}

// ended reports whether no other provider is to be tried: the message left, may
// have left, or will be taken by nobody.
func ended(err error) bool {
	if err == nil {
		return true
	}
	if _, waits := errors.AsType[*Later](err); waits {
		return false
	}
	e := sendError(err)
	return e.Unknown || !e.Temporary && !e.Elsewhere
}

// Turn is what [Turns] asks: the provider that would get a message now, and how
// many may be under way there. One that fails may pass the message on to another;
// nobody waits for a second turn then.
func (r *Router) Turn(m *flows.Message, to flows.Phone) (provider string, atOnce int) {
	for _, name := range r.route(*m, to) {
		if r.Senders[name] == nil {
			continue
		}
		if _, why := r.Register.fit(name, *m, to); why.reason != "" {
			continue
		}
		if provider == "" {
			provider, atOnce = name, r.AtOnce[name]
		}
		if _, rests := r.rests(name); !rests {
			return name, r.AtOnce[name]
		}
	}
	return provider, atOnce
}

func (r *Router) route(m flows.Message, to flows.Phone) []string {
	for _, rt := range r.Routes {
		if rt.Channel == m.Channel && (rt.Purpose == "" || rt.Purpose == m.Purpose) && strings.HasPrefix(to.E164(), rt.Prefix) {
			return rt.Providers
		}
	}
	return nil
}

// allow says why a provider may not be tried now, and books the probe if it is
// one.
func (r *Router) allow(name string, m *flows.Message, to flows.Phone) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, b := r.Now(), r.breaker(name)
	resting := !b.until.IsZero()
	if resting && (b.probing || now.Before(b.until)) {
		if m.Urgent {
			return &flows.SendError{Temporary: true, Reason: reasonOpen}
		}
		return hold(b.until, now, m)
	}
	if until, ok := r.Limits.take(now, name, m, to); !ok {
		return &Later{Until: until, Reason: reasonLimit}
	}
	b.probing = resting
	return nil
}

// atLimit reports whether a message has to wait for its provider although that
// works: another one is no way around a limit.
func atLimit(err error) bool {
	l, ok := errors.AsType[*Later](err)
	return ok && l.Reason == reasonLimit
}

// rests reports whether a provider is left out, and until when.
func (r *Router) rests(name string) (time.Time, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.breaker(name)
	return b.until, !b.until.IsZero()
}

// Resting is until when providers are left out, by name.
func (r *Router) Resting() map[string]time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	resting := map[string]time.Time{}
	for name, b := range r.breakers {
		if !b.until.IsZero() {
			resting[name] = b.until
		}
	}
	return resting
}

// hold lets messages wait together for a provider that rests or is being tried.
// When it is back they come in the order in which they press.
func hold(until, now time.Time, m *flows.Message) error {
	press := time.Duration(order(m))
	if until.After(now) {
		until = until.Truncate(time.Second).Add(time.Second + press*500*time.Millisecond)
	} else {
		until = now.Add(200*time.Millisecond + (press-1)*time.Second)
	}
	return &Later{Until: until, Reason: reasonOpen}
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
