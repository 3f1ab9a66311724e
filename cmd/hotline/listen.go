package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"hotline/flows/dialog"
	"hotline/handlers"
)

// listeners are the two HTTP servers of an app.
type listeners struct {
	public   *echo.Echo
	internal *echo.Echo
	timeout  time.Duration // of a stop: running requests, and then the loops
	drain    time.Duration // the first part of it, in which callers are still let in
	leaving  atomic.Bool   // a stop has begun
	until    time.Time     // when a stop that has begun must be over
	log      *zap.Logger
	opened   []net.Listener
	closing  func() // ends the pages that stay open, so that a stop need not wait for them
}

// newListeners makes the routes. Console pages are added by the caller.
func newListeners(a *app, p *providers) (*listeners, error) {
	trusted, err := ranges(a.cfg.TrustedProxies)
	if err != nil {
		return nil, err
	}
	l := &listeners{timeout: a.cfg.ShutdownTimeout, drain: a.cfg.Drain, log: a.log}
	o := handlers.Options{
		Conversation: byVoice{a.dialog, a}, Deliveries: a.deliveries,
		AfricasTalking: p.africastalking, Twilio: p.twilio, Kannel: p.kannel, Gateways: p.gateways,
		Checks:  append(a.checks(), handlers.Check{Name: "staying", Ready: l.staying}),
		Details: a.watch.details, Metrics: a.figures.web, Log: a.log, Now: a.now,
		Trusted: trusted, Timeout: a.cfg.WebhookTimeout - 200*time.Millisecond,
		Kind: dialog.Unavailable(a.data.texts, a.cfg.Service.Language).Text,
	}
	l.public, l.internal = handlers.NewPublic(o), handlers.NewInternal(o)
	return l, nil
}

// staying is whether a load balancer may send callers here.
func (l *listeners) staying(context.Context) error {
	if l.leaving.Load() {
		return errors.New("the hotline has been told to stop")
	}
	return nil
}

// checks are what must be well for the hotline to be ready.
func (a *app) checks() []handlers.Check {
	checks := []handlers.Check{{Name: "store", Ready: a.haveStore}, {Name: "directory", Ready: a.haveDirectory}}
	if a.ledger != nil {
		checks = append(checks, handlers.Check{Name: "journal", Ready: a.ledger.ready})
	}
	if a.safe.file != nil {
		checks = append(checks, handlers.Check{Name: "keys", Ready: a.safe.ready})
	}
	return checks
}

func (a *app) haveDirectory(context.Context) error {
	if a.dir.view.Load() == nil {
		return errors.New("no directory of places and members has been loaded")
	}
	return nil
}

func ranges(texts []string) ([]*net.IPNet, error) {
	var out []*net.IPNet
	for _, t := range texts {
		_, n, err := net.ParseCIDR(t)
		if err != nil {
			return nil, fmt.Errorf("read a trusted range: %w", err)
		}
		out = append(out, n)
	}
	return out, nil
}

// open takes the two addresses, so that a port that is in use is found before
// anything runs.
func (l *listeners) open(ctx context.Context, public, internal string) error {
	if len(l.opened) > 0 {
		return nil
	}
	var lc net.ListenConfig
	for _, addr := range []string{public, internal} {
		ln, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", addr, err)
		}
		l.opened = append(l.opened, ln)
	}
	return nil
}

// serve answers until ctx ends, and then those who are already on their way: a caller
// whose connection waits in the queue of a listener that closes would get an error of
// the network. Then it lets running requests finish.
func (l *listeners) serve(ctx context.Context) error {
	failed := make(chan error, 2)
	servers := []*http.Server{harden(l.parting(l.public)), harden(l.internal)}
	for i, s := range servers {
		go func() { failed <- s.Serve(l.opened[i]) }()
	}
	if l.closing != nil {
		servers[0].RegisterOnShutdown(l.closing)
	}
	var err error
	select {
	case <-ctx.Done():
		l.until = realTime().Add(l.timeout)
		l.leaving.Store(true)
		drained := time.NewTimer(l.drain)
		defer drained.Stop()
		select {
		case <-drained.C:
		case err = <-failed:
		}
	case err = <-failed:
		l.until = realTime().Add(l.timeout)
	}
	stop, cancel := context.WithDeadline(context.WithoutCancel(ctx), l.until)
	defer cancel()
	for _, s := range servers {
		if e := s.Shutdown(stop); e != nil {
			l.log.Warn("requests were cut off", zap.Error(e))
			_ = s.Close()
		}
	}
	return err
}

// parting tells gateways that keep their connections to come by another one next time.
func (l *listeners) parting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.leaving.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// left is how much of a stop's time is left; a second at least, for what has been
// sent must be written down.
func (l *listeners) left() time.Duration { return max(time.Second, l.until.Sub(realTime())) }

// harden bounds what a slow or silent client can hold on to. There is no bound
// on writing: live pages stay open.
func harden(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute}
}
