package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/store/loopback"
)

// startServers starts the Redis servers of the arena, and returns the settings that
// lead the program to them.
func (r *arena) startServers(ctx context.Context) ([]string, error) {
	switch r.options.topology {
	case "none":
		return nil, nil
	case "sentinel":
		return r.startSentinels(ctx)
	case "cluster":
		return r.startCluster(ctx)
	}
	s, err := r.startServer(ctx)
	if err != nil {
		return nil, err
	}
	addr := s.addr
	if r.options.proxy {
		if r.proxy, err = newMeddler(ctx, s.addr); err != nil {
			return nil, err
		}
		addr = r.proxy.addr
	}
	return []string{"HOTLINE_REDIS_ADDRESSES=" + addr}, nil
}

func (r *arena) startServer(ctx context.Context, extra ...string) (*redisServer, error) {
	dir := filepath.Join(r.dir, fmt.Sprintf("redis%d", len(r.servers)+1))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	s, err := newRedisServer(ctx, dir, append([]string{"--repl-diskless-sync-delay", "0"}, extra...)...)
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	r.servers = append(r.servers, s)
	return s, nil
}

// startSentinels starts a master, two replicas of it and three Sentinels, as in
// deploy/compose-ha.yaml.
func (r *arena) startSentinels(ctx context.Context) ([]string, error) {
	settings := r.options.redis
	if settings == nil {
		settings = []string{"--min-replicas-to-write", "1", "--min-replicas-max-lag", "10"}
	}
	master, err := r.startServer(ctx, settings...)
	if err != nil {
		return nil, err
	}
	host, port, _ := net.SplitHostPort(master.addr)
	for range 2 {
		if _, err := r.startServer(ctx, append([]string{"--replicaof", host + " " + port}, settings...)...); err != nil {
			return nil, err
		}
	}
	var addrs []string
	for n := range 3 {
		s, err := r.startSentinel(ctx, n, host, port)
		if err != nil {
			return nil, err
		}
		r.sentinels = append(r.sentinels, s)
		addrs = append(addrs, s.addr)
	}
	err = r.until(ctx, 30*time.Second, "all Sentinels know two replicas and each other", func() bool {
		for _, s := range r.sentinels {
			if info := s.says(ctx, "info", "sentinel"); !strings.Contains(info, "slaves=2,sentinels=3") {
				return false
			}
		}
		return strings.Count(master.says(ctx, "info", "replication"), "state=online") == 2
	})
	return []string{
		"HOTLINE_REDIS_ADDRESSES=" + strings.Join(addrs, ","), "HOTLINE_REDIS_MASTER=hotline", "HOTLINE_REDIS_WAIT_REPLICAS=1",
	}, err
}

func (r *arena) startSentinel(ctx context.Context, n int, host, port string) (*redisServer, error) {
	addr, err := loopback.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	_, own, _ := net.SplitHostPort(addr)
	dir := filepath.Join(r.dir, fmt.Sprintf("sentinel%d", n+1))
	file := filepath.Join(dir, "sentinel.conf")
	settings := r.options.sentinel
	if settings == nil {
		settings = []string{"sentinel down-after-milliseconds hotline 1000", "sentinel failover-timeout hotline 5000"}
	}
	lines := "port " + own + "\nbind 127.0.0.1\ndir " + dir + "\nloglevel warning\n" +
		"sentinel monitor hotline " + host + " " + port + " 2\n" + strings.Join(settings, "\n") + "\n"
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		return nil, fmt.Errorf("write the settings of a Sentinel: %w", err)
	}
	s := &redisServer{addr: addr, dir: dir, args: []string{file, "--sentinel"}}
	return s, s.start(ctx)
}

// startCluster starts three masters, each with a replica.
func (r *arena) startCluster(ctx context.Context) ([]string, error) {
	const slots, masters = 16384, 3
	var bus []string
	for range 2 * masters {
		addr, err := loopback.FreeAddress(ctx)
		if err != nil {
			return nil, err
		}
		_, port, _ := net.SplitHostPort(addr)
		if _, err := r.startServer(ctx, "--cluster-enabled", "yes", "--cluster-port", port, "--cluster-node-timeout", "2000",
			"--cluster-require-full-coverage", "no"); err != nil {
			return nil, err
		}
		bus = append(bus, port)
	}
	first := r.servers[0]
	var addrs []string
	for i, s := range r.servers {
		_, port, _ := net.SplitHostPort(s.addr)
		if i < masters {
			s.says(ctx, "cluster", "addslotsrange", strconv.Itoa(i*slots/masters), strconv.Itoa((i+1)*slots/masters-1))
		}
		if i > 0 {
			first.says(ctx, "cluster", "meet", "127.0.0.1", port, bus[i])
		}
		addrs = append(addrs, s.addr)
	}
	met := func() bool {
		for _, s := range r.servers {
			if info := s.says(ctx, "cluster", "info"); !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_known_nodes:6") {
				return false
			}
		}
		return true
	}
	if err := r.until(ctx, 60*time.Second, "the Cluster agrees", met); err != nil {
		return nil, err
	}
	for i := range masters {
		id := r.servers[i].says(ctx, "cluster", "myid")
		if err := r.until(ctx, 20*time.Second, "a replica follows its master", func() bool {
			return r.servers[masters+i].says(ctx, "cluster", "replicate", id) == "OK"
		}); err != nil {
			return nil, err
		}
	}
	err := r.until(ctx, 60*time.Second, "all masters have their replicas", func() bool {
		for _, s := range r.servers[:masters] {
			if !strings.Contains(s.says(ctx, "info", "replication"), "state=online") {
				return false
			}
		}
		return true
	})
	return []string{"HOTLINE_REDIS_ADDRESSES=" + strings.Join(addrs[:masters], ","), "HOTLINE_REDIS_WAIT_REPLICAS=1"}, err
}

// says asks a server something; "" if it does not answer.
func (s *redisServer) says(ctx context.Context, args ...string) string {
	c := redis.NewClient(&redis.Options{Addr: s.addr, MaxRetries: -1, DialTimeout: time.Second, ReadTimeout: time.Second})
	defer c.Close()
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	text, err := c.Do(ctx, list...).Text()
	if err != nil {
		return ""
	}
	return text
}

// stall stops a server where it stands, as a machine that hangs; resume wakes it.
func (s *redisServer) stall() error { return s.signal(syscall.SIGSTOP) }

func (s *redisServer) resume() error { return s.signal(syscall.SIGCONT) }

func (s *redisServer) signal(sig os.Signal) error {
	if s.cmd == nil || s.cmd.Process == nil {
		return errors.New("signal redis-server: it does not run")
	}
	if err := s.cmd.Process.Signal(sig); err != nil {
		return fmt.Errorf("signal redis-server: %w", err)
	}
	return nil
}
