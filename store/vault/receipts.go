package vault

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"hotline/flows"
)

// Drawn is a receipt with its hashes, made before anybody asked for it.
type Drawn struct {
	Receipt flows.Receipt
	Number  string // hash of the number, as Vault.Receipt makes it
	PIN     string // stored form of the PIN: slow, or fast if the pool was empty
	Slow    bool
}

// Receipts is a pool of receipts whose slow hashes are ready, so that no step of
// a conversation waits for one. It holds receipts of nobody; they are lost with
// the process and cost nothing.
type Receipts struct {
	vault      *Vault
	random     io.Reader
	partitions int
	ready      int // per partition

	// Pause is how long Fill rests after each hash, so that the steps of callers
	// have the processor. Set it before Run.
	Pause time.Duration

	mu    sync.Mutex
	pool  [][]Drawn
	want  chan struct{}
	empty int // draws that found the pool empty
}

// NewReceipts makes an empty pool that Run keeps at ready receipts for each
// partition.
func NewReceipts(v *Vault, random io.Reader, partitions, ready int) *Receipts {
	return &Receipts{
		vault: v, random: random, partitions: partitions, ready: ready,
		pool: make([][]Drawn, partitions), want: make(chan struct{}, 1),
	}
}

// Draw takes a receipt of a partition. It never waits: when the pool is empty the
// receipt has a fast hash, which Harden can make slow afterwards.
func (r *Receipts) Draw(partition int) (Drawn, error) {
	if partition < 0 || partition >= r.partitions {
		return Drawn{}, fmt.Errorf("draw a receipt: there is no partition %d", partition)
	}
	r.mu.Lock()
	list := r.pool[partition]
	if n := len(list); n > 0 {
		d := list[n-1]
		list[n-1] = Drawn{}
		r.pool[partition] = list[:n-1]
		r.mu.Unlock()
		r.nudge()
		return d, nil
	}
	r.empty++
	r.mu.Unlock()
	r.nudge()
	return r.fast(partition)
}

func (r *Receipts) fast(partition int) (Drawn, error) {
	rec, err := flows.NewReceipt(r.random, partition, r.partitions)
	if err != nil {
		return Drawn{}, err
	}
	return Drawn{Receipt: rec, Number: r.vault.Receipt(rec.Number), PIN: r.vault.PIN(rec.Number, rec.PIN)}, nil
}

// Empty counts the draws that found nothing ready, for a metric.
func (r *Receipts) Empty() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.empty
}

func (r *Receipts) nudge() {
	select {
	case r.want <- struct{}{}:
	default:
	}
}

// Run fills the pool whenever something was taken, until ctx ends.
func (r *Receipts) Run(ctx context.Context) error {
	for {
		if err := r.Fill(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.want:
		}
	}
}

// Fill makes receipts until every partition has its share, the emptiest first.
func (r *Receipts) Fill(ctx context.Context) error {
	for {
		p, ok := r.emptiest()
		if !ok {
			return nil
		}
		d, err := r.fast(p)
		if err != nil {
			return fmt.Errorf("fill the receipts: %w", err)
		}
		if d.PIN, err = r.vault.Harden(ctx, d.PIN); err != nil {
			return fmt.Errorf("fill the receipts: %w", err)
		}
		d.Slow = true
		r.mu.Lock()
		r.pool[p] = append(r.pool[p], d)
		r.mu.Unlock()
		if err := r.rest(ctx); err != nil {
			return fmt.Errorf("fill the receipts: %w", err)
		}
	}
}

func (r *Receipts) rest(ctx context.Context) error {
	if r.Pause <= 0 {
		return nil
	}
	pause := time.NewTimer(r.Pause)
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pause.C:
		return nil
	}
}

func (r *Receipts) emptiest() (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	best := 0
	for p := range r.pool {
		if len(r.pool[p]) < len(r.pool[best]) {
			best = p
		}
	}
	return best, len(r.pool[best]) < r.ready
}

// String says nothing of what is in the pool.
func (r *Receipts) String() string { return "[receipts]" }
