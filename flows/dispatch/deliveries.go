package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
)

// Sendings is what the words of providers need of the store.
type Sendings interface {
	Cases
	// SentAs finds our message by the provider's id of it.
	SentAs(ctx context.Context, provider, sid string) (flows.MessageID, error)
}

// Deliveries takes the providers' later word on messages.
type Deliveries struct {
	Store Sendings
	Now   func() time.Time
	// Patience is how long a word on a message that is not known may wait: it can
	// be faster than our own record that the message was accepted. 0: a second;
	// below: not at all.
	Patience time.Duration
	// Done is told of every word that was news, if set.
	Done func(flows.Status)
}

// find waits for a message to become known.
func (d *Deliveries) find(ctx context.Context, st flows.Status) (flows.MessageID, error) {
	patience := cmp.Or(d.Patience, time.Second)
	for pause := 25 * time.Millisecond; ; pause *= 2 {
		id, err := d.Store.SentAs(ctx, st.Provider, st.ID)
		if !errors.Is(err, flows.ErrNotFound) || pause > patience || !rest(ctx, pause) {
			return id, err
		}
		patience -= pause
	}
}

// Status records a provider's word. It returns flows.ErrNotFound for a message
// that is not ours or is forgotten; a word that is no news is no error.
func (d *Deliveries) Status(ctx context.Context, st flows.Status) error {
	id := st.Message
	if id == "" {
		var err error
		if id, err = d.find(ctx, st); err != nil {
			return fmt.Errorf("status by %s: %w", st.Provider, err)
		}
	}
	c, err := d.Store.Case(ctx, id.Case())
	if err != nil {
		return fmt.Errorf("status of message %s: %w", id, err)
	}
	if first := c.Tracked(id); first != nil {
		// The others go before: a word that is repeated must find them still.
		for _, other := range first.With {
			if err := d.take(ctx, other, beside(st)); err != nil && !errors.Is(err, flows.ErrNotFound) {
				return err
			}
		}
	}
	return d.take(ctx, id, st)
}

// beside is a word on a message that left in another one's text: neither the
// provider's id nor ours was its own.
func beside(st flows.Status) flows.Status {
	st.ID, st.Message = "", ""
	return st
}

// take commits a word on one message.
func (d *Deliveries) take(ctx context.Context, id flows.MessageID, st flows.Status) error {
	for range conflicts {
		c, err := d.Store.Case(ctx, id.Case())
		if err != nil {
			return fmt.Errorf("status of message %s: %w", id, err)
		}
		if c.Tracked(id) == nil {
			return fmt.Errorf("status of message %s: %w", id, flows.ErrNotFound)
		}
		ch, news := Deliver(d.Now(), c, id, st)
		if !news {
			return nil
		}
		_, err = d.Store.Commit(ctx, ch)
		if err == nil && d.Done != nil {
			d.Done(st)
		}
		if !errors.Is(err, flows.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("status of message %s: %w", id, flows.ErrConflict)
}
