package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// errNoReplica says that a change is written but on the master alone.
var errNoReplica = errors.New("written, but no replica has it yet")

// write runs a script that writes. If somebody will be told that it is safe and
// replicas are configured, it waits for them on the same connection: a WAIT on
// another one would return at once.
func (s *Store) write(ctx context.Context, c *call, confirm bool, n int) (any, error) {
	if s.opts.WaitReplicas == 0 || !confirm {
		return run(ctx, s.steps, c)
	}
	node, err := s.node(ctx, n)
	if err != nil {
		return nil, err
	}
	if node == nil {
		return run(ctx, s.client, c)
	}
	conn := node.Conn()
	defer func() { _ = conn.Close() }()
	v, err := s.runAndWait(ctx, conn, c, n)
	if isNoScript(err) {
		c.byText()
		v, err = s.runAndWait(ctx, conn, c, n)
	}
	return v, err
}

// runAndWait sends the script, a fence and the question how many replicas hold
// both, in one round trip.
func (s *Store) runAndWait(ctx context.Context, conn *redis.Conn, c *call, n int) (any, error) {
	pipe := conn.Pipeline()
	script := pipe.Do(ctx, c.args...)
	held := s.fence(ctx, pipe, n)
	_, _ = pipe.Exec(ctx) // each command has its own error
	v, err := script.Result()
	if err != nil {
		return nil, err
	}
	return v, s.enough(held)
}

// fenced is the answer to a fence and to the question behind it.
type fenced struct {
	set  *redis.Cmd
	held *redis.Cmd
}

// fence is a write of this connection's own. Without one, WAIT after a repeated
// command would have nothing to wait for and confirm what no replica has.
func (s *Store) fence(ctx context.Context, pipe redis.Pipeliner, n int) fenced {
	return fenced{
		set:  pipe.Do(ctx, "set", s.partitions[n].prefix+"fence", s.attempt()),
		held: pipe.Do(ctx, "wait", s.opts.WaitReplicas, s.opts.WaitTimeout.Milliseconds()),
	}
}

func (s *Store) enough(f fenced) error {
	if err := f.set.Err(); err != nil {
		return err
	}
	got, err := f.held.Int()
	if err != nil {
		return err
	}
	if got == 0 {
		return fmt.Errorf("%w (%d asked)", errNoReplica, s.opts.WaitReplicas)
	}
	if got < s.opts.WaitReplicas {
		s.weak.Add(1)
	}
	return nil
}

// replicated waits until replicas hold all that a partition was told before: what
// is read may have been written a moment ago, and never confirmed.
func (s *Store) replicated(ctx context.Context, n int) error {
	if s.opts.WaitReplicas == 0 {
		return nil
	}
	node, err := s.node(ctx, n)
	if err != nil || node == nil {
		return err
	}
	conn := node.Conn()
	defer func() { _ = conn.Close() }()
	pipe := conn.Pipeline()
	held := s.fence(ctx, pipe, n)
	_, _ = pipe.Exec(ctx)
	return s.enough(held)
}

// node is the master of a partition; nil for a client that cannot tell.
func (s *Store) node(ctx context.Context, n int) (*redis.Client, error) {
	switch c := s.client.(type) {
	case *redis.Client:
		return c, nil
	case *redis.ClusterClient:
		return c.MasterForKey(ctx, name(s.partitions[n].timers))
	}
	return nil, nil
}
