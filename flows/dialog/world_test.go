package dialog_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
	"testing"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/flows/dispatch"
	"hotline/flows/engine"
	"hotline/flows/escalation"
	"hotline/flows/places"
	"hotline/flows/sms"
	"hotline/flows/transcript"
	"hotline/store"
	"hotline/store/vault"
	"hotline/store/vault/relay"
)

// world is the hotline on the in-process store, on a stage. Only the network is
// pretended.
type world struct {
	*transcript.Stage
	*dialog.Service
	store  *store.Embedded
	vault  *vault.Vault
	ladder *escalation.Worker
	later  *dispatch.Deliveries
	desk   *escalation.Service
}

// newWorld wires the parts for a scene, as cmd/hotline does for real.
func newWorld(t testing.TB, scene transcript.Scene) *world {
	t.Helper()
	w := &world{Stage: &transcript.Stage{Begin: scene.Begin, Code: "*1111#", Short: "1111"}}
	ctx := context.Background()
	var err error
	if w.store, err = store.OpenEmbedded(ctx, store.Options{OnCommit: w.Committed}); err != nil {
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
	w.Hamlet = func(place flows.PlaceID, name string) string {
		return w.vault.Lasting("hamlet", string(place), places.HamletKey(name))
	}
	w.Relay = &relay.Relay{Table: &relay.Memory{}, Vault: w.vault}
	guide := w.Guide()
	world := func() escalation.World { return guide.World }
	parts := make([]int, w.store.Partitions())
	for i := range parts {
		parts[i] = i
	}
	warn := func(err error) { t.Errorf("a worker warns: %v", err) }
	w.Settings.Partitions = len(parts)
	w.ladder = &escalation.Worker{Timers: w.store, Cases: w.store, World: world, Now: w.Now, Partitions: parts, Warn: warn}
	mail := &dispatch.Worker{
		Outbox: w.store, Cases: w.store, Phones: everybody{w, guide.World.Roster}, Sender: w.Stage, Now: w.Now, Warn: warn,
		Bundles: &dispatch.Bundles{Window: time.Minute, Text: w.bundled},
	}
	w.desk = &escalation.Service{Store: w.store, World: world, Now: w.Now}
	w.later = &dispatch.Deliveries{Store: w.store, Now: w.Now}
	w.Hotline, w.Books, w.Passed = staged{w}, w.store, w.store.Advance
	w.Workers = []transcript.Ticker{w.ladder, mail, sweeper{w.store}}
	return w
}

// Ask is the stage's.
func (w *world) Ask(ctx context.Context, who flows.MemberID, ref flows.Ref, key string) error {
	return w.Stage.Ask(ctx, who, ref, key)
}

// Cases are the stage's, in the order in which they were opened.
func (w *world) Cases(ctx context.Context) ([]flows.Case, error) { return w.Stage.Cases(ctx) }

// staged is the service as a stage talks to it, with the keys of calls.
type staged struct{ *world }

// Handle answers an inbound.
func (s staged) Handle(ctx context.Context, in flows.Inbound) (flows.Reply, error) {
	if in.Channel != flows.Voice {
		return s.Service.Handle(ctx, in)
	}
	calls := &dialog.Calls{Desk: s.desk, Guide: s.Guide, Texts: s.Texts, Language: "vi"}
	return calls.Handle(ctx, in)
}

// Status takes a provider's word on a message.
func (s staged) Status(ctx context.Context, st flows.Status) error { return s.later.Status(ctx, st) }

// Ask lets a member put a question to a reporter.
func (s staged) Ask(ctx context.Context, who flows.MemberID, ref flows.Ref, key string) error {
	_, err := s.desk.AnswerRef(ctx, who, ref, "console", s.Service.Ask(key))
	return err
}

// Silent is today's count.
func (s staged) Silent(ctx context.Context, now time.Time) (int, error) {
	t, err := s.store.Tally(ctx, now)
	return t.Silent, err
}

// everybody finds members in the roster and reporters in the relay.
type everybody struct {
	w *world
	*escalation.Roster
}

// Phone is whom a message goes to.
func (e everybody) Phone(id flows.MemberID, n int) (flows.Phone, bool) {
	about, ok := id.Reporter()
	if !ok {
		return e.Roster.Phone(id, n)
	}
	phone, err := e.w.Relay.(*relay.Relay).Phone(context.Background(), e.w.Now(), about)
	return phone, err == nil
}

// sweeper counts silent contacts.
type sweeper struct{ store *store.Embedded }

// Tick counts those that are due.
func (s sweeper) Tick(ctx context.Context, now time.Time) (int, error) {
	n := 0
	for p := range s.store.Partitions() {
		some, err := s.store.SweepSilent(ctx, p, now, 100)
		if err != nil {
			return n, err
		}
		n += some
	}
	return n, nil
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

// bundled is one text instead of several, as cmd/hotline words it.
func (w *world) bundled(language string, p flows.Purpose, refs []flows.Ref) string {
	return w.Texts.Text(language, "alert.bundle."+string(p), "n", fmt.Sprint(len(refs)), "refs", fmt.Sprint(refs))
}
