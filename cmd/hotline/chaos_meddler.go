package main

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// meddler is a proxy before Redis that is slow when it is told to be, cuts
// connections while they carry something, and tells another time.
type meddler struct {
	addr string
	to   string
	l    net.Listener
	slow atomic.Int64 // nanoseconds that each answer takes longer
	cut  atomic.Int64 // each answer of which this number is the rest is lost with its connection; 0: none
	seen atomic.Int64
	// ahead is how far the clock of Redis is set ahead, in nanoseconds.
	ahead atomic.Int64

	mu   sync.Mutex
	open map[net.Conn]bool
}

func newMeddler(ctx context.Context, to string) (*meddler, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start a proxy: %w", err)
	}
	m := &meddler{addr: l.Addr().String(), to: to, l: l, open: map[net.Conn]bool{}}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go m.carry(ctx, c)
		}
	}()
	return m, nil
}

// carry takes questions there and answers back until one end closes.
func (m *meddler) carry(ctx context.Context, client net.Conn) {
	server, err := new(net.Dialer).DialContext(ctx, "tcp", m.to)
	if err != nil {
		_ = client.Close()
		return
	}
	m.keep(client, server)
	defer m.drop(client, server)
	go func() {
		defer m.drop(client, server)
		m.pass(ctx, client, server, false)
	}()
	m.pass(ctx, server, client, true)
}

func (m *meddler) pass(ctx context.Context, from, to net.Conn, answers bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if answers {
			if every := m.cut.Load(); every > 0 && m.seen.Add(1)%every == 0 {
				return // Redis has done it, and nobody hears of it
			}
			if ahead := time.Duration(m.ahead.Load()); ahead != 0 {
				setTime(buf[:n], ahead)
			}
			if d := time.Duration(m.slow.Load()); d > 0 && wait(ctx, d) != nil {
				return
			}
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (m *meddler) keep(conns ...net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range conns {
		m.open[c] = true
	}
}

func (m *meddler) drop(conns ...net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
		delete(m.open, c)
	}
}

func (m *meddler) close() {
	_ = m.l.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.open {
		_ = c.Close()
	}
}
