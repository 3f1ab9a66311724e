package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/dispatch"
	"hotline/store/vault"
)

// benchRig is what a benchmark over HTTP stands on: a Redis of its own and the
// whole product on it, as serve wires it.
type benchRig struct {
	redis    *redisServer
	client   *redis.Client // beside the hotline's own
	app      *app
	accounts *providers
	full     *listeners
	stop     context.CancelFunc
	remove   func()
}

// rigOptions are what differs between benchmarks.
type rigOptions struct {
	set       func(*configs.Config)
	directory func() (flows.Directory, error) // nil: the sample province
	send      dispatch.Sender                 // nil: messages go nowhere
	turns     *dispatch.Turns                 // nil: any number of messages are under way
	changed   func(flows.Change)
	pages     func(*app, *echo.Echo) error // adds pages, if set
	workers   bool                         // timers and messages run beside the callers
	journal   bool                         // a journal is kept beside Redis
}

// newRig starts a Redis with a setting of appendfsync and the hotline on it. The
// log of Redis is never rewritten in between: a benchmark of a few seconds would
// meet a rewrite by chance.
func newRig(ctx context.Context, fsync string, o rigOptions) (*benchRig, error) {
	dir, remove, err := tempDir()
	if err != nil {
		return nil, err
	}
	r := &benchRig{remove: remove}
	ctx, r.stop = context.WithCancel(ctx)
	if r.redis, err = newRedisServer(ctx, dir, "--appendfsync", fsync, "--auto-aof-rewrite-percentage", "0"); err == nil {
		err = r.redis.start(ctx)
	}
	if err == nil {
		r.client = redis.NewClient(&redis.Options{Addr: r.redis.addr, PoolSize: 128})
		err = r.start(ctx, o)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// start runs the whole product on the Redis: the listeners of serve, and its
// workers if asked.
func (r *benchRig) start(ctx context.Context, o rigOptions) error {
	cfg, err := configs.Load("", nil)
	if err != nil {
		return err
	}
	cfg.Redis.Addresses, cfg.Redis.Weak = []string{r.redis.addr}, "warn"
	cfg.WebhookTimeout = 8 * time.Second // a slow answer is a figure here, not a fault
	cfg.KeyFile = filepath.Join(r.redis.dir, "key")
	if err := vault.NewKeyFile(cfg.KeyFile); err != nil {
		return err
	}
	if o.journal {
		cfg.Journal.Dir = filepath.Join(r.redis.dir, "journal")
	}
	if o.set != nil {
		o.set(&cfg)
	}
	if o.send == nil {
		o.send = nowhere{}
	}
	if o.directory == nil {
		o.directory = func() (flows.Directory, error) { return directory.Read(configs.Files, "sample") }
	}
	d, err := loadData(configs.Files)
	if err != nil {
		return err
	}
	if r.app, err = openApp(ctx, parts{cfg: cfg, log: zap.NewNop(), now: realTime, data: d, send: o.send, turns: o.turns, changed: o.changed}); err != nil {
		return err
	}
	if err := r.app.install(ctx, o.directory); err != nil {
		return err
	}
	if r.accounts, err = newProviders(cfg, d.texts); err != nil {
		return err
	}
	if r.full, err = newListeners(r.app, r.accounts); err != nil {
		return err
	}
	if o.pages != nil {
		if err := o.pages(r.app, r.full.public); err != nil {
			return err
		}
	}
	if o.workers {
		go r.app.run(ctx)
	}
	return r.listen(ctx, r.full)
}

// floor runs a bare Echo with one handler.
func (r *benchRig) floor(ctx context.Context, path string, handler echo.HandlerFunc) (*listeners, error) {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.POST(path, handler)
	l := &listeners{public: e, internal: echo.New(), timeout: time.Second, log: zap.NewNop()}
	return l, r.listen(ctx, l)
}

func (r *benchRig) listen(ctx context.Context, l *listeners) error {
	if err := l.open(ctx, "127.0.0.1:0", "127.0.0.1:0"); err != nil {
		return err
	}
	go func() { _ = l.serve(ctx) }()
	return nil
}

func (r *benchRig) close() {
	r.stop()
	if r.app != nil {
		r.app.close()
	}
	if r.client != nil {
		_ = r.client.Close()
	}
	if r.redis != nil {
		r.redis.kill()
	}
	r.remove()
}

// callers is an HTTP client for so many callers at once.
func callers(n int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}}
}

// base is where a listener is reached.
func base(l *listeners) string { return "http://" + l.opened[0].Addr().String() }

// spent is what both sides have used up so far.
type spent struct {
	redis, own time.Duration // of the processor; own with the callers
	commands   float64       // sent to Redis by steps
	log        float64       // bytes of Redis' append-only log
	allocs     float64       // objects of this process
}

// spending runs a load and says what it cost.
func (r *benchRig) spending(ctx context.Context, run func(context.Context) (loadResult, error)) (loadResult, spent, error) {
	before, err := r.spentSoFar(ctx)
	if err != nil {
		return loadResult{}, spent{}, err
	}
	result, err := run(ctx)
	if err != nil {
		return loadResult{}, spent{}, err
	}
	after, err := r.spentSoFar(ctx)
	return result, spent{
		after.redis - before.redis, after.own - before.own, after.commands - before.commands,
		after.log - before.log, after.allocs - before.allocs,
	}, err
}

// note adds the cost of one step to the rows of a part.
func (s spent) note(p *benchPart, who string, steps int) {
	n := float64(max(steps, 1))
	p.row(who+": processor of Redis a step", "µs").add(float64(s.redis.Microseconds()) / n)
	p.row(who+": processor of server and callers a step", "µs").add(float64(s.own.Microseconds()) / n)
	p.row(who+": objects allocated a step, with its caller", "").add(s.allocs / n)
	p.row(who+": log of Redis a step", "B").add(s.log / n)
	if s.commands > 0 {
		p.row(who+": Redis round trips a step", "").add(s.commands / n)
	}
}

// spentSoFar reads the clocks of both processes and Redis' own counts. A step of
// the hotline sends only the commands that are counted, and no script calls them.
func (r *benchRig) spentSoFar(ctx context.Context) (spent, error) {
	info, err := r.client.Info(ctx, "everything").Result()
	if err != nil {
		return spent{}, fmt.Errorf("read the statistics of Redis: %w", err)
	}
	var s spent
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "used_cpu_sys", "used_cpu_user":
			seconds, _ := strconv.ParseFloat(value, 64)
			s.redis += time.Duration(seconds * float64(time.Second))
		case "aof_current_size":
			s.log, _ = strconv.ParseFloat(value, 64)
		case "cmdstat_evalsha", "cmdstat_eval", "cmdstat_mget":
			calls, _, _ := strings.Cut(strings.TrimPrefix(value, "calls="), ",")
			n, _ := strconv.ParseFloat(calls, 64)
			s.commands += n
		}
	}
	if s.own, err = ownProcessor(); err != nil {
		return s, err
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.allocs = float64(m.Mallocs)
	return s, nil
}

// ownProcessor is the time of the processor that this process has used.
func ownProcessor() (time.Duration, error) {
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		return 0, fmt.Errorf("read the time of the processor: %w", err)
	}
	return time.Duration(own.Utime.Nano() + own.Stime.Nano()), nil
}

// profileRedis writes what Redis spent its time on, if profiles are wanted.
func (r *benchRig) profileRedis(ctx context.Context, p *benchPart) error {
	if p.profile == "" {
		return nil
	}
	info, err := r.client.Info(ctx, "commandstats", "latencystats", "persistence").Result()
	if err != nil {
		return fmt.Errorf("read the statistics of Redis: %w", err)
	}
	return os.WriteFile(filepath.Join(p.profile, "redis-"+p.fsync+".txt"), []byte(info), 0o644) //nolint:gosec // figures are no secret
}

// nowhere takes every message.
type nowhere struct{}

func (nowhere) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	return flows.Sending{Provider: "nowhere", ID: string(m.ID)}, nil
}
