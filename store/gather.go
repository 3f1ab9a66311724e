package store

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	flights     = 2 // batches under way at once,
	fullFlights = 8 // or so many as long as full ones wait
)

// flightSize is how many bytes of commands fill a batch, about. Redis reads so much of
// a connection at a time (PROTO_IOBUF_LEN of its server.h), carries that out and syncs
// its log before it reads on: what is behind it in a longer batch would wait for the
// disk again, and everybody in the batch with it. What comes over several connections
// at once is synced once.
const flightSize = 16 << 10

// gatherer sends the commands of many steps at once: while batches are under
// way, what comes in the meantime waits and leaves together. A batch is one write
// and one read on both sides and one sync of the server's disk, however many
// steps are in it; a step that is alone leaves at once, and a full batch does not wait
// either.
//
// A command's place in a batch means nothing: each stands for itself, has its
// own error, and may be sent twice like any other, since scripts know their
// attempts. In a Cluster there is none: a master that is slow must not hold up
// the steps of the others.
type gatherer struct {
	client  *redis.Client
	mu      sync.Mutex
	waiting []*seat
	size    int // of those who wait, in bytes
	out     int // batches under way
	// Flyers stay when nobody waits: the way down to the socket is deep, and a new
	// one would grow its stack each time, which took a tenth of all that a step does.
	flyers, idle int
	wake         sync.Cond
	closed       bool
}

func newGatherer(client *redis.Client) *gatherer {
	g := &gatherer{client: client}
	g.wake.L = &g.mu
	return g
}

// seat is one command that waits for its answer.
type seat struct {
	ctx  context.Context //nolint:containedctx // of the caller, who may leave
	cmd  *redis.Cmd
	size int // in bytes, about
	done chan struct{}
}

// sizeOf is about how long a command is when it is sent.
func sizeOf(args []any) int {
	size := 0
	for _, arg := range args {
		switch v := arg.(type) {
		case string:
			size += len(v)
		case []byte:
			size += len(v)
		}
		size += 10 // its length, line ends, or a number
	}
	return size
}

// Do sends one command with whatever else is ready, and waits for its answer no
// longer than ctx. What was given up while it waited is not sent; what was given
// up later may still be carried out.
func (g *gatherer) Do(ctx context.Context, args ...any) *redis.Cmd {
	s := &seat{ctx: ctx, cmd: redis.NewCmd(ctx, args...), size: sizeOf(args), done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, s)
	g.size += s.size
	g.call(ctx)
	g.mu.Unlock()
	select {
	case <-s.done:
		return s.cmd
	case <-ctx.Done():
		given := redis.NewCmd(ctx, args...) // the other still belongs to its batch
		given.SetErr(ctx.Err())
		return given
	}
}

// ready reports whether a batch may leave.
func (g *gatherer) ready() bool {
	return len(g.waiting) > 0 && (g.out < flights || g.size >= flightSize && g.out < fullFlights)
}

// call has somebody take the next batch, if it may leave.
func (g *gatherer) call(ctx context.Context) {
	switch {
	case !g.ready():
	case g.idle > 0:
		g.wake.Signal()
	case g.flyers < fullFlights:
		g.flyers++
		go g.fly(context.WithoutCancel(ctx))
	}
}

// fly sends batches until the gatherer is closed and nobody waits.
func (g *gatherer) fly(ctx context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for {
		for !g.ready() {
			if g.closed && len(g.waiting) == 0 {
				g.flyers--
				g.wake.Broadcast() // others may have waited for these to leave
				return
			}
			g.idle++
			g.wake.Wait()
			g.idle--
		}
		batch := g.board()
		g.out++
		g.call(ctx)
		g.mu.Unlock()
		g.send(ctx, batch)
		g.mu.Lock()
		g.out--
	}
}

// board takes one batch off those who wait.
func (g *gatherer) board() []*seat {
	size, n := 0, 0
	for n < len(g.waiting) && (n == 0 || size+g.waiting[n].size <= flightSize) {
		size += g.waiting[n].size
		n++
	}
	batch := g.waiting[:n:n]
	g.waiting, g.size = g.waiting[n:], g.size-size
	return batch
}

// close lets the flyers go when nobody waits. What comes later is sent all the same
// and finds its client closed.
func (g *gatherer) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.wake.Broadcast()
}

// send sends one batch, for as long as anybody in it waits.
func (g *gatherer) send(ctx context.Context, batch []*seat) {
	pipe := g.client.Pipeline()
	var last time.Time
	bounded := true
	for _, s := range batch {
		if s.ctx.Err() != nil {
			continue
		}
		_ = pipe.Process(ctx, s.cmd)
		by, ok := s.ctx.Deadline()
		bounded = bounded && ok
		if by.After(last) {
			last = by
		}
	}
	if bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, last)
		defer cancel()
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	for _, s := range batch {
		close(s.done)
	}
}
