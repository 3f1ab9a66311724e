package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
)

// Index finds our message by the provider's id of it.
type Index interface {
	SentAs(ctx context.Context, provider, sid string) (flows.MessageID, error)
}

// Deliveries takes the providers' later word on messages.
type Deliveries struct {
	Index Index
	Cases Cases
	Now   func() time.Time
}

// Status records a provider's word. It returns flows.ErrNotFound for a message
// that is not ours or is forgotten; a word that is no news is no error.
func (d *Deliveries) Status(ctx context.Context, st flows.Status) error {
	id := st.Message
	if id == "" {
		var err error
		if id, err = d.Index.SentAs(ctx, st.Provider, st.ID); err != nil {
			return fmt.Errorf("status by %s: %w", st.Provider, err)
		}
	}
	for range conflicts {
		c, err := d.Cases.Case(ctx, id.Case())
		if err != nil {
			return fmt.Errorf("status of message %s: %w", id, err)
		}
		if c.Alert(id) == nil {
			return fmt.Errorf("status of message %s: %w", id, flows.ErrNotFound)
		}
		ch, news := Deliver(d.Now(), c, id, st)
		if !news {
			return nil
		}
		if _, err = d.Cases.Commit(ctx, ch); !errors.Is(err, flows.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("status of message %s: %w", id, flows.ErrConflict)
}
