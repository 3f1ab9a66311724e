package main

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/escalation"
	"hotline/flows/transcript"
	"hotline/store"
	"hotline/store/vault"
	"hotline/store/vault/relay"
)

// world is the whole hotline on a clock that moves when it is told to: what
// stories are played in. Everything but the network is the real thing.
type world struct {
	*transcript.Stage
	app   *app
	store *store.Embedded
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
	keys, err := vault.OpenWith(ctx, vault.Random(), &vault.MemoryKeys{}, vault.Options{})
	if err != nil {
		return nil, err
	}
	w := &world{Stage: &transcript.Stage{Begin: scene.Begin.UTC(), Code: cfg.Service.Code, Short: cfg.Service.SMS}}
	w.app, err = newApp(ctx, parts{
		cfg: cfg, log: zap.NewNop(), now: w.Now, vault: keys, data: d, send: w.Stage,
		safe:    &safe{vault: keys, numbers: &relay.Relay{Table: &relay.Memory{}, Vault: keys}},
		changed: w.Committed, open: w.openStore,
	})
	if err != nil {
		return nil, err
	}
	w.Hotline, w.Books, w.Passed = staged{w.app.dialog, w.app}, w.app.store, w.store.Advance
	w.Workers = []transcript.Ticker{w.app.ladder, w.app.mail, sweeper{w.app}}
	w.app.dialog.Settings.Patience = time.Minute // a busy machine is no part of a story
	return w, w.app.install(ctx, func() (flows.Directory, error) {
		if len(scene.Directory.Members) == 0 {
			return directory.Read(configs.Files, "sample")
		}
		return scene.Directory, nil
	})
}

// staged is an app as a stage talks to it: keys of calls come the way they come
// from a provider.
type staged byVoice

// Handle answers an inbound.
func (s staged) Handle(ctx context.Context, in flows.Inbound) (flows.Reply, error) {
	return byVoice(s).Handle(ctx, in)
}

// Status takes a provider's word on a message.
func (s staged) Status(ctx context.Context, st flows.Status) error {
	return s.app.deliveries.Status(ctx, st)
}

// Ask lets a member put a question to a reporter.
func (s staged) Ask(ctx context.Context, who flows.MemberID, ref flows.Ref, key string) error {
	_, err := s.app.casework.AnswerRef(ctx, who, ref, "console", s.app.dialog.Ask(key))
	return err
}

// Silent is how many contacts of the day said nothing.
func (s staged) Silent(ctx context.Context, now time.Time) (int, error) {
	t, err := s.app.store.Tally(ctx, now)
	return t.Silent, err
}

// sweeper counts silent contacts.
type sweeper struct{ app *app }

// Tick counts those that are due.
func (s sweeper) Tick(ctx context.Context, now time.Time) (int, error) {
	return s.app.sweepOnce(ctx, now)
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
