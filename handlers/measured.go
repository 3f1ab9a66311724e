package handlers

import (
	"context"
	"errors"
	"time"

	"hotline/flows"
)

// Sender hands a message to a provider.
type Sender interface {
	Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error)
}

// Measure counts what a provider does with the messages that it is given. The
// outcome is "sent" or the reason of the error, both from closed sets.
func (m *Metrics) Measure(provider string, s Sender, now func() time.Time) Sender {
	return &measured{provider: provider, sender: s, now: now, metrics: m}
}

// outcomeSent is the outcome of a message that a provider took.
const outcomeSent = "sent"

type measured struct {
	provider string
	sender   Sender
	now      func() time.Time
	metrics  *Metrics
}

// Send passes the message on.
func (s *measured) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	began := s.now()
	sending, err := s.sender.Send(ctx, m, to)
	outcome := outcomeSent
	if err != nil {
		outcome = "other"
		if e, ok := errors.AsType[*flows.SendError](err); ok {
			outcome = e.Reason
		}
	}
	s.metrics.sends.WithLabelValues(s.provider, string(m.Channel), outcome).Inc()
	s.metrics.hour.count(s.provider, outcome, began, s.now().Sub(began))
	s.metrics.sending.WithLabelValues(s.provider).Observe(s.now().Sub(began).Seconds())
	return sending, err
}
