package main

import (
	"context"
	"fmt"
	"sync"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/dispatch"
	"hotline/flows/escalation"
	"hotline/handlers/console"
	"hotline/handlers/gateway"
	"hotline/handlers/phones"
	"hotline/handlers/wire"
	"hotline/store"
	"hotline/store/vault"
	"hotline/store/vault/relay"
)

type demoCmd struct {
	Listen         string `help:"Address of the page." default:"127.0.0.1:8080"`
	InternalListen string `help:"Address of health and metrics." default:"127.0.0.1:9090"`
	Speed          int    `help:"How many seconds pass in one; the page can change it." default:"1"`
	Log            string `help:"debug, info, warn or error." default:"warn"`
}

// The reporter's phone in the demo. Like every number there it is nobody's.
const demoReporter = "+84900000001"

// demoPlace is the commune in which the story of the README takes place.
const demoPlace = "Mai Châu"

// demoName is the gateway of the phones, and the provider of their messages.
const demoName = "demo"

// Run shows everything in one process.
func (c demoCmd) Run(ctx context.Context, s streams) error {
	log, err := newLog(s.err, c.Log)
	if err != nil {
		return err
	}
	d, err := newDemo(ctx, c, log)
	if err != nil {
		return err
	}
	defer d.app.close()
	fmt.Fprintf(s.out, "Open http://%s in a browser. Dial %s on the reporter's phone.\n", c.Listen, d.app.cfg.Service.Code)
	fmt.Fprintln(s.out, "Everybody in it is invented, and nothing is kept: it is gone when you stop with Ctrl-C.")
	return d.run(ctx)
}

// demo is an app with phones for a network and a clock that can run fast.
type demo struct {
	app   *app
	l     *listeners
	clock *clock
	net   *phones.Network
	store *store.Embedded
}

func newDemo(ctx context.Context, c demoCmd, log *zap.Logger) (*demo, error) {
	cfg, err := configs.Load("", nil)
	if err != nil {
		return nil, err
	}
	cfg.Listen, cfg.InternalListen = c.Listen, c.InternalListen
	cfg.AfricasTalking.Token = configs.NewSecret(demoName)
	// An account that is nobody's, so that signed webhooks can be tried out.
	cfg.PublicURL, cfg.Twilio.Account, cfg.Twilio.Token = "http://"+c.Listen, "ACdemo", configs.NewSecret(demoName)
	cfg.Redis.Partitions, cfg.Redis.WaitReplicas = 4, 0
	d, err := loadData(configs.Files)
	if err != nil {
		return nil, err
	}
	keys, err := vault.OpenWith(ctx, vault.Random(), &vault.MemoryKeys{}, vault.Options{})
	if err != nil {
		return nil, err
	}
	m := &demo{clock: newClock(realTime(), realTime)}
	m.clock.SetSpeed(c.Speed)
	live := console.NewLive()
	// The network and the app know each other: a text leaves through the one,
	// its delivery and the keys that are pressed come back to the other.
	m.net = phones.New(phones.Options{
		Name: demoName, From: cfg.Service.SMS, Now: m.clock.Now, Report: m.delivered, Key: m.pressed,
	})
	accounts, err := newProviders(cfg, d.texts)
	if err != nil {
		return nil, err
	}
	accounts.senders = map[string]dispatch.Sender{demoName: m.net}
	cfg.Routes.SMS, cfg.Routes.Voice = []string{demoName}, []string{demoName}
	f := newFigures()
	router := accounts.router(cfg, m.clock.Now, log, f)
	m.app, err = newApp(ctx, parts{
		cfg: cfg, log: log, now: m.clock.Now, vault: keys, data: d, send: router, traffic: f.traffic(router), figures: f,
		safe:    &safe{vault: keys, numbers: &relay.Relay{Table: &relay.Memory{}, Vault: keys}},
		changed: live.Committed, open: m.openStore,
	})
	if err != nil {
		return nil, err
	}
	sample := func() (flows.Directory, error) { return directory.Read(configs.Files, "sample") }
	if err := m.app.install(ctx, sample); err != nil {
		return nil, err
	}
	browser, err := gateway.New(gateway.Config{Name: demoName, Numbers: wire.Numbers{Region: cfg.Service.Region}})
	if err != nil {
		return nil, err
	}
	accounts.gateways = append(accounts.gateways, browser)
	if m.l, err = newListeners(m.app, accounts); err != nil {
		return nil, err
	}
	m.l.closing = live.Close
	m.net.Register(m.l.public)
	return m, m.app.addConsole(ctx, m.l.public, live, m.screen())
}

func (m *demo) openStore(ctx context.Context, o store.Options) (*store.Store, error) {
	var err error
	if m.store, err = store.OpenEmbedded(ctx, o); err != nil {
		return nil, err
	}
	return m.store.Store, nil
}

// run serves until ctx ends.
func (m *demo) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { m.net.Run(ctx) })
	wg.Go(func() { expire(ctx, m.store, m.clock.Now) })
	err := m.app.live(ctx, m.l)
	cancel()
	wg.Wait()
	return err
}

func (m *demo) delivered(ctx context.Context, s flows.Status) error {
	return m.app.deliveries.Status(ctx, s)
}

// pressed is a key in a call; see dialog.Calls.
func (m *demo) pressed(ctx context.Context, number flows.Phone, id flows.MessageID, key string) (flows.Reply, error) {
	who, ok := m.app.dir.view.Load().roster.ByPhone(number)
	if !ok {
		return flows.Reply{}, flows.ErrNotFound
	}
	return m.app.calls().Press(who, key, func(d escalation.Decide) (flows.Case, error) {
		return m.app.casework.Answer(ctx, who.ID, id.Case(), flows.Voice, d)
	})
}

// screen is the page of the demo: the reporter's phone, and those of the people
// who are on duty in Mai Châu, where the story of the README takes place.
func (m *demo) screen() *console.Demo {
	cfg, v := m.app.cfg, m.app.dir.view.Load()
	d := &console.Demo{Clock: m.clock, Code: cfg.Service.Code, Short: cfg.Service.SMS, Reporter: demoReporter}
	for _, p := range v.directory.Members {
		if len(p.Phones) > 0 {
			d.People = append(d.People, console.Person{
				Number: p.Phones[0].E164(), Name: p.Name, Role: p.Role, Place: v.names[p.Place],
			})
		}
	}
	for _, p := range v.directory.Places {
		if p.Name != demoPlace || p.Until != "" {
			continue
		}
		for _, l := range []flows.Level{flows.LevelDuty, flows.LevelHead} {
			for _, on := range v.roster.OnDuty(p.ID, l, m.clock.Now()) {
				d.Watch = append(d.Watch, on.Phones[0].E164())
			}
		}
	}
	return d
}
