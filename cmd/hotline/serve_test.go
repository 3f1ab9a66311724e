package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRedisGoesAwayAndComesBack holds the promise of a kind answer: within two
// seconds a caller is told who else can help, readiness fails, and when Redis is
// back work goes on by itself, with what was said before.
func TestRedisGoesAwayAndComesBack(t *testing.T) {
	s := startServed(t)
	nothing := func() {}
	s.insist(t, 1, "", nothing)
	s.insist(t, 1, "2", nothing)
	s.redis.kill()

	asked := time.Now()
	status, screen, err := s.caller.hop(t.Context(), "session-1", "+84910000001", "2*1")
	if took := time.Since(asked); took > 2*time.Second {
		t.Errorf("the answer took %v", took)
	}
	if err != nil || status != http.StatusOK || !strings.HasPrefix(screen, "END ") || !strings.Contains(screen, "111") || !strings.Contains(screen, "113") {
		t.Errorf("without Redis: status %d, screen %q, %v", status, screen, err)
	}
	if got := statusOf(t, s.ready); got != http.StatusServiceUnavailable {
		t.Errorf("readiness without Redis = %d, want 503", got)
	}

	if err := s.redis.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	screen = s.insist(t, 1, "2*1", nothing)
	if !strings.HasPrefix(screen, "CON ") {
		t.Errorf("after its return the dialogue goes on with %q", screen)
	}
	for _, transcript := range []string{"2*1*Mai Chau", "2*1*Mai Chau*2", "2*1*Mai Chau*2*2"} {
		screen = s.insist(t, 1, transcript, nothing)
	}
	receipt := receiptIn(screen)
	if receipt == "" {
		t.Fatal("the report got no receipt")
	}
	if got := statusOf(t, s.ready); got != http.StatusOK {
		t.Errorf("readiness with Redis = %d, want 200", got)
	}
	s.kill()
	s.checkBoard(t, map[string]string{receipt: "1"}, 1)
}

// TestRedisHangs: a store that takes questions and answers none must not hang the
// caller with it.
func TestRedisHangs(t *testing.T) {
	s := startServed(t)
	nothing := func() {}
	s.insist(t, 1, "", nothing)
	s.insist(t, 1, "2", nothing)
	if err := s.redis.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	goOn := func() { _ = s.redis.cmd.Process.Signal(syscall.SIGCONT) }
	t.Cleanup(goOn)
	asked := time.Now()
	status, screen, err := s.caller.hop(t.Context(), "session-1", "+84910000001", "2*1")
	if took := time.Since(asked); took > 3*time.Second {
		t.Errorf("the answer took %v", took)
	}
	if err != nil || status != http.StatusOK || !strings.HasPrefix(screen, "END ") || !strings.Contains(screen, "111") || !strings.Contains(screen, "113") {
		t.Errorf("with a Redis that hangs: status %d, screen %q, %v", status, screen, err)
	}
	goOn()
	if screen = s.insist(t, 1, "2*1", nothing); !strings.HasPrefix(screen, "CON ") {
		t.Errorf("afterwards the dialogue goes on with %q", screen)
	}
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// TestServeRefusesToStart lists what stops a start and what the operator reads.
func TestServeRefusesToStart(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if code := run(t.Context(), []string{"admin", "key", key}, streams{out: io.Discard, err: io.Discard}); code != 0 {
		t.Fatalf("admin key exits with %d", code)
	}
	weak, err := newRedisServer(t.Context(), t.TempDir(), "--appendonly", "no", "--maxmemory-policy", "allkeys-lru", "--maxmemory", "100mb")
	if err != nil {
		t.Fatal(err)
	}
	if err := weak.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(weak.kill)
	faulty := filepath.Join(t.TempDir(), "hotline.yaml")
	if err := os.WriteFile(faulty, []byte("listen: nowhere\nredis:\n  partitions: 900\n  wek: refuse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		args    []string
		environ []string
		want    []string
	}{
		{
			"without a journal or a Redis",
			[]string{"serve"},
			nil,
			[]string{"serve needs a journal or a Redis", "journal.dir", "hotline demo"},
		},
		{"without a key", []string{"serve"}, []string{"HOTLINE_REDIS_ADDRESSES=" + weak.addr}, []string{"serve needs a key", "hotline admin key"}},
		{
			"with a Redis that may forget",
			[]string{"serve"},
			[]string{"HOTLINE_REDIS_ADDRESSES=" + weak.addr, "HOTLINE_KEY_FILE=" + key},
			[]string{"may lose reports", "redis.weak"},
		},
		{
			"with faulty settings",
			[]string{"serve", "--config", faulty},
			[]string{"HOTLINE_LOG_LEVEL=loud"},
			[]string{faulty + ":4: wek: no such setting", faulty + ":1: listen:", faulty + ":3: redis.partitions:", "environment HOTLINE_LOG_LEVEL: log.level:"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var errs bytes.Buffer
			code := run(t.Context(), c.args, streams{out: io.Discard, err: &errs, environ: c.environ})
			if code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			for _, w := range c.want {
				if !strings.Contains(errs.String(), w) {
					t.Errorf("the message lacks %q:\n%s", w, errs.String())
				}
			}
		})
	}
}

// TestKeyFileIsNeverReplaced: the key in it may be the only one.
func TestKeyFileIsNeverReplaced(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	quiet := streams{out: io.Discard, err: io.Discard}
	if code := run(t.Context(), []string{"admin", "key", key}, quiet); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	before, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), []string{"admin", "key", key}, quiet); code != 1 {
		t.Errorf("the second time it exits with %d, want 1", code)
	}
	after, err := os.ReadFile(key)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the key has changed, %v", err)
	}
}

// TestServeSparesStrangers: the numbers of the sample province are invented, so
// somebody may have them; a provider that sends must not text them unasked.
func TestServeSparesStrangers(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if code, _, errs := command(t, "", nil, "admin", "key", key); code != 0 {
		t.Fatal(errs)
	}
	settings := filepath.Join(t.TempDir(), "hotline.yaml")
	gateway := "gateways: [{name: gw, preset: plain, token: a-token-of-gw, send_url: \"http://127.0.0.1:1/messages\", send_token: x}]\nroutes: {sms: [gw]}\n"
	if err := os.WriteFile(settings, []byte(gateway), 0o600); err != nil {
		t.Fatal(err)
	}
	refused := func(t *testing.T, environ []string) {
		t.Helper()
		code, _, errs := command(t, "", environ, "serve", "--config", settings)
		if code != 1 || !strings.Contains(errs, "invented sample province") || !strings.Contains(errs, "directory: sample") {
			t.Errorf("serve exits with %d and says %q", code, errs)
		}
	}
	t.Run("stored before", func(t *testing.T) {
		_, environ := installed(t)
		refused(t, append(environ, "HOTLINE_KEY_FILE="+key, "HOTLINE_REDIS_WEAK=warn"))
	})
	t.Run("in a new install", func(t *testing.T) {
		refused(t, []string{"HOTLINE_KEY_FILE=" + key, "HOTLINE_JOURNAL_DIR=" + filepath.Join(t.TempDir(), "journal")})
	})
}
