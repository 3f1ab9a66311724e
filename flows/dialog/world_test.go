package dialog_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/flows/dispatch"
	"hotline/flows/engine"
	"hotline/flows/escalation"
	"hotline/flows/sms"
	"hotline/flows/transcript"
	"hotline/store"
	"hotline/store/vault"
	"hotline/store/vault/relay"
)

// world is the hotline on the in-process store and on a clock that moves when it
// is told to. Only the network is pretended.
type world struct {
	*dialog.Service
	store  *store.Embedded
	vault  *vault.Vault
	ladder *escalation.Worker
	mail   *dispatch.Worker
	later  *dispatch.Deliveries

	mu     sync.Mutex
	now    time.Time
	calls  map[flows.Phone]*call
	turns  int
	last   flows.Inbound
	sent   []transcript.Sent
	sends  map[flows.MemberID]flows.Sending
	rings  map[flows.MemberID]flows.Message
	desk   *escalation.Service
	opened []flows.CaseID
}

// call is a USSD session as a cumulative gateway keeps it.
type call struct {
	session string
	typed   []string
}

// newWorld wires the parts for a scene, as cmd/hotline does for real.
func newWorld(t testing.TB, scene transcript.Scene) *world {
	t.Helper()
	w := &world{now: scene.Begin, calls: map[flows.Phone]*call{}, sends: map[flows.MemberID]flows.Sending{}, rings: map[flows.MemberID]flows.Message{}}
	ctx := context.Background()
	var err error
	if w.store, err = store.OpenEmbedded(ctx, store.Options{OnCommit: w.committed}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() })
	if w.vault, err = vault.OpenWith(ctx, vault.Random(), &vault.MemoryKeys{}, vault.Options{}); err != nil {
		t.Fatal(err)
	}
	if w.Service, err = newService(scene); err != nil {
		t.Fatal(err)
	}
	w.Service.Conversations, w.Service.Cases, w.Keys, w.Vault = w.store, w.store, w.vault, w.vault
	w.Relay = &relay.Relay{Table: &relay.Memory{}, Vault: w.vault}
	guide := w.Guide()
	world := func() escalation.World { return guide.World }
	parts := make([]int, w.store.Partitions())
	for i := range parts {
		parts[i] = i
	}
	warn := func(err error) { t.Errorf("a worker warns: %v", err) }
	w.Settings.Partitions = len(parts)
	w.ladder = &escalation.Worker{Timers: w.store, Cases: w.store, World: world, Now: w.clock, Partitions: parts, Warn: warn}
	w.mail = &dispatch.Worker{
		Outbox: w.store, Cases: w.store, Phones: guide.World.Roster, Sender: w, Now: w.clock, Partitions: parts, Warn: warn,
	}
	w.desk = &escalation.Service{Store: w.store, World: world, Now: w.clock}
	w.later = &dispatch.Deliveries{Store: w.store, Now: w.clock}
	return w
}

// parts are the shipped files. Nothing writes to them, so all tests share them.
type parts struct {
	texts    flows.Texts
	set      *engine.Set
	words    dialog.Words
	policy   *escalation.Policy
	calendar *escalation.Calendar
}

var shipped = sync.OnceValues(func() (p parts, err error) {
	if p.texts, err = engine.LoadPlainTexts(configs.Files, sms.Unaccent); err != nil {
		return p, err
	}
	if p.set, err = engine.Load(configs.Files, p.texts, dialog.Verbs(), engine.WithPlain(sms.Unaccent)); err != nil {
		return p, err
	}
	if p.words, err = dialog.LoadWords(configs.Files); err != nil {
		return p, err
	}
	if p.policy, err = readPolicy(configs.Files, "escalation.yaml"); err != nil {
		return p, err
	}
	data, err := fs.ReadFile(configs.Files, "calendar.yaml")
	if err != nil {
		return p, err
	}
	p.calendar, err = escalation.ParseCalendar("calendar.yaml", data)
	return p, err
})

func readPolicy(fsys fs.FS, name string) (*escalation.Policy, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return escalation.ParsePolicy(name, data)
}

// newService wires the shipped files, with the policy that the scene names, if
// it does.
func newService(scene transcript.Scene) (*dialog.Service, error) {
	p, err := shipped()
	if err != nil {
		return nil, err
	}
	if scene.Policy != "" {
		if p.policy, err = readPolicy(os.DirFS("testdata"), path.Join("policies", scene.Policy+".yaml")); err != nil {
			return nil, err
		}
	}
	roster, err := escalation.NewRoster(scene.Directory)
	if err != nil {
		return nil, err
	}
	guide := dialog.NewGuide(escalation.World{Policy: p.policy, Roster: roster, Calendar: p.calendar, Texts: p.texts}, scene.Begin)
	settings := dialog.Defaults()
	settings.Zone, settings.Patience = roster.Zone(), time.Minute // a busy machine is no fault of a story
	return &dialog.Service{
		Flows: p.set, Guide: func() dialog.Guide { return guide }, Texts: p.texts, Words: p.words,
		Random: rand.Reader, Settings: settings,
	}, nil
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) committed(ch flows.Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ch.From == 0 {
		w.opened = append(w.opened, ch.Case.ID)
	}
}

// Dial begins a call.
func (w *world) Dial(ctx context.Context, phone flows.Phone, code string) (flows.Reply, error) {
	w.turns++
	c := &call{session: fmt.Sprintf("call-%d", w.turns)}
	w.calls[phone] = c
	if rest, ok := strings.CutPrefix(code, "*1111*"); ok {
		c.typed = strings.Split(strings.TrimSuffix(rest, "#"), "*")
	}
	return w.hop(ctx, phone, c)
}

// Answer types an answer.
func (w *world) Answer(ctx context.Context, phone flows.Phone, text string) (flows.Reply, error) {
	c := w.calls[phone]
	if c == nil {
		return flows.Reply{}, errors.New("this phone has no call")
	}
	c.typed = append(c.typed, text)
	return w.hop(ctx, phone, c)
}

func (w *world) hop(ctx context.Context, phone flows.Phone, c *call) (flows.Reply, error) {
	return w.post(ctx, flows.Inbound{
		Provider: "africastalking", Channel: flows.USSD, Signal: flows.Input, From: phone, To: "*1111#",
		Session: c.session, Text: strings.Join(c.typed, "*"), Cumulative: true,
	})
}

// Text sends a text.
func (w *world) Text(ctx context.Context, phone flows.Phone, text string) (flows.Reply, error) {
	w.turns++
	return w.post(ctx, flows.Inbound{
		Provider: "twilio", Channel: flows.SMS, Signal: flows.Input, From: phone, To: "1111",
		ID: fmt.Sprintf("text-%d", w.turns), Text: text,
	})
}

// Hangup is the gateway's note.
func (w *world) Hangup(ctx context.Context, phone flows.Phone) error {
	_, err := w.Handle(ctx, flows.Inbound{
		Provider: "africastalking", Channel: flows.USSD, Signal: flows.Hangup, From: phone, To: "*1111#",
		Session: w.calls[phone].session, At: w.clock(),
	})
	return err
}

// Again posts the last turn once more.
func (w *world) Again(ctx context.Context) (flows.Reply, error) { return w.post(ctx, w.last) }

func (w *world) post(ctx context.Context, in flows.Inbound) (flows.Reply, error) {
	in.At = w.clock()
	w.last = in
	reply, err := w.Handle(ctx, in)
	if err != nil {
		return reply, err
	}
	return reply, w.work(ctx)
}

// work does what is due now, and what comes of that.
func (w *world) work(ctx context.Context) error {
	for range 100 {
		now := w.clock()
		fired, err := w.ladder.Tick(ctx, now)
		if err != nil {
			return err
		}
		left, err := w.mail.Tick(ctx, now)
		if err != nil {
			return err
		}
		if fired+left == 0 {
			return w.sweep(ctx, now)
		}
	}
	return errors.New("the work that is due does not end")
}

func (w *world) sweep(ctx context.Context, now time.Time) error {
	for p := range w.store.Partitions() {
		if _, err := w.store.SweepSilent(ctx, p, now, 100); err != nil {
			return err
		}
	}
	return nil
}

// Advance stops wherever something is due.
func (w *world) Advance(ctx context.Context, d time.Duration) error {
	end := w.clock().Add(d)
	for {
		now := w.clock()
		next, err := w.next(ctx, now, end)
		if err != nil {
			return err
		}
		w.mu.Lock()
		w.now = next
		w.mu.Unlock()
		w.store.Advance(next.Sub(now))
		if err := w.work(ctx); err != nil || !next.Before(end) {
			return err
		}
	}
}

func (w *world) next(ctx context.Context, now, end time.Time) (time.Time, error) {
	next := end
	for p := range w.store.Partitions() {
		for _, read := range []func(context.Context, int) (time.Time, error){w.store.NextDue, w.store.NextMessage} {
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

// Send is the network: every message leaves at once.
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

// Sent takes what has left.
func (w *world) Sent() []transcript.Sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	sent := w.sent
	w.sent = nil
	return sent
}

// Undelivered is the provider's word on the last message to a member.
func (w *world) Undelivered(ctx context.Context, who flows.MemberID) error {
	s, ok := w.sends[who]
	if !ok {
		return fmt.Errorf("nothing was sent to %s", who)
	}
	err := w.later.Status(ctx, flows.Status{
		Provider: s.Provider, ID: s.ID, Delivery: flows.Undelivered, Reason: "unreachable", At: w.clock(),
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
	return w.store.Cases(ctx, ids)
}

// Silent is today's count.
func (w *world) Silent(ctx context.Context) (int, error) {
	t, err := w.store.Tally(ctx, w.clock())
	return t.Silent, err
}
