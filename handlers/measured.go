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

// Bill says what a network bills for a message: the alphabet and number of
// segments of a text, and an estimate of the price in thousandths of a currency.
type Bill func(provider string, m flows.Message, to flows.Phone) (alphabet string, segments int, cost int64)

// Measure counts what a provider does with the messages that it is given. The
// outcome is "sent" or the reason of the error, both from closed sets. bill may
// be nil.
func (m *Metrics) Measure(provider string, s Sender, now func() time.Time, bill Bill) Sender {
	return &measured{provider: provider, sender: s, now: now, bill: bill, metrics: m}
}

// outcomeSent is the outcome of a message that a provider took.
const outcomeSent = "sent"

type measured struct {
	provider string
	sender   Sender
	now      func() time.Time
	bill     Bill
	metrics  *Metrics
}

// Send passes the message on.
func (s *measured) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	began := s.now()
	sending, err := s.sender.Send(ctx, m, to)
	outcome, unknown := outcomeSent, false
	if err != nil {
		outcome = "other"
		if e, ok := errors.AsType[*flows.SendError](err); ok {
			outcome, unknown = e.Reason, e.Unknown
		}
	}
	took := s.now().Sub(began)
	s.metrics.sends.WithLabelValues(s.provider, string(m.Channel), outcome).Inc()
	s.metrics.sending.WithLabelValues(s.provider).Observe(took.Seconds())
	s.metrics.hour.note(s.provider, began, func(one *minute) {
		one.took[step(took)]++
		switch {
		case unknown:
			one.did.Unknown++
		case err != nil:
			one.did.Failed[outcome]++
			return
		default:
			one.did.Sent++
		}
		s.billed(&one.did, m, to)
	})
	return sending, err
}

// billed counts what a message that left will be billed as.
func (s *measured) billed(did *flows.Traffic, m flows.Message, to flows.Phone) {
	if m.Channel == flows.Voice {
		did.Calls++
	}
	if s.bill == nil {
		return
	}
	alphabet, segments, cost := s.bill(s.provider, m, to)
	if segments > 0 {
		did.Segments[alphabet] += segments
		s.metrics.segments.WithLabelValues(s.provider, alphabet).Add(float64(segments))
	}
	did.Cost += cost
}

// Delivered counts a provider's later word on a message, once it is news.
func (m *Metrics) Delivered(st flows.Status, at time.Time) {
	m.hour.note(st.Provider, at, func(one *minute) {
		switch st.Delivery {
		case flows.Delivered:
			one.did.Delivered++
		case flows.Undelivered:
			one.did.Undelivered++
		}
	})
}
