package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/store/vault"
)

type benchAlertsCmd struct {
	Reports    int  `help:"Urgent reports, one after the other." default:"300"`
	Responders int  `help:"Members on duty, all alerted at once." default:"20"`
	JSON       bool `help:"Print one JSON object." name:"json"`
}

// alertsResult is how long people waited for one another.
type alertsResult struct {
	Reports  int           `json:"reports"`
	FirstP50 time.Duration `json:"first_p50_ns"` // last key press → first alert handed to the provider
	FirstP99 time.Duration `json:"first_p99_ns"`
	LastP50  time.Duration `json:"last_p50_ns"` // first alert of a case → its last
	LastP99  time.Duration `json:"last_p99_ns"`
}

// Run files urgent reports over HTTP on a Redis of its own and watches a provider
// that answers at once.
func (c benchAlertsCmd) Run(ctx context.Context, s streams) error {
	dir, err := os.MkdirTemp("", "hotline-bench-")
	if err != nil {
		return fmt.Errorf("make a directory for Redis: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err := newRedisServer(ctx, dir)
	if err != nil {
		return err
	}
	if err := server.start(ctx); err != nil {
		return err
	}
	defer server.kill()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	fast := &fastProvider{sent: make(chan time.Time, 4*c.Responders)}
	call, err := c.serve(ctx, server.addr, fast)
	if err != nil {
		return err
	}
	r, err := c.measure(ctx, call, fast)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(r)
	}
	fmt.Fprintf(s.out, "%d urgent reports, %d responders each, Redis with appendfsync always\n", r.Reports, c.Responders)
	fmt.Fprintf(s.out, "  last key press to first alert at the provider: p50 %v, p99 %v (target: p99 50ms or less)\n", round(float64(r.FirstP50)), round(float64(r.FirstP99)))
	fmt.Fprintf(s.out, "  first alert of a case to its last: p50 %v, p99 %v (target: 200ms or less)\n", round(float64(r.LastP50)), round(float64(r.LastP99)))
	return nil
}

// serve runs the product with its workers. It ends with ctx.
func (c benchAlertsCmd) serve(ctx context.Context, redis string, fast *fastProvider) (*caller, error) {
	cfg, err := configs.Load("", nil)
	if err != nil {
		return nil, err
	}
	cfg.Redis.Addresses = []string{redis}
	cfg.AfricasTalking.Token = configs.NewSecret("bench")
	d, err := loadData(configs.Files)
	if err != nil {
		return nil, err
	}
	keys, err := vault.Open(vault.Random())
	if err != nil {
		return nil, err
	}
	a, err := newApp(ctx, parts{
		cfg: cfg, log: zap.NewNop(), now: realTime, vault: keys, data: d, send: fast,
		open: openRedis(cfg.Redis, zap.NewNop()),
	})
	if err != nil {
		return nil, err
	}
	if err := a.install(ctx, func() (flows.Directory, error) { return crowded(c.Responders) }); err != nil {
		return nil, err
	}
	accounts, err := newProviders(cfg, d.texts)
	if err != nil {
		return nil, err
	}
	l, err := newListeners(a, accounts)
	if err != nil {
		return nil, err
	}
	if err := l.open(ctx, "127.0.0.1:0", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	go a.run(ctx)
	go func() { _ = l.serve(ctx) }()
	return &caller{client: http.DefaultClient, base: "http://" + l.opened[0].Addr().String(), token: "bench"}, nil
}

func (c benchAlertsCmd) measure(ctx context.Context, call *caller, fast *fastProvider) (alertsResult, error) {
	var first, last []time.Duration
	for n := range c.Reports {
		session, phone := "s"+strconv.Itoa(n), fmt.Sprintf("+8496%07d", n)
		if _, _, err := call.hop(ctx, session, phone, "1*1*Mai Chau*2"); err != nil {
			return alertsResult{}, err
		}
		fast.drain()
		begun := realTime()
		if status, _, err := call.hop(ctx, session, phone, "1*1*Mai Chau*2*2"); err != nil || status != http.StatusOK {
			return alertsResult{}, fmt.Errorf("file report %d: status %d, %w", n, status, err)
		}
		at, err := fast.take(ctx, c.Responders)
		if err != nil {
			return alertsResult{}, fmt.Errorf("report %d: %w", n, err)
		}
		first, last = append(first, at[0].Sub(begun)), append(last, at[len(at)-1].Sub(at[0]))
	}
	slices.Sort(first)
	slices.Sort(last)
	p := func(v []time.Duration, n int) time.Duration { return v[len(v)*n/100] }
	return alertsResult{c.Reports, p(first, 50), p(first, 99), p(last, 50), p(last, 99)}, nil
}

// crowded is the sample province with many people on duty in Mai Châu.
func crowded(n int) (flows.Directory, error) {
	d, err := readDirectory(configs.Files, "sample")
	if err != nil {
		return d, err
	}
	var place flows.PlaceID
	for _, p := range d.Places {
		if p.Name == "Mai Châu" && p.Until == "" {
			place = p.ID
		}
	}
	d.Shifts = slices.DeleteFunc(d.Shifts, func(s flows.Shift) bool { return s.Place == place && s.Level == flows.LevelDuty })
	week := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	for i := range n {
		phone, err := flows.ParsePhone(fmt.Sprintf("+84900001%03d", i))
		if err != nil {
			return d, err
		}
		id := flows.MemberID("many-" + strconv.Itoa(i))
		d.Members = append(d.Members, flows.Member{ID: id, Name: "One of many", Role: "duty member", Place: place, Level: flows.LevelDuty, Phones: []flows.Phone{phone}, Language: "vi"})
		d.Shifts = append(d.Shifts, flows.Shift{Place: place, Level: flows.LevelDuty, Member: id, Days: week, From: 0, To: 24 * 60})
	}
	return d, nil
}

// fastProvider takes every message at once and remembers when.
type fastProvider struct {
	sent chan time.Time
}

// Send notes the moment.
func (f *fastProvider) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	f.sent <- realTime()
	return flows.Sending{Provider: "fast", ID: string(m.ID)}, nil
}

func (f *fastProvider) drain() {
	for {
		select {
		case <-f.sent:
		default:
			return
		}
	}
}

// take waits for n messages.
func (f *fastProvider) take(ctx context.Context, n int) ([]time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var at []time.Time
	for range n {
		select {
		case t := <-f.sent:
			at = append(at, t)
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d alerts left within 10 s", len(at), n)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return at, nil
}
