package store

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// SendTogether sends an INCR of a key for each context in one batch, as steps
// that waited together.
func (s *Store) SendTogether(key string, each ...context.Context) {
	var batch []*seat
	for _, ctx := range each {
		batch = append(batch, &seat{ctx: ctx, cmd: redis.NewCmd(ctx, "incr", key), done: make(chan struct{})})
	}
	s.steps.(*gatherer).send(context.Background(), batch)
}

// Occupy is somebody who writes into the server of this process until done is called.
func (r *Refill) Occupy() (done func()) {
	r.inside.Lock()
	return r.inside.Unlock
}
