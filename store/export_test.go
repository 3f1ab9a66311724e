package store

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Codec lets tests change a type between writing and reading.
type Codec[T any] struct{ c codec[T] }

// NewCodec learns a type with numbers of the test's own.
func NewCodec[T any](numbers map[string][]string) (Codec[T], error) {
	c, err := newCodec[T](numbers)
	return Codec[T]{c}, err
}

// Append and Decode are the codec's.
func (c Codec[T]) Append(b []byte, v *T) []byte { return c.c.append(b, v) }
func (c Codec[T]) Decode(s string, v *T) error  { return c.c.decode(s, v) }
func Numbers() map[string][]string              { return numbers() }

// SendTogether sends an INCR of a key for each context in one batch, as steps
// that waited together.
func (s *Store) SendTogether(key string, each ...context.Context) {
	var batch []*seat
	for _, ctx := range each {
		batch = append(batch, &seat{ctx: ctx, cmd: redis.NewCmd(ctx, "incr", key), done: make(chan struct{})})
	}
	s.steps.(*gatherer).send(context.Background(), batch)
}
