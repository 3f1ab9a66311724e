package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/store/loopback"
)

// Redis is a redis-server that a test started. It keeps its data in a directory
// of the test, so that it can be killed and started again.
type Redis struct {
	Addr string
	Dir  string

	args []string
	cmd  *exec.Cmd
	gone chan struct{}
}

// StartRedis starts a redis-server on a free loopback port, with an append-only
// file that is synced on every write. More settings may follow, as
// "--maxmemory", "1mb". The server ends with the test. Without the program the
// test fails: what cannot be checked must not look as if it were.
func StartRedis(t testing.TB, settings ...string) *Redis {
	t.Helper()
	return launch(t, func(dir, port string) []string {
		return append([]string{
			"--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "",
			"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
			"--repl-diskless-sync-delay", "0", "--daemonize", "no", "--logfile", "",
		}, settings...)
	})
}

// launch starts the program with the arguments made for a directory and a port.
func launch(t testing.TB, args func(dir, port string) []string) *Redis {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Fatal("no redis-server; install redis-server: apt-get install redis-server")
	}
	var err error
	for range 5 { // a free port may be taken before the server has it
		r := &Redis{Dir: t.TempDir()}
		port := freePort(t)
		r.Addr = "127.0.0.1:" + port
		r.args = args(r.Dir, port)
		if err = r.start(); err == nil {
			t.Cleanup(r.Kill)
			return r
		}
	}
	t.Fatalf("start redis-server: %v", err)
	return nil
}

// Client opens a client of the server that is closed with the test.
func (r *Redis) Client(t testing.TB) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: r.Addr})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// Kill ends the server at once, as a power cut would.
func (r *Redis) Kill() {
	_ = r.cmd.Process.Kill()
	<-r.gone
}

// Restart starts a killed server again on its port and data.
func (r *Redis) Restart(t testing.TB) {
	t.Helper()
	if err := r.start(); err != nil {
		t.Fatalf("restart redis-server: %v", err)
	}
}

// start returns when the server says that it is ready.
func (r *Redis) start() error {
	r.cmd = exec.CommandContext(context.Background(), "redis-server", r.args...)
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := r.cmd.Start(); err != nil {
		return err
	}
	r.gone = make(chan struct{})
	ready := make(chan error, 1)
	go func() {
		defer close(r.gone)
		ready <- awaitReady(out)
		_, _ = io.Copy(io.Discard, out)
		_ = r.cmd.Wait()
	}()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	select {
	case err = <-ready:
	case <-timeout.C:
		err = errors.New("not ready after 20 s")
	}
	if err != nil {
		_ = r.cmd.Process.Kill()
	}
	return err
}

func awaitReady(out io.Reader) error {
	last := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		last = lines.Text()
		if strings.Contains(last, "Ready to accept connections") || strings.Contains(last, "Sentinel ID is") {
			return nil
		}
	}
	return fmt.Errorf("it ended: %s", last)
}

func freePort(t testing.TB) string {
	t.Helper()
	port, err := loopback.FreePort(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(port)
}

// Stall stops the server where it stands, as a machine that hangs: connections
// stay open and nothing answers. It is woken before the test ends.
func (r *Redis) Stall(t testing.TB) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Signal(syscall.SIGCONT) })
}

// Resume wakes a stalled server.
func (r *Redis) Resume(t testing.TB) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}
