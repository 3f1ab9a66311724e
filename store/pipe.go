package store

import (
	"net"
	"sync"
)

// mailbox is a connection whose writes never block. The in-process server hands
// out a pipe without a buffer, and go-redis sends a whole batch before it reads
// the first answer: each would wait for the other.
type mailbox struct {
	net.Conn
	mu      sync.Mutex
	posted  sync.Cond
	waiting []byte
	err     error // why nothing can be written any more
}

func newMailbox(c net.Conn) *mailbox {
	m := &mailbox{Conn: c}
	m.posted.L = &m.mu
	go m.deliver()
	return m
}

// Write keeps b for delivery.
func (m *mailbox) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return 0, m.err
	}
	m.waiting = append(m.waiting, b...)
	m.posted.Signal()
	return len(b), nil
}

// Close drops what was not delivered yet.
func (m *mailbox) Close() error {
	m.mu.Lock()
	m.err = net.ErrClosed
	m.posted.Signal()
	m.mu.Unlock()
	return m.Conn.Close()
}

func (m *mailbox) deliver() {
	var spare []byte
	for {
		m.mu.Lock()
		for len(m.waiting) == 0 && m.err == nil {
			m.posted.Wait()
		}
		if m.err != nil {
			m.mu.Unlock()
			return
		}
		batch := m.waiting
		m.waiting = spare[:0]
		m.mu.Unlock()
		if _, err := m.Conn.Write(batch); err != nil {
			m.mu.Lock()
			m.err = err
			m.mu.Unlock()
			return
		}
		spare = batch
	}
}
