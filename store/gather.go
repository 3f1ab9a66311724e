package store

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	flights    = 2   // batches under way at once
	flightSize = 128 // most commands of one batch
)

// gatherer sends the commands of many steps at once: while batches are under
// way, what comes in the meantime waits and leaves together. A batch is one write
// and one read on both sides and one sync of the server's disk, however many
// steps are in it; a step that is alone leaves at once.
//
// A command's place in a batch means nothing: each stands for itself, has its
// own error, and may be sent twice like any other, since scripts know their
// attempts. In a Cluster there is none: a master that is slow must not hold up
// the steps of the others.
type gatherer struct {
	client  *redis.Client
	mu      sync.Mutex
	waiting []*seat
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
	done chan struct{}
}

// Do sends one command with whatever else is ready, and waits for its answer no
// longer than ctx. What was given up while it waited is not sent; what was given
// up later may still be carried out.
func (g *gatherer) Do(ctx context.Context, args ...any) *redis.Cmd {
	s := &seat{ctx: ctx, cmd: redis.NewCmd(ctx, args...), done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, s)
	switch {
	case g.idle > 0:
		g.wake.Signal()
	case g.flyers < flights:
		g.flyers++
		go g.fly(context.WithoutCancel(ctx))
	}
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

// fly sends batches until the gatherer is closed and nobody waits.
func (g *gatherer) fly(ctx context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for {
		for len(g.waiting) == 0 {
			if g.closed {
				g.flyers--
				return
			}
			g.idle++
			g.wake.Wait()
			g.idle--
		}
		batch := g.waiting
		g.waiting = nil
		if len(batch) > flightSize {
			batch, g.waiting = batch[:flightSize:flightSize], batch[flightSize:]
		}
		g.mu.Unlock()
		g.send(ctx, batch)
		g.mu.Lock()
	}
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
