package storetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// StartCluster starts a Redis Cluster of n masters on loopback and returns their
// addresses.
func StartCluster(t testing.TB, n int) []string {
	t.Helper()
	const slots = 16384
	var nodes []*Redis
	var bus []string
	for range n {
		port := freePort(t)
		nodes = append(nodes, StartRedis(t, "--cluster-enabled", "yes", "--cluster-port", port))
		bus = append(bus, port)
	}
	first := nodes[0].Client(t)
	var addrs []string
	for i, node := range nodes {
		_, port, _ := net.SplitHostPort(node.Addr)
		do(t, node.Client(t), "cluster", "addslotsrange", i*slots/n, (i+1)*slots/n-1)
		do(t, first, "cluster", "meet", "127.0.0.1", port, bus[i])
		addrs = append(addrs, node.Addr)
	}
	for _, node := range nodes {
		client := node.Client(t)
		Eventually(t, "the cluster agrees", func() bool {
			info := client.ClusterInfo(context.Background()).Val()
			return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", n))
		})
	}
	return addrs
}

// StartReplica starts a server that follows another and has caught up.
func StartReplica(t testing.TB, of *Redis) *Redis {
	t.Helper()
	host, port, _ := net.SplitHostPort(of.Addr)
	r := StartRedis(t, "--replicaof", host+" "+port)
	replica, master := r.Client(t), of.Client(t)
	Eventually(t, "the replica has caught up", func() bool {
		return strings.Contains(replica.Info(context.Background(), "replication").Val(), "master_link_status:up") &&
			strings.Contains(master.Info(context.Background(), "replication").Val(), "state=online")
	})
	return r
}

// StartSentinel starts a Sentinel that watches a master by the name "hotline"
// and replaces it soon after it is gone. It returns its address.
func StartSentinel(t testing.TB, master *Redis) string {
	t.Helper()
	host, port, _ := net.SplitHostPort(master.Addr)
	sentinel := launch(t, func(dir, own string) []string {
		file := filepath.Join(dir, "sentinel.conf")
		lines := []string{
			"port " + own, "bind 127.0.0.1", "dir " + dir,
			"sentinel monitor hotline " + host + " " + port + " 1",
			"sentinel down-after-milliseconds hotline 300",
			"sentinel failover-timeout hotline 3000",
		}
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{file, "--sentinel"}
	})
	client := sentinel.Client(t)
	Eventually(t, "the sentinel knows the replica", func() bool {
		return strings.Contains(client.Info(context.Background(), "sentinel").Val(), "slaves=1")
	})
	return sentinel.Addr
}

// Eventually asks again and again until it is so, for half a minute.
func Eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 3000 {
		if so() {
			return
		}
		<-ticker.C
	}
	t.Fatalf("it never happened that %s", what)
}

func do(t testing.TB, c *redis.Client, args ...any) {
	t.Helper()
	if err := c.Do(context.Background(), args...).Err(); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
}
