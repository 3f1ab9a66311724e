package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store/record"
)

// refillChunk is how many cases of a partition are written at once, and
// directChunk the same of the in-process server, where nothing travels.
const (
	refillChunk = 500
	directChunk = 64
)

// fullBulks is how many bulks may wait for the in-process server.
const fullBulks = 8

// Refill brings many cases back. An empty store, as the in-process one is at every
// start, is filled with plain commands, which takes a tenth of the time of its
// script. It must not serve meanwhile.
type Refill struct {
	s     *Store
	empty bool
	parts []refillPart
	// The in-process server does one thing at a time: full waits for it, and who
	// writes into it has inside.
	full   chan fullBulk
	inside sync.Mutex
}

// refillPart are the bulks of one partition into which nobody gathers just now.
type refillPart struct {
	mu    sync.Mutex
	bulks []*bulk
}

// fullBulk is what goes into a partition.
type fullBulk struct {
	*bulk
	partition int
}

// Refill begins to bring cases back.
func (s *Store) Refill(ctx context.Context) (*Refill, error) {
	empty, err := s.empty(ctx)
	if err != nil {
		return nil, wrap("restore cases", err)
	}
	return &Refill{s: s, empty: empty, parts: make([]refillPart, len(s.partitions)), full: make(chan fullBulk, fullBulks)}, nil
}

// Add takes cases in, each as a journal holds it: without its timeline, which is
// in kept. Several goroutines may.
func (r *Refill) Add(ctx context.Context, cases []flows.Whole, kept []record.Kept) error {
	for i := range cases {
		c := keptCase{&cases[i], nil}
		if kept != nil {
			c.kept = &kept[i]
		}
		if r.s.of(c.Case.ID) == nil || !r.empty {
			if err := r.s.restoreCase(ctx, c); err != nil {
				return err
			}
			continue
		}
		if err := r.add(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// add gathers into a bulk that nobody else has meanwhile.
func (r *Refill) add(ctx context.Context, c keptCase) error {
	n, chunk := c.Case.ID.Partition(), refillChunk
	if r.s.server != nil {
		chunk = directChunk
	}
	b := r.parts[n].take()
	if err := r.s.gather(b, &r.s.partitions[n], c); err != nil {
		return fmt.Errorf("restore case %s: %w", c.Case.ID, err)
	}
	if len(b.cases) < 2*chunk {
		r.parts[n].give(b)
		return nil
	}
	return r.flush(ctx, fullBulk{b, n})
}

func (p *refillPart) take() *bulk {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.bulks) - 1
	if last < 0 {
		return &bulk{}
	}
	b := p.bulks[last]
	p.bulks = p.bulks[:last]
	return b
}

func (p *refillPart) give(b *bulk) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bulks = append(p.bulks, b)
}

// Done writes what is left.
func (r *Refill) Done(ctx context.Context) error {
	for n := range r.parts {
		for _, b := range r.parts[n].bulks {
			if len(b.cases) == 0 {
				continue
			}
			if err := r.write(ctx, fullBulk{b, n}); err != nil {
				return err
			}
		}
		r.parts[n].bulks = nil
	}
	return r.drain(ctx)
}

// flush has a bulk written. If somebody writes into the server of this process
// already, it waits for them, and its gatherer goes on.
func (r *Refill) flush(ctx context.Context, b fullBulk) error {
	if r.s.server == nil {
		return r.writeOut(ctx, b)
	}
	select {
	case r.full <- b:
		if !r.inside.TryLock() {
			return nil
		}
		defer r.inside.Unlock()
	default: // too much waits
		r.inside.Lock()
		defer r.inside.Unlock()
		if err := r.writeOut(ctx, b); err != nil {
			return err
		}
	}
	return r.drain(ctx)
}

// drain writes what waits for the server of this process.
func (r *Refill) drain(ctx context.Context) error {
	for {
		select {
		case b := <-r.full:
			if err := r.writeOut(ctx, b); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// write writes a bulk into its partition, without a connection between if the
// server is in this process, and empties it for others.
func (r *Refill) write(ctx context.Context, b fullBulk) (err error) {
	p := &r.s.partitions[b.partition]
	if r.s.server != nil {
		err = b.put(r.s.server.DB(0), p)
	} else {
		err = b.send(ctx, r.s.client, p)
	}
	b.reset()
	return wrap("restore cases", err)
}

// writeOut writes a bulk and lays it back.
func (r *Refill) writeOut(ctx context.Context, b fullBulk) error {
	err := r.write(ctx, b)
	r.parts[b.partition].give(b.bulk)
	return err
}

// empty reports whether no partition holds a case.
func (s *Store) empty(ctx context.Context) (bool, error) {
	counts, err := each(ctx, s, func(pipe redis.Pipeliner, p *partition) *redis.IntCmd {
		return pipe.Exists(ctx, name(p.refs), name(p.timers), name(p.tally))
	})
	for _, c := range counts {
		if c.Val() > 0 {
			return false, err
		}
	}
	return true, err
}
