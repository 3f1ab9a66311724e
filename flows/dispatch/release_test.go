package dispatch_test

import (
	"context"
	"testing"

	"hotline/flows"
	"hotline/flows/dispatch"
)

// stuck is a provider that holds on to the first message until it is let go.
type stuck struct {
	x    *exchange
	has  chan struct{}
	free chan struct{}
}

func (s stuck) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	close(s.has)
	<-s.free
	return provider{s.x, "first"}.Send(ctx, m, to)
}

// TestAWorkerThatEndsGivesBackWhatItHasNotBegun: what it had claimed is there for
// another worker at once, not after the lease, and is no repeat. What was under way
// is finished.
func TestAWorkerThatEndsGivesBackWhatItHasNotBegun(t *testing.T) {
	x := newExchange(t)
	for p := range 3 {
		x.post(p, text("duty1", flows.PurposeAlert, false))
	}
	s := stuck{x, make(chan struct{}), make(chan struct{})}
	x.mail.Sender, x.mail.Parallel = s, 1
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); x.mail.Run(ctx) }()
	<-s.has
	end()
	other := &dispatch.Worker{Outbox: x.store, Cases: x.store, Phones: twoNetworks{}, Sender: provider{x, "second"}, Now: x.clock}
	for found := 0; found < 2; {
		if t.Context().Err() != nil {
			t.Fatalf("the other worker finds %d messages, want 2", found)
		}
		n, err := other.Tick(t.Context(), x.clock())
		if err != nil {
			t.Fatal(err)
		}
		found += n
	}
	close(s.free)
	<-ended
	for _, l := range x.left {
		if l.m.Repeat {
			t.Errorf("%s counts as a repeat", l.m.ID)
		}
	}
	if len(x.left) != 3 {
		t.Errorf("%d messages left, want 3", len(x.left))
	}
}
