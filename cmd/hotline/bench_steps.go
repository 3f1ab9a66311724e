package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/store/vault"
)

type benchStepsCmd struct {
	Callers int           `help:"Callers at once." default:"16"`
	Rounds  int           `help:"Rounds of floor and hotline in turn." default:"5"`
	Time    time.Duration `help:"Length of one measurement." default:"3s"`
	Fsync   string        `help:"always or everysec." default:"always" enum:"always,everysec"`
	Workers bool          `help:"Let timers and messages run beside the callers."`
	Journal bool          `help:"Keep a journal and a key store beside Redis."`
	JSON    bool          `help:"Print one JSON object." name:"json"`
	Profile string        `help:"Write a CPU profile of the rounds to this file." type:"path"`
}

// Run measures steps of the report over HTTP against a bare Echo handler that
// reads one key and writes one key of the same Redis.
func (c benchStepsCmd) Run(ctx context.Context, s streams) error {
	b, err := newStepsBench(ctx, c)
	if err != nil {
		return err
	}
	defer b.close()
	progress := s.err
	if c.JSON {
		progress = io.Discard
	}
	result := comparison{
		Name:    "USSD steps over HTTP",
		Setting: fmt.Sprintf("%d callers, Redis with appendfsync %s, %d rounds of %v each in turn, workers %v, journal %v", c.Callers, c.Fsync, c.Rounds, c.Time, c.Workers, c.Journal),
		Targets: []string{"ratio 0.70 or more; p99 5 ms or less at 16 callers; 2 round trips or fewer a step"},
	}
	if c.Profile != "" {
		stop, err := profile(c.Profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	if result.Rounds, err = compare(ctx, c.Rounds, progress, b.floor, b.hotline); err != nil {
		return err
	}
	result.Counts = map[string]float64{"Redis round trips a step, from command stats": b.trips / b.steps}
	if c.JSON {
		return result.printJSON(s.out)
	}
	result.print(s.out)
	return nil
}

// stepsBench is one Redis with both contenders on it.
type stepsBench struct {
	cmd    benchStepsCmd
	redis  *redisServer
	client *redis.Client
	app    *app
	bare   *listeners
	full   *listeners
	// accounts are those of the hotline; a floor checks signatures with them.
	accounts *providers
	stop     context.CancelFunc
	round    int
	steps    float64
	trips    float64
}

func newStepsBench(ctx context.Context, c benchStepsCmd) (*stepsBench, error) {
	b, ctx, err := newBench(ctx, c, func(cfg *configs.Config) { cfg.AfricasTalking.Token = configs.NewSecret("bench") })
	if err != nil {
		return nil, err
	}
	if err := b.startBare(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// newBench starts a Redis and the hotline on it, with settings of the benchmark.
func newBench(ctx context.Context, c benchStepsCmd, set func(*configs.Config)) (*stepsBench, context.Context, error) {
	dir, err := os.MkdirTemp("", "hotline-bench-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a directory for Redis: %w", err)
	}
	b := &stepsBench{cmd: c}
	if b.redis, err = newRedisServer(ctx, dir, "--appendfsync", c.Fsync); err != nil {
		return nil, nil, err
	}
	if err := b.redis.start(ctx); err != nil {
		return nil, nil, err
	}
	b.client = redis.NewClient(&redis.Options{Addr: b.redis.addr})
	ctx, b.stop = context.WithCancel(ctx)
	if err := b.startHotline(ctx, set); err != nil {
		b.close()
		return nil, nil, err
	}
	return b, ctx, nil
}

func (b *stepsBench) close() {
	b.stop()
	if b.app != nil {
		b.app.close()
	}
	_ = b.client.Close()
	b.redis.kill()
	_ = os.RemoveAll(b.redis.dir)
}

// startHotline runs the whole product on the Redis: the listeners of serve, and
// its workers if asked. Messages go nowhere.
func (b *stepsBench) startHotline(ctx context.Context, set func(*configs.Config)) error {
	cfg, err := configs.Load("", nil)
	if err != nil {
		return err
	}
	cfg.Redis.Addresses = []string{b.redis.addr}
	cfg.Redis.Weak = "warn"
	cfg.WebhookTimeout = 8 * time.Second // a slow answer is a figure here, not a fault
	set(&cfg)
	d, err := loadData(configs.Files)
	if err != nil {
		return err
	}
	cfg.KeyFile = filepath.Join(b.redis.dir, "key")
	if err := vault.NewKeyFile(cfg.KeyFile); err != nil {
		return err
	}
	if b.cmd.Journal {
		cfg.Journal.Dir = filepath.Join(b.redis.dir, "journal")
	}
	b.app, err = openApp(ctx, parts{cfg: cfg, log: zap.NewNop(), now: realTime, data: d, send: nowhere{}})
	if err != nil {
		return err
	}
	if err := b.app.install(ctx, func() (flows.Directory, error) { return readDirectory(configs.Files, "sample") }); err != nil {
		return err
	}
	if b.accounts, err = newProviders(cfg, d.texts); err != nil {
		return err
	}
	if b.full, err = newListeners(b.app, b.accounts); err != nil {
		return err
	}
	if b.cmd.Workers {
		go b.app.run(ctx)
	}
	return b.serve(ctx, b.full)
}

// startBare runs the floor: Echo, the form, one read and one write of Redis.
func (b *stepsBench) startBare(ctx context.Context) error {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.POST("/africastalking/:token/ussd", func(c echo.Context) error {
		ctx, key := c.Request().Context(), "floor:"+c.FormValue("sessionId")
		old, err := b.client.Get(ctx, key).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		if err := b.client.Set(ctx, key, c.FormValue("text")+strings.Repeat("x", 500-min(500, len(old)/2)), time.Minute).Err(); err != nil {
			return err
		}
		return c.String(http.StatusOK, "CON Next")
	})
	b.bare = &listeners{public: e, internal: echo.New(), timeout: time.Second, log: zap.NewNop()}
	return b.serve(ctx, b.bare)
}

func (b *stepsBench) serve(ctx context.Context, l *listeners) error {
	if err := l.open(ctx, "127.0.0.1:0", "127.0.0.1:0"); err != nil {
		return err
	}
	go func() { _ = l.serve(ctx) }()
	return nil
}

func (b *stepsBench) floor(ctx context.Context) (loadResult, error) {
	return b.measure(ctx, b.bare, "CON")
}

func (b *stepsBench) hotline(ctx context.Context) (loadResult, error) {
	before, err := b.sent(ctx)
	if err != nil {
		return loadResult{}, err
	}
	r, err := b.measure(ctx, b.full, "")
	if err != nil {
		return r, err
	}
	after, err := b.sent(ctx)
	b.steps, b.trips = b.steps+float64(r.Steps), b.trips+after-before
	return r, err
}

// measure lets callers play whole reports and checks every screen: a dialogue
// that does not end in a receipt is an error, not a step.
func (b *stepsBench) measure(ctx context.Context, l *listeners, only string) (loadResult, error) {
	b.round++
	hops := reportDialogue()
	call := &caller{
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: b.cmd.Callers}},
		base:   "http://" + l.opened[0].Addr().String(), token: "bench",
	}
	defer call.client.CloseIdleConnections()
	return load(ctx, b.cmd.Callers, len(hops), b.cmd.Time, realTime, func(ctx context.Context, dialogue, hop int) error {
		id := b.round*10_000_000 + dialogue
		status, screen, err := call.hop(ctx, "s"+strconv.Itoa(id), fmt.Sprintf("+8496%07d", (b.round*400_000+dialogue)%10_000_000), hops[hop])
		want := "CON "
		if only == "" && hop == len(hops)-1 {
			want = "END "
		}
		if err == nil && (status != http.StatusOK || !strings.HasPrefix(screen, want)) {
			err = fmt.Errorf("status %d, a screen of %d bytes that does not begin with %q", status, len(screen), want)
		}
		return err
	})
}

// sent is how many commands were sent to Redis so far, each a round trip. The
// command stats also count what scripts call; a step sends only these, and no
// script calls them.
func (b *stepsBench) sent(ctx context.Context) (float64, error) {
	info, err := b.client.Info(ctx, "commandstats").Result()
	if err != nil {
		return 0, fmt.Errorf("read the command stats: %w", err)
	}
	total := 0.0
	for line := range strings.Lines(info) {
		name, rest, ok := strings.Cut(line, ":calls=")
		if !ok || name != "cmdstat_evalsha" && name != "cmdstat_eval" && name != "cmdstat_mget" {
			continue
		}
		calls, _, _ := strings.Cut(rest, ",")
		n, err := strconv.ParseFloat(calls, 64)
		if err != nil {
			return 0, fmt.Errorf("read the command stats: %w", err)
		}
		total += n
	}
	return total, nil
}

// nowhere takes every message.
type nowhere struct{}

func (nowhere) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	return flows.Sending{Provider: "nowhere", ID: string(m.ID)}, nil
}
