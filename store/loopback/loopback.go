// Package loopback finds ports for servers that benchmarks, fault experiments and
// tests start on this machine.
package loopback

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are drawn from those below the ones that systems give to callers (Linux from
// 32768 on, ip_local_port_range; others from 49152 on, RFC 6335). A server that is
// killed leaves its port for a moment, and whoever asks for it until it is back may be
// given that very port as its own: then nobody else can have it.
const first, behind = 10_000, 32_000

// tries is how many ports may be taken before something else is wrong.
const tries = 100

// FreePort is a port of 127.0.0.1 on which nobody listens.
func FreePort(ctx context.Context) (int, error) {
	var last error
	for range tries {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		port := first + rand.IntN(behind-first) //nolint:gosec // no secret
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address(port))
		if err == nil {
			return port, l.Close()
		}
		last = err
	}
	return 0, fmt.Errorf("find a free port: %w", last)
}

// FreeAddress is 127.0.0.1 with a free port, as host:port.
func FreeAddress(ctx context.Context) (string, error) {
	port, err := FreePort(ctx)
	if err != nil {
		return "", err
	}
	return address(port), nil
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
