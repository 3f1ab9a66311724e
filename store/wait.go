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
// both, in one round trip. The fence is a write of this connection's own: without
// one, WAIT after a repeated command would have nothing to wait for and confirm
// what no replica has.
func (s *Store) runAndWait(ctx context.Context, conn *redis.Conn, c *call, n int) (any, error) {
	pipe := conn.Pipeline()
	script := pipe.Do(ctx, c.args...)
	fence := pipe.Do(ctx, "set", s.partitions[n].prefix+"fence", s.attempt())
	held := pipe.Do(ctx, "wait", s.opts.WaitReplicas, s.opts.WaitTimeout.Milliseconds())
	_, _ = pipe.Exec(ctx) // each command has its own error
	v, err := script.Result()
	if err != nil {
		return nil, err
	}
	if err := fence.Err(); err != nil {
		return nil, err
	}
	got, err := held.Int()
	if err != nil {
		return nil, err
	}
	if got == 0 {
		return nil, fmt.Errorf("%w (%d asked)", errNoReplica, s.opts.WaitReplicas)
	}
	if got < s.opts.WaitReplicas {
		s.weak.Add(1)
	}
	return v, nil
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
