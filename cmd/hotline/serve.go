package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/dispatch"
	"hotline/flows/engine"
	"hotline/handlers/console"
	"hotline/store"
)

type serveCmd struct {
	Config string `help:"File of settings; see configs/hotline.yaml for all of them." type:"path" short:"c"`
}

// Run serves until it is told to stop.
func (c serveCmd) Run(ctx context.Context, s streams) error {
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	if len(cfg.Redis.Addresses) == 0 && cfg.Journal.Dir == "" {
		return errors.New("serve needs a journal or a Redis, or it would forget: set journal.dir, or HOTLINE_JOURNAL_DIR=FOLDER; with redis.addresses, or HOTLINE_REDIS_ADDRESSES=127.0.0.1:6379, it works on Redis (to look around without either: hotline demo)")
	}
	log, err := newLog(s.err, cfg.Log.Level)
	if err != nil {
		return err
	}
	return serve(ctx, cfg, log)
}

// serve is the whole life of a server.
func serve(ctx context.Context, cfg configs.Config, log *zap.Logger) error {
	usual := sync.OnceFunc(hurry())
	defer usual()
	// What the console shows takes a core for a while, and so does the check; the
	// data and the journal take another. Who needs the former finds its errors.
	shown := showOnce(openFiles(cfg.Files))
	prepared := make(chan struct{})
	go func() {
		defer close(prepared)
		_, _ = shown()
		_ = console.Prepare()
	}()
	d, err := loadData(openFiles(cfg.Files))
	if err != nil {
		return err
	}
	d.shown = shown
	checked := make(chan error, 1)
	go func() {
		<-prepared
		checked <- checkFlows(openFiles(cfg.Files), d, log)
	}()
	accounts, err := newProviders(cfg, d.texts)
	if err != nil {
		return err
	}
	live, f := console.NewLive(), newFigures()
	router := accounts.router(cfg, realTime, log, f)
	a, err := openApp(ctx, parts{
		cfg: cfg, log: log, now: realTime, data: d, figures: f,
		send: router, traffic: f.traffic(router), changed: live.Committed,
		find: accounts.finders, turns: &dispatch.Turns{Of: router.Turn}, alarms: accounts.secondFirst(cfg.Routes),
	})
	if err != nil {
		return err
	}
	defer a.close()
	if err := <-checked; err != nil {
		return err
	}
	if err := a.keepOlder(ctx); err != nil {
		return err
	}
	if err := a.keepPolicies(ctx); err != nil {
		return err
	}
	a.auditSettings(ctx, openFiles(cfg.Files))
	if err := a.install(ctx, func() (flows.Directory, error) { return a.firstDirectory(len(accounts.senders)) }); err != nil {
		return err
	}
	if err := a.spareStrangers(len(accounts.senders)); err != nil {
		return err
	}
	if err := a.papers.keepAll(ctx, a.dir.view.Load().directory); err != nil {
		return err
	}
	l, err := newListeners(a, accounts)
	if err != nil {
		return err
	}
	if err := a.addConsole(ctx, l.public, live, nil); err != nil {
		return err
	}
	l.closing = live.Close
	a.greet(ctx)
	usual()
	return a.live(ctx, l)
}

// checkFlows explores every path before a caller can walk one. Warnings are
// logged; a fault stops the start.
func checkFlows(fsys fs.FS, d *data, log *zap.Logger) error {
	packs, err := engine.LoadPacks(fsys)
	if err != nil {
		return fmt.Errorf("read the language packs:\n%w", err)
	}
	report := d.flows.Check(d.phone.rules(packs))
	for _, f := range report.Faults {
		log.Warn("flow check", zap.Stringer("fault", f))
	}
	if report.Faults.Stops() {
		return fmt.Errorf("the flows have faults:\n%w", report.Faults)
	}
	log.Info("flows checked", zap.Int("paths", report.Paths), zap.Int("screens", report.Screens))
	return nil
}

// live opens the listeners, starts the loops, and returns when ctx has ended and
// all of it has stopped.
func (a *app) live(ctx context.Context, l *listeners) error {
	if err := l.open(ctx, a.cfg.Listen, a.cfg.InternalListen); err != nil {
		return err
	}
	// The loops outlive the listeners: what the last requests committed is sent.
	loops, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { a.run(loops) })
	a.log.Info("ready", zap.String("listen", a.cfg.Listen), zap.String("internal", a.cfg.InternalListen))
	err := l.serve(ctx)
	stop()
	a.await(&wg, l.left())
	return err
}

// await waits for the loops to finish what they have begun, and no longer than the
// stop may take. A message that is still under way then comes back when its lease is
// over, and is marked as a repeat.
func (a *app) await(loops *sync.WaitGroup, most time.Duration) {
	done := make(chan struct{})
	go func() { loops.Wait(); close(done) }()
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-done:
		a.log.Info("stopped")
	case <-t.C:
		a.log.Warn("stopped before everything was finished", zap.Duration("shutdown_timeout", a.cfg.ShutdownTimeout))
	}
}

// close ends what the app keeps, the journal last: the store may still tell it
// something.
func (a *app) close() {
	_ = a.store.Close()
	if a.ledger != nil {
		_ = a.ledger.Close()
	}
	a.safe.close()
}

// newClient makes the client that the settings describe: of one server, of
// Sentinel or of a Cluster.
func newClient(c configs.Redis) redis.UniversalClient {
	u := &redis.UniversalOptions{
		Addrs: c.Addresses, MasterName: c.Master, Username: c.Username, Password: c.Password.Reveal(),
		ContextTimeoutEnabled: true, PipelinePoolSize: -1,
	}
	if c.TLS {
		u.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return redis.NewUniversalClient(u)
}

// openRedis connects as the settings say and refuses, or warns of, a Redis that
// may lose what it is told.
func openRedis(c configs.Redis, log *zap.Logger) func(context.Context, store.Options) (*store.Store, error) {
	return openStore(newClient(c), c, log)
}

func openStore(client redis.UniversalClient, c configs.Redis, log *zap.Logger) func(context.Context, store.Options) (*store.Store, error) {
	return func(ctx context.Context, o store.Options) (*store.Store, error) {
		o.Client = client
		s, err := store.Open(ctx, o)
		if err != nil {
			_ = o.Client.Close()
			return nil, fmt.Errorf("open the store at %v: %w", c.Addresses, err)
		}
		if err := checkDurable(ctx, s, c.Weak, log); err != nil {
			_ = s.Close()
			return nil, err
		}
		return s, nil
	}
}

func checkDurable(ctx context.Context, s *store.Store, weak string, log *zap.Logger) error {
	all, err := s.Durability(ctx)
	if err != nil {
		return fmt.Errorf("ask Redis how it keeps data: %w", err)
	}
	var faults []error
	for _, d := range all {
		for _, f := range d.Faults {
			log.Warn("Redis may lose data", zap.String("server", d.Server), zap.String("fault", f.Name), zap.String("what", f.Sentence))
			faults = append(faults, errors.New(f.Sentence))
		}
	}
	if len(faults) > 0 && weak == "refuse" {
		return fmt.Errorf("this Redis may lose reports (redis.weak: warn starts all the same):\n%w", errors.Join(faults...))
	}
	return nil
}

// sampleDirectory in the settings asks for the invented province.
const sampleDirectory = "sample"

// errSample stops a hotline that would text the numbers of invented people, which
// may be somebody's.
var errSample = errors.New("the directory is the invented sample province and a provider can send: set `directory` to the folder " +
	"of your own places and members, or import it with `hotline directory import`; `directory: sample` if the provider is only for trying")

// firstDirectory is what a new install begins with. With a provider that sends, it
// is the sample province only if that was asked for.
func (a *app) firstDirectory(senders int) (flows.Directory, error) {
	switch {
	case a.cfg.Directory != "" && a.cfg.Directory != sampleDirectory:
		return directory.Read(os.DirFS(a.cfg.Directory), ".")
	case a.cfg.Directory == "" && senders > 0:
		return flows.Directory{}, errSample
	}
	a.log.Warn("the invented sample province is used, and its phones are nobody's")
	return directory.Read(configs.Files, "sample")
}

// spareStrangers refuses a stored directory that still has the invented people.
func (a *app) spareStrangers(senders int) error {
	if senders == 0 || a.cfg.Directory == sampleDirectory {
		return nil
	}
	sample, err := isSample(a.dir.view.Load().directory)
	if err == nil && sample {
		err = errSample
	}
	return err
}
