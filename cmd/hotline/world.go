package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/transcript"
	"hotline/store"
	"hotline/store/vault"
)

// world is the whole hotline on a clock that moves when it is told to: what
// stories are played in. Everything but the network is the real thing.
type world struct {
	app   *app
	clock *clock
	store *store.Embedded
	calls map[flows.Phone]*call
	last  flows.Inbound
	texts int

	mu     sync.Mutex
	sent   []transcript.Sent
	sends  map[flows.MemberID]flows.Sending // the last to each
	rings  map[flows.MemberID]flows.Message // the last call to each
	opened []flows.CaseID
}

// call is a USSD session as a cumulative gateway keeps it.
type call struct {
	session string
	answers []string
}

// newWorld wires an app on an embedded store for a scene. Without a directory in
// the scene it is the sample province.
func newWorld(ctx context.Context, scene transcript.Scene, fsys fs.FS) (*world, error) {
	cfg, err := configs.Load("", nil)
	if err != nil {
		return nil, err
	}
	cfg.Redis.Partitions = 4
	d, err := loadData(fsys)
	if err != nil {
		return nil, err
	}
	if scene.Policy != "" {
		if d.policy, err = scenePolicy(fsys, scene.Policy); err != nil {
			return nil, err
		}
	}
	keys, err := vault.Open(vault.Random())
	if err != nil {
		return nil, err
	}
	w := &world{
		clock: newClock(scene.Begin.UTC(), nil), calls: map[flows.Phone]*call{},
		sends: map[flows.MemberID]flows.Sending{}, rings: map[flows.MemberID]flows.Message{},
	}
	w.app, err = newApp(ctx, parts{
		cfg: cfg, log: zap.NewNop(), now: w.clock.Now, vault: keys, data: d, send: w,
		changed: w.note, open: w.openStore,
	})
	if err != nil {
		return nil, err
	}
	w.app.dialog.Settings.Patience = time.Minute // a busy machine is no part of a story
	return w, w.app.install(ctx, func() (flows.Directory, error) {
		if len(scene.Directory.Members) == 0 {
			return readDirectory(configs.Files, "sample")
		}
		return scene.Directory, nil
	})
}

// scenePolicy reads a policy that a story names, from the stories' folder.
func scenePolicy(fsys fs.FS, name string) (*escalation.Policy, error) {
	file := "policies/" + name + ".yaml"
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read the policy of the story: %w", err)
	}
	return escalation.ParsePolicy(file, data)
}

func (w *world) openStore(ctx context.Context, o store.Options) (*store.Store, error) {
	var err error
	if w.store, err = store.OpenEmbedded(ctx, o); err != nil {
		return nil, err
	}
	return w.store.Store, nil
}

func (w *world) close() { _ = w.store.Close() }

// note remembers the cases in the order in which they were opened.
func (w *world) note(ch flows.Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ch.From == 0 {
		w.opened = append(w.opened, ch.Case.ID)
	}
}

// Dial begins a call.
func (w *world) Dial(ctx context.Context, phone flows.Phone, code string) (flows.Reply, error) {
	w.texts++
	c := &call{session: fmt.Sprintf("call-%d", w.texts)}
	if star := starCode(w.app.cfg.Service.Code, code); star != "" {
		c.answers = strings.Split(star, "*")
	}
	w.calls[phone] = c
	return w.hop(ctx, phone, c)
}

// starCode is what was dialled behind the service code: 1*2 of *1111*1*2#.
func starCode(service, dialled string) string {
	rest, ok := strings.CutPrefix(dialled, strings.TrimSuffix(service, "#")+"*")
	if !ok {
		return ""
	}
	return strings.TrimSuffix(rest, "#")
}

// Answer types into the phone's call.
func (w *world) Answer(ctx context.Context, phone flows.Phone, text string) (flows.Reply, error) {
	c := w.calls[phone]
	if c == nil {
		return flows.Reply{}, errors.New("this phone has no call")
	}
	c.answers = append(c.answers, text)
	return w.hop(ctx, phone, c)
}

func (w *world) hop(ctx context.Context, phone flows.Phone, c *call) (flows.Reply, error) {
	in := flows.Inbound{
		Provider: "africastalking", Channel: flows.USSD, Signal: flows.Input, From: phone, To: w.app.cfg.Service.Code,
		Session: c.session, Text: strings.Join(c.answers, "*"), Cumulative: true,
	}
	if in.Text == "" {
		in.Signal = flows.Begin
	}
	return w.handle(ctx, in)
}

// Text sends a text to the hotline.
func (w *world) Text(ctx context.Context, phone flows.Phone, text string) (flows.Reply, error) {
	w.texts++
	return w.handle(ctx, flows.Inbound{
		Provider: "twilio", Channel: flows.SMS, Signal: flows.Input, From: phone, To: w.app.cfg.Service.SMS,
		ID: fmt.Sprintf("text-%d", w.texts), Text: text,
	})
}

// Hangup is the gateway's note that a call is over.
func (w *world) Hangup(ctx context.Context, phone flows.Phone) error {
	c := w.calls[phone]
	if c == nil {
		return errors.New("this phone has no call")
	}
	_, err := w.app.dialog.Handle(ctx, flows.Inbound{
		Provider: "africastalking", Channel: flows.USSD, Signal: flows.Hangup, From: phone,
		To: w.app.cfg.Service.Code, Session: c.session, At: w.clock.Now(),
	})
	return err
}

// Again posts the last turn once more.
func (w *world) Again(ctx context.Context) (flows.Reply, error) { return w.handle(ctx, w.last) }

func (w *world) handle(ctx context.Context, in flows.Inbound) (flows.Reply, error) {
	in.At = w.clock.Now()
	w.last = in
	reply, err := w.app.dialog.Handle(ctx, in)
	if err != nil {
		return reply, err
	}
	return reply, w.work(ctx)
}

// work does all that is due now, and what comes of it.
func (w *world) work(ctx context.Context) error {
	for range 100 {
		now := w.clock.Now()
		fired, err := w.app.ladder.Tick(ctx, now)
		if err != nil {
			return err
		}
		sent, err := w.app.mail.Tick(ctx, now)
		if err != nil {
			return err
		}
		if fired+sent == 0 {
			_, err := w.app.sweepOnce(ctx, now)
			return err
		}
	}
	return errors.New("the work that is due does not end")
}

// Advance lets time pass. It stops at every moment at which something is due.
func (w *world) Advance(ctx context.Context, d time.Duration) error {
	end := w.clock.Now().Add(d)
	for {
		now := w.clock.Now()
		next, err := w.next(ctx, now, end)
		if err != nil {
			return err
		}
		w.clock.Advance(next.Sub(now))
		w.store.Advance(next.Sub(now))
		if err := w.work(ctx); err != nil || !next.Before(end) {
			return err
		}
	}
}

// next is the first moment after now at which something is due, at most end.
func (w *world) next(ctx context.Context, now, end time.Time) (time.Time, error) {
	next := end
	for _, p := range w.app.partitions() {
		for _, read := range []func(context.Context, int) (time.Time, error){w.app.store.NextDue, w.app.store.NextMessage} {
			t, err := read(ctx, p)
			if err != nil {
				return next, err
			}
			if t.After(now) && t.Before(next) {
				next = t
			}
		}
	}
	return next, nil
}

// Send takes a message for a member's phone.
func (w *world) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, transcript.Sent{To: m.To, Via: m.Channel, Text: m.Text})
	s := flows.Sending{Provider: "twilio", ID: "S" + string(m.ID)}
	w.sends[m.To] = s
	if m.Channel == flows.Voice {
		w.rings[m.To] = m
	}
	return s, nil
}

// Sent takes the messages that left since it was last asked.
func (w *world) Sent() []transcript.Sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	sent := w.sent
	w.sent = nil
	return sent
}

// Undelivered reports that the last message to a member did not arrive.
func (w *world) Undelivered(ctx context.Context, who flows.MemberID) error {
	w.mu.Lock()
	s, ok := w.sends[who]
	w.mu.Unlock()
	if !ok {
		return fmt.Errorf("nothing was sent to %s", who)
	}
	err := w.app.deliveries.Status(ctx, flows.Status{
		Provider: s.Provider, ID: s.ID, Delivery: flows.Undelivered, Reason: "refused", At: w.clock.Now(),
	})
	if err != nil {
		return err
	}
	return w.work(ctx)
}

// Cases are all cases, in the order in which they were opened.
func (w *world) Cases(ctx context.Context) ([]flows.Case, error) {
	w.mu.Lock()
	ids := append([]flows.CaseID(nil), w.opened...)
	w.mu.Unlock()
	return w.app.store.Cases(ctx, ids)
}

// Silent is how many contacts ended before they said anything.
func (w *world) Silent(ctx context.Context) (int, error) {
	t, err := w.app.store.Tally(ctx, w.clock.Now())
	return t.Silent, err
}
