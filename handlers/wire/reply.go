package wire

import (
	"context"
	"errors"
	"net/http"

	"hotline/flows"
)

// BySending answers a webhook whose response carries no words: the reply leaves
// as a message of its own, first, and the response follows. When the reply could
// not leave, the provider is told to deliver the webhook again; the same turn
// then gives the same reply. One that may have left is not risked twice.
func BySending(send func(ctx context.Context, text string) error) func(context.Context, http.ResponseWriter, flows.Reply) error {
	return func(ctx context.Context, w http.ResponseWriter, reply flows.Reply) error {
		if reply.Text != "" {
			err := send(ctx, reply.Text)
			if sent, ok := errors.AsType[*flows.SendError](err); ok && sent.Temporary && !sent.Unknown {
				return errors.Join(flows.ErrUnavailable, err)
			}
		}
		w.WriteHeader(http.StatusOK)
		return nil
	}
}
