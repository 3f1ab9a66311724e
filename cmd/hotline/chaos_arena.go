package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"hotline/store/loopback"
	"hotline/store/vault"
)

// arenaOptions say what stands around the program.
type arenaOptions struct {
	replicas  int    // of the program
	topology  string // "one", "sentinel", "cluster", or "none": the journal alone
	proxy     bool   // a proxy of ours stands before Redis
	second    bool   // there is a second provider
	smallDisk bool   // the journal lies on a disk of 64 KB
	mute      bool   // no provider tells whether it has a message
	log       bool   // show what the program logs
	// With Sentinel: what Redis and Sentinel are started with, and what the program
	// reads beside its addresses. Empty: what stands in chaos_servers.go.
	redis, sentinel, environ []string
}

// arena is the program, the servers it needs and a network of fake phones, all on
// loopback and in one folder.
type arena struct {
	options   arenaOptions
	binary    string
	dir       string
	key       string
	config    string
	servers   []*redisServer // the masters first
	sentinels []*redisServer
	proxy     *meddler
	providers []*fakeProvider
	procs     []*serving
	client    *http.Client
	cookie    string // of the supervisor who looks at the board
	dialogue  []string
	ahead     time.Duration // how far the clock of Redis was set ahead of the real one
}

// serving is one running program.
type serving struct {
	binary  string
	config  string
	env     []string
	public  string
	ready   string // its internal address
	journal string
	wrap    []string // a command that runs it, if any

	mu   sync.Mutex
	proc *exec.Cmd
}

const (
	arenaToken = "chaos-path-token"
)

// newArena prepares everything and starts nothing.
func newArena(ctx context.Context, binary string, o arenaOptions) (*arena, error) {
	dir, err := os.MkdirTemp("", "hotline-chaos-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	r := &arena{
		options: o, dialogue: reportDialogue(), binary: binary, dir: dir, key: filepath.Join(dir, "key"), config: filepath.Join(dir, "hotline.yaml"),
		client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	if err := r.prepare(ctx); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *arena) prepare(ctx context.Context) error {
	if err := vault.NewKeyFile(r.key); err != nil {
		return err
	}
	for n := range 2 {
		p, err := newFakeProvider(ctx)
		if err != nil {
			return err
		}
		if r.providers = append(r.providers, p); n == 0 && !r.options.second {
			break
		}
	}
	return os.WriteFile(r.config, []byte(r.settings()), 0o600)
}

// settings are those that the environment cannot carry: the gateways.
func (r *arena) settings() string {
	var b strings.Builder
	b.WriteString("directory: sample\ngateways:\n")
	var names []string
	for n, p := range r.providers {
		name := fmt.Sprintf("fake%d", n+1)
		names = append(names, name)
		fmt.Fprintf(&b, "  - {name: %s, preset: plain, token: a-token-of-%s, send_url: %q, send_token: x%s}\n",
			name, name, "http://"+p.addr+"/messages", r.asked(p))
	}
	fmt.Fprintf(&b, "routes:\n  sms: [%s]\n", strings.Join(names, ", "))
	return b.String()
}

// asked is the setting by which a provider tells whether it has a message.
func (r *arena) asked(p *fakeProvider) string {
	if r.options.mute {
		return ""
	}
	return fmt.Sprintf(", find_url: %q", "http://"+p.addr+"/messages/{id}")
}

// startAll starts the servers, and then as many programs as there are to be.
func (r *arena) startAll(ctx context.Context) error {
	redis, err := r.startServers(ctx)
	if err != nil {
		return err
	}
	for range max(1, r.options.replicas) {
		s, err := r.newServing(ctx, redis)
		if err != nil {
			return err
		}
		r.procs = append(r.procs, s)
		if err := s.start(r.options.log); err != nil {
			return err
		}
		if err := r.awaitReady(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// newServing prepares a program that works on the servers that redis names.
func (r *arena) newServing(ctx context.Context, redis []string) (*serving, error) {
	public, err := loopback.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	internal, err := loopback.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	n := len(r.procs) + 1
	s := &serving{binary: r.binary, config: r.config, public: public, ready: internal, journal: filepath.Join(r.dir, fmt.Sprintf("journal%d", n))}
	s.env = append(os.Environ(), append(redis,
		"HOTLINE_LISTEN="+public, "HOTLINE_INTERNAL_LISTEN="+internal, "HOTLINE_KEY_FILE="+r.key,
		"HOTLINE_AFRICASTALKING_TOKEN="+arenaToken, "HOTLINE_LOG_LEVEL=error",
		"HOTLINE_JOURNAL_DIR="+s.journal)...)
	s.env = append(s.env, r.options.environ...)
	if r.options.smallDisk {
		mount := "mkdir -p " + s.journal + " && mount -t tmpfs -o size=64k tmpfs " + s.journal + ` && exec "$0" "$@"`
		s.wrap = []string{"unshare", "--map-root-user", "--mount", "sh", "-c", mount}
	}
	return s, nil
}

// start starts the program; killed and stopped ones may be started again.
func (s *serving) start(log bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	args := append(append([]string{}, s.wrap...), s.binary, "serve", "--config", s.config)
	s.proc = exec.CommandContext(context.Background(), args[0], args[1:]...) //nolint:gosec // our own binary
	s.proc.Env = s.env
	if log {
		s.proc.Stderr = os.Stderr
	}
	if err := s.proc.Start(); err != nil {
		return fmt.Errorf("start hotline serve: %w", err)
	}
	return nil
}

// kill ends the program as a power cut would.
func (s *serving) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		_ = s.proc.Process.Kill()
		_ = s.proc.Wait()
		s.proc = nil
	}
}

// stop asks the program to end, and tells how long it took.
func (s *serving) stop() (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	began := realTime()
	if s.proc == nil {
		return 0, errors.New("stop hotline serve: it does not run")
	}
	_ = s.proc.Process.Signal(syscall.SIGTERM)
	err := s.proc.Wait()
	s.proc = nil
	if err != nil {
		err = fmt.Errorf("stop hotline serve: %w", err)
	}
	return realTime().Sub(began), err
}

// awaitReady waits until a program says that it is ready.
func (r *arena) awaitReady(ctx context.Context, s *serving) error {
	return r.until(ctx, time.Minute, "hotline serve is ready", func() bool {
		status, _, err := r.get(ctx, "http://"+s.ready+"/readyz", false)
		return err == nil && status == http.StatusOK
	})
}

// until asks again and again until it is so.
func (r *arena) until(ctx context.Context, most time.Duration, what string, so func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if so() {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("within %v it never was so that %s", most, what)
		case <-tick.C:
		}
	}
}

// at is the program that a caller reaches at a try: a balancer in turn.
func (r *arena) at(n int) *caller {
	s := r.procs[n%len(r.procs)]
	return &caller{client: r.client, base: "http://" + s.public, token: arenaToken}
}

// command runs another command of the program on what the first one works on, and
// returns what it prints.
func (r *arena) command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, r.binary, args...) //nolint:gosec // our own binary
	cmd.Env = r.procs[0].env
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("hotline %s: %w\n%s%s", strings.Join(args, " "), err, out, &said)
	}
	return string(out), nil
}

// close ends everything that the arena started and removes its folder.
func (r *arena) close() {
	for _, s := range r.procs {
		s.kill()
	}
	for _, s := range append(r.servers, r.sentinels...) {
		s.kill()
	}
	if r.proxy != nil {
		r.proxy.close()
	}
	for _, p := range r.providers {
		p.close()
	}
	_ = os.RemoveAll(r.dir)
}
