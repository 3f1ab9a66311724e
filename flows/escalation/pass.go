package escalation

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"hotline/flows"
)

// keep is how many cases that are not urgent are kept in memory until their turn;
// the others are read again.
const keep = 20_000

// pass is one tick over what was due.
type pass struct {
	*Worker
	now   time.Time
	world World
	moved atomic.Int64

	mu   sync.Mutex
	kept []flows.Case
	left []flows.CaseID
}

// urgent reads cases and fires those that are urgent.
func (p *pass) urgent(ctx context.Context, ids []flows.CaseID) error {
	cases, err := p.load(ctx, ids)
	if err != nil {
		return err
	}
	urgent, others := split(cases)
	p.mu.Lock()
	if len(p.kept) < keep {
		p.kept = append(p.kept, others...)
	} else {
		for i := range others {
			p.left = append(p.left, others[i].ID)
		}
	}
	p.mu.Unlock()
	return p.fire(ctx, urgent)
}

func (p *pass) all(ctx context.Context, ids []flows.CaseID) error {
	cases, err := p.load(ctx, ids)
	if err != nil {
		return err
	}
	return p.fire(ctx, cases)
}

func (p *pass) fire(ctx context.Context, cases []flows.Case) error {
	n, err := p.Worker.fire(ctx, p.now, cases, p.world)
	p.moved.Add(int64(n))
	return err
}
