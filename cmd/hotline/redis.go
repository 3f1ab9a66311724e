package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/store/loopback"
)

// redisServer is a redis-server of our own, for benchmarks and fault tests: on a
// free loopback port, in a directory of its own.
type redisServer struct {
	addr string
	dir  string
	args []string
	cmd  *exec.Cmd
}

// newRedisServer prepares a server in dir with the durable settings of
// production and the extra arguments; start runs it.
func newRedisServer(ctx context.Context, dir string, extra ...string) (*redisServer, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, errors.New("redis-server is not installed: apt-get install -y redis-server")
	}
	port, err := loopback.FreePort(ctx)
	if err != nil {
		return nil, err
	}
	s := &redisServer{addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), dir: dir}
	s.args = append([]string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
		"--loglevel", "warning",
	}, extra...)
	return s, nil
}

// start runs the server and waits until it answers.
func (s *redisServer) start(ctx context.Context) error {
	s.cmd = exec.CommandContext(context.WithoutCancel(ctx), "redis-server", s.args...)
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	c := redis.NewClient(&redis.Options{Addr: s.addr, MaxRetries: -1})
	defer c.Close()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		if c.Ping(ctx).Err() == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			s.kill()
			return errors.New("redis-server did not answer within 20 s")
		case <-tick.C:
		}
	}
}

// kill ends the server at once, as a power cut would.
func (s *redisServer) kill() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}
