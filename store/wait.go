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
		return run(ctx, s.client, c)
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
	v, err := run(ctx, conn, c)
	if err != nil {
		return nil, err
	}
	return v, s.wait(ctx, conn, n)
}

// wait asks how many replicas hold all that was written before. The fence is a
// write of this connection's own: without one, WAIT after a repeated command
// would have nothing to wait for and confirm what no replica has.
func (s *Store) wait(ctx context.Context, conn *redis.Conn, n int) error {
	if err := conn.Do(ctx, "set", s.partitions[n].prefix+"fence", s.attempt()).Err(); err != nil {
		return err
	}
	got, err := conn.Wait(ctx, s.opts.WaitReplicas, s.opts.WaitTimeout).Result()
	if err != nil {
		return err
	}
	if got == 0 {
		return fmt.Errorf("%w (%d asked)", errNoReplica, s.opts.WaitReplicas)
	}
	if got < int64(s.opts.WaitReplicas) {
		s.weak.Add(1)
	}
	return nil
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
