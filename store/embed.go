package store

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// Embedded is a store whose server runs in this process: no port, no other
// program, nothing on disk. Its keys expire only when Advance is told that time
// has passed, so that it follows a clock of any speed.
type Embedded struct {
	*Store
	server *miniredis.Miniredis
}

// OpenEmbedded starts an in-process server and opens a store on it. Client in
// the options is ignored; 0 partitions means 4.
func OpenEmbedded(ctx context.Context, o Options) (*Embedded, error) {
	if o.Partitions == 0 {
		o.Partitions = 4
	}
	server := miniredis.NewMiniRedis()
	o.Client = redis.NewClient(&redis.Options{
		Addr: "127.0.0.1:0", // never dialled: a name would be looked up
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			c, err := server.Dial()
			if err != nil {
				return nil, err
			}
			return newMailbox(c), nil
		},
		// One pool is enough beside a server that does one thing at a time.
		PipelinePoolSize: -1,
	})
	s, err := Open(ctx, o)
	if err != nil {
		_ = o.Client.Close()
		server.Close()
		return nil, err
	}
	s.server, s.order = server, make([]sync.Mutex, o.Partitions)
	return &Embedded{s, server}, nil
}

// Advance lets d pass on the server's clock: what has lived long enough expires.
// Call it from the ticker of the clock that the program goes by; the server has
// none of its own, because one would look at every key on every command.
func (e *Embedded) Advance(d time.Duration) { e.server.FastForward(d) }

// Close closes the store and its server. All that it held is gone.
func (e *Embedded) Close() error {
	err := e.Store.Close()
	e.server.Close()
	return err
}
