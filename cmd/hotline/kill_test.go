package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/store"
	"hotline/store/loopback"
	"hotline/store/vault"
)

// TestServeKilledAtRandomMoments files 200 reports over HTTP while the server is
// killed with SIGKILL again and again, and then asks the store: every report
// whose receipt was shown is an open case with a timer, and none is there twice.
func TestServeKilledAtRandomMoments(t *testing.T) {
	const reports, kills = 200, 12
	s := startServed(t)
	shown := s.fileWhileKilled(t, reports, kills)
	s.kill()
	s.checkBoard(t, shown, reports)
}

// TestServeWithoutRedisKilledAtRandomMoments is the same with nothing but a
// folder: what is there afterwards came out of the journal.
func TestServeWithoutRedisKilledAtRandomMoments(t *testing.T) {
	const reports, kills = 120, 8
	s := startSole(t)
	shown := s.fileWhileKilled(t, reports, kills)
	s.kill()
	s.checkJournal(t, shown, reports)
}

// fileWhileKilled files reports from several callers at once while the server is
// killed, and returns the receipts that were shown.
func (s *served) fileWhileKilled(t *testing.T, reports, kills int) map[string]string {
	t.Helper()
	const callers = 8
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	hops := reportDialogue()
	k := &killer{served: s, rng: rand.New(rand.NewPCG(seed, 1)), left: kills, every: reports * len(hops) / (kills + 1)}
	k.next = 1 + k.rng.IntN(k.every)

	var mu sync.Mutex
	shown := map[string]string{} // receipt → dialogue
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for n := c; n < reports; n += callers {
				var screen string
				for _, transcript := range hops {
					screen = s.insist(t, n, transcript, k.tick)
				}
				receipt := receiptIn(screen)
				if receipt == "" {
					t.Errorf("dialogue %d ended without a receipt", n)
					continue
				}
				mu.Lock()
				shown[receipt] = fmt.Sprint(n)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if k.left > 0 {
		t.Errorf("%d kills were left over", k.left)
	}
	return shown
}

// killer kills and restarts the server after random numbers of hops.
type killer struct {
	served *served
	mu     sync.Mutex
	rng    *rand.Rand
	hops   int
	next   int
	every  int
	left   int
}

// tick counts a hop that is about to be sent. The kill falls somewhere into the
// hops that are under way.
func (k *killer) tick() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.hops++; k.hops < k.next || k.left == 0 {
		return
	}
	k.left--
	k.next = k.hops + 1 + k.rng.IntN(k.every)
	go k.served.restart()
}

// served is a `hotline serve` of the built program on a Redis of its own, or on
// a journal alone.
type served struct {
	t      *testing.T
	binary string
	redis  *redisServer // nil: none
	dir    string       // everything of it is in here
	sub    string       // the journal below dir
	env    []string
	caller *caller
	ready  string
	key    string
	stderr io.Writer // nil: that of the test

	mu   sync.Mutex // one start or kill at a time
	proc *exec.Cmd
}

// startServed runs one on a Redis of its own.
func startServed(t *testing.T, environ ...string) *served {
	t.Helper()
	s := newServed(t)
	s.onRedis(environ...)
	return s
}

// onRedis gives it a Redis of its own and more settings, and starts it.
func (s *served) onRedis(environ ...string) {
	t := s.t
	t.Helper()
	var err error
	data := filepath.Join(s.dir, "redis")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if s.redis, err = newRedisServer(t.Context(), data); err != nil {
		t.Fatal(err)
	}
	if err := s.redis.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.redis.kill)
	s.env = append(append(s.env, "HOTLINE_REDIS_ADDRESSES="+s.redis.addr), environ...)
	s.restart()
	t.Cleanup(s.kill)
}

// startSole runs one without a Redis.
func startSole(t *testing.T) *served {
	t.Helper()
	s := newServed(t)
	s.env = append(s.env, "HOTLINE_JOURNAL_DIR="+s.journal(), "HOTLINE_JOURNAL_CHECKPOINTS="+filepath.Join(s.dir, "checkpoints"))
	s.restart()
	t.Cleanup(s.kill)
	return s
}

func (s *served) journal() string { return filepath.Join(s.dir, s.sub) }

// newServed builds the program and prepares its settings.
func newServed(t *testing.T) *served {
	t.Helper()
	dir := t.TempDir()
	s := &served{t: t, dir: dir, sub: "journal", binary: filepath.Join(dir, "hotline"), key: filepath.Join(dir, "key")}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", s.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if err := vault.NewKeyFile(s.key); err != nil {
		t.Fatal(err)
	}
	public, internal := freeAddr(t), freeAddr(t)
	s.env = append(os.Environ(),
		"HOTLINE_LISTEN="+public, "HOTLINE_INTERNAL_LISTEN="+internal,
		"HOTLINE_KEY_FILE="+s.key, "HOTLINE_AFRICASTALKING_TOKEN=test-path-token", "HOTLINE_LOG_LEVEL=error")
	s.caller = &caller{client: &http.Client{Timeout: time.Minute}, base: "http://" + public, token: "test-path-token"}
	s.ready = "http://" + internal + "/readyz"
	return s
}

func freeAddr(t *testing.T) string {
	t.Helper()
	addr, err := loopback.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// restart kills the server, if it runs, and starts another.
func (s *served) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
	proc := exec.CommandContext(context.Background(), s.binary, "serve")
	proc.Env, proc.Stderr = s.env, cmp.Or[io.Writer](s.stderr, os.Stderr)
	if err := proc.Start(); err != nil {
		s.t.Errorf("start serve: %v", err)
		return
	}
	s.proc = proc
}

func (s *served) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
}

func (s *served) end() {
	if s.proc != nil {
		_ = s.proc.Process.Kill()
		_ = s.proc.Wait()
		s.proc = nil
	}
}

// insist posts a hop until it is answered.
func (s *served) insist(t *testing.T, n int, transcript string, tick func()) string {
	t.Helper()
	screen, err := insist(t.Context(), func(int) *caller { return s.caller }, n, transcript, tick)
	if err != nil {
		t.Error(err)
	}
	return screen
}

// checkBoard looks at what the store holds, with the program's own eyes.
func (s *served) checkBoard(t *testing.T, shown map[string]string, reports int) {
	t.Helper()
	st, keys := s.look(t)
	open := checkCases(t, st, keys, shown, reports)
	checkTimers(t, s.redis.addr, open)
}

// look opens the store of the server and its keys, beside it.
func (s *served) look(t *testing.T) (*store.Store, *vault.Vault) {
	t.Helper()
	m, err := vault.File(s.key)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.Open(m)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := configs.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Redis.Addresses = []string{s.redis.addr}
	st, err := openRedis(cfg.Redis, zap.NewNop())(t.Context(), store.Options{Partitions: cfg.Redis.Partitions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st, keys
}

// checkJournal looks at what a journal brings back.
func (s *served) checkJournal(t *testing.T, shown map[string]string, reports int) {
	t.Helper()
	a, err := openJournals(t.Context(), "", s.env)
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	st, err := store.OpenEmbedded(t.Context(), store.Options{Partitions: 64})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	r, err := rebuild(t.Context(), st.Store, []string{s.journal()}, a.key, a.vault, time.Now())
	if err != nil || len(r.gaps) > 0 {
		t.Fatalf("rebuild: %d cases lack a version between others, %v", len(r.gaps), err)
	}
	for _, report := range r.reports {
		if !report.OK() {
			t.Errorf("the journal has faults: %v", report.Faults)
		}
	}
	checkCases(t, st.Store, a.vault, shown, reports)
}

// checkCases holds a store to what callers were told.
func checkCases(t *testing.T, st *store.Store, keys *vault.Vault, shown map[string]string, reports int) []flows.Case {
	t.Helper()
	ctx := t.Context()
	open, err := st.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	board := map[flows.CaseID]bool{}
	for _, c := range open {
		if board[c.ID] {
			t.Errorf("case %s is on the board twice", c.Ref)
		}
		board[c.ID] = true
		if len(c.Timers) == 0 {
			t.Errorf("case %s has no timer", c.Ref)
		}
	}
	found := map[flows.CaseID]bool{}
	for receipt, n := range shown {
		c, err := st.CaseByReceipt(ctx, receipt, keys.Receipt(receipt))
		if err != nil {
			t.Errorf("the receipt of dialogue %s leads nowhere: %v", n, err)
			continue
		}
		if found[c.ID] || !board[c.ID] {
			t.Errorf("the case of dialogue %s is not on the board once: seen before %v, on it %v", n, found[c.ID], board[c.ID])
		}
		found[c.ID] = true
	}
	if len(found) != reports || len(open) != reports {
		t.Errorf("%d receipts lead to cases and %d cases are open, want %d of both", len(found), len(open), reports)
	}
	return open
}

// checkTimers looks into the sorted sets themselves: a case that knows its timer
// is of no use if no worker will find it.
func checkTimers(t *testing.T, addr string, open []flows.Case) {
	t.Helper()
	ctx := context.Background()
	c := redis.NewClient(&redis.Options{Addr: addr})
	defer c.Close()
	keys, err := c.Keys(ctx, "hl:{*}:timers").Result()
	if err != nil || len(keys) == 0 {
		t.Fatalf("%d keys of timers, %v", len(keys), err)
	}
	var members []string
	for _, k := range keys {
		some, err := c.ZRange(ctx, k, 0, -1).Result()
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, some...)
	}
	for _, oc := range open {
		if !slices.Contains(members, string(oc.ID)) {
			t.Errorf("no worker will find a timer of case %s", oc.Ref)
		}
	}
}
