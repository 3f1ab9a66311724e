package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/handlers/console"
)

// Why the hotline itself is unwell, beside what an audit finds. Each has its words
// in the texts, as unwell.<reason>.
const (
	unwellStore    = "store"    // Redis cannot be read
	unwellJournal  = "journal"  // the disk of the journal takes nothing
	unwellDead     = "dead"     // messages were given up
	unwellProvider = "provider" // a provider gets no messages
	unwellWaiting  = "waiting"  // messages are due and nobody sends them
	unwellClock    = "clock"    // a clock was set, or has been wrong for long
)

// waitingLimit is how late the oldest message may be before a person must look.
const waitingLimit = 5 * time.Minute

// pingEvery is how often a watcher outside is told that all is well. It alarms
// when it hears nothing, so that a hotline that is gone altogether is noticed.
const pingEvery = time.Minute

// guard tells people outside of the hotline how it is: a watcher hears from it
// while all is well, supervisors are texted when it is not.
type guard struct {
	alarm *dispatch.Alarm // nil: there is no provider
	ping  func(ctx context.Context) error
	every time.Duration

	pinged time.Time // when the watcher was last reached
	fault  string    // why it was not, last time
	asked  time.Time
	dead   int                               // messages on the dead list when that was last told
	told   atomic.Pointer[[]console.Telling] // the last first
}

// heartbeat is what the readiness page shows of the watcher outside.
type heartbeat struct {
	At    time.Time `json:"at,omitzero"`
	Fault string    `json:"fault,omitempty"`
}

func newGuard(c configs.Config, alarm *dispatch.Alarm, client *http.Client) *guard {
	g := &guard{alarm: alarm, every: pingEvery}
	if address := c.Watch.PingURL.Reveal(); address != "" {
		g.ping = func(ctx context.Context) error { return ping(ctx, client, address) }
	}
	return g
}

// ping fetches an address whose path is a secret: no error repeats it.
func ping(ctx context.Context, client *http.Client, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("watch.ping_url is no address")
	}
	resp, err := client.Do(req)
	if err != nil {
		return errors.New("the watcher cannot be reached")
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("the watcher answers %d", resp.StatusCode)
	}
	return nil
}

// look acts on what is wrong, if anything is.
func (g *guard) look(ctx context.Context, now time.Time, reasons []string) error {
	if len(reasons) == 0 {
		return g.beat(ctx, now)
	}
	if g.alarm == nil {
		return nil
	}
	var errs []error
	for _, r := range reasons {
		reached, err := g.alarm.Raise(ctx, now, r)
		if err != nil {
			errs = append(errs, fmt.Errorf("tell the supervisors that the hotline is unwell: %w", err))
		}
		if reached > 0 {
			g.note(console.Telling{At: now, Reason: r, Reached: reached})
		}
	}
	return errors.Join(errs...)
}

// tellings is how many of the last texts to supervisors are remembered.
const tellings = 20

func (g *guard) note(t console.Telling) {
	list := []console.Telling{t}
	if before := g.told.Load(); before != nil {
		list = append(list, (*before)[:min(len(*before), tellings-1)]...)
	}
	g.told.Store(&list)
}

func (g *guard) beat(ctx context.Context, now time.Time) error {
	if g.ping == nil || now.Sub(g.asked) < g.every {
		return nil
	}
	g.asked, g.fault = now, ""
	if err := g.ping(ctx); err != nil {
		g.fault = err.Error()
		return err
	}
	g.pinged = now
	return nil
}

// beaten is when the watcher outside was last reached, since the start at the
// earliest.
func (w *watch) beaten() time.Time {
	if w.guard == nil || w.guard.ping == nil {
		return time.Time{}
	}
	if s := w.seen.Load(); s != nil && s.Heartbeat != nil && !s.Heartbeat.At.IsZero() {
		return s.Heartbeat.At
	}
	return w.began
}

func (g *guard) shown() *heartbeat {
	if g.ping == nil {
		return nil
	}
	return &heartbeat{g.pinged, g.fault}
}

// unwell lists what is wrong, the worst first.
func (w *watch) unwell(ctx context.Context, s *sight, err error) []string {
	var reasons []string
	if err != nil || w.app.haveStore(ctx) != nil {
		reasons = append(reasons, unwellStore)
	}
	if w.app.ledger != nil && w.app.ledger.ready(ctx) != nil {
		reasons = append(reasons, unwellJournal)
	}
	for _, r := range findings() {
		if s.Findings[string(r)] > 0 {
			reasons = append(reasons, string(r))
		}
	}
	if s.skew.Abs() > skewAlarm {
		reasons = append(reasons, unwellClock)
	}
	if s.waiting > waitingLimit {
		reasons = append(reasons, unwellWaiting)
	}
	if s.resting > 0 {
		reasons = append(reasons, unwellProvider)
	}
	if s.Dead > w.guard.dead {
		reasons = append(reasons, unwellDead)
	}
	w.guard.dead = s.Dead
	return reasons
}

// supervisors are who is told when the hotline is unwell: the department's people
// on duty and the desk.
func (c *current) supervisors(at time.Time) []flows.Member {
	v := c.view.Load()
	if v == nil {
		return nil
	}
	return slices.Concat(
		v.roster.OnDuty(v.directory.Province, flows.LevelDepartment, at),
		v.roster.OnDuty(v.directory.Province, flows.LevelDesk, at),
	)
}

// alarm texts supervisors past the store, by the second provider of the route
// first: the first one may be what is broken.
func (a *app) alarm(senders []dispatch.Sender) *dispatch.Alarm {
	if len(senders) == 0 {
		return nil
	}
	return &dispatch.Alarm{
		Senders: senders, Phones: a.dir, Supervisors: a.dir.supervisors,
		Text: func(language, reason string) string {
			if language == "" {
				language = a.cfg.Service.Language
			}
			return a.data.texts.Text(language, "alert.unwell", "reason", a.data.texts.Text(language, "unwell."+reason))
		},
	}
}

// secondFirst are the providers of texts, in the order of an alarm.
func (p *providers) secondFirst(c configs.Routes) []dispatch.Sender {
	var senders []dispatch.Sender
	for i := range c.SMS {
		if s := p.senders[c.SMS[(i+1)%len(c.SMS)]]; s != nil {
			senders = append(senders, s)
		}
	}
	return senders
}
