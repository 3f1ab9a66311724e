package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"hotline/flows"
	"hotline/handlers/wire"
)

// The outcomes of a webhook: a closed set, for logs and metrics alike.
const (
	outcomeAnswered = "answered"
	outcomeLate     = "late"    // the conversation took too long
	outcomeFailed   = "failed"  // the conversation could not answer
	outcomeIgnored  = "ignored" // the sender is nobody
)

// talk serves one kind of webhook: read, converse, answer. Whoever was able to
// reach us gets words back, whatever became of the rest of the hotline.
func (s *server) talk(read func(*http.Request) (wire.Exchange, error)) echo.HandlerFunc {
	return s.talks(func(r *http.Request) ([]wire.Exchange, error) {
		x, err := read(r)
		return []wire.Exchange{x}, err
	})
}

// talks serves webhooks that may hold several messages. Those answer by sending,
// so that one response does for all.
func (s *server) talks(read func(*http.Request) ([]wire.Exchange, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		list, err := read(c.Request())
		if errors.Is(err, wire.ErrNobody) {
			for _, x := range list {
				s.metrics.inbound(x.Provider, x.Channel, outcomeIgnored)
			}
			return c.NoContent(http.StatusOK)
		}
		if err != nil {
			return err
		}
		if len(list) == 1 {
			return s.exchange(c, list[0], c.Response())
		}
		for _, x := range list {
			if err := s.exchange(c, x, nowhere{}); err != nil {
				return err
			}
		}
		return c.NoContent(http.StatusOK)
	}
}

// exchange asks for the reply to one message and answers it.
func (s *server) exchange(c echo.Context, x wire.Exchange, w http.ResponseWriter) error {
	var reply flows.Reply
	var outcome string
	if x.Provider != "" {
		x.At = s.Now()
		reply, outcome = s.converse(c.Request().Context(), x.Inbound)
		s.metrics.inbound(x.Provider, x.Channel, outcome)
		if x.Again && outcome != outcomeAnswered {
			return s.again(c, x, reply)
		}
	}
	err := x.Answer(context.WithoutCancel(c.Request().Context()), w, reply)
	if err == nil && outcome == outcomeAnswered {
		s.metrics.answered(x.Provider, x.Channel, s.Now().Sub(x.At))
	}
	return err
}

// again keeps a message with its provider until it can be taken. Whoever wrote it
// gets the kind words at the first try, and its reply when it is taken.
func (s *server) again(c echo.Context, x wire.Exchange, kind flows.Reply) error {
	if s.comforted.first(x.Provider + " " + x.ID) {
		if err := x.Answer(context.WithoutCancel(c.Request().Context()), nowhere{}, kind); err != nil {
			s.Log.Error("kind words did not leave", zap.String("provider", x.Provider), zap.Error(err))
		}
	}
	return unavailable(errors.New("the message was not taken"))
}

// nowhere takes the responses to messages that share one.
type nowhere struct{}

// Header is thrown away.
func (nowhere) Header() http.Header { return http.Header{} }

// Write takes everything.
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader says nothing.
func (nowhere) WriteHeader(int) {}

// converse asks the conversation, for as long as the caller may wait. A
// conversation that comes too late still runs to its end: what was said is
// filed, and the same turn again gets its reply.
func (s *server) converse(ctx context.Context, in flows.Inbound) (flows.Reply, string) {
	type result struct {
		reply flows.Reply
		err   error
	}
	done := make(chan result, 1)
	s.crew.do(func() {
		var r result
		defer func() {
			if v := recover(); v != nil {
				r = result{err: panicked(v)}
			}
			done <- r
		}()
		r.reply, r.err = s.Conversation.Handle(ctx, in)
	})
	outcome, err := outcomeLate, context.DeadlineExceeded
	select {
	case r := <-done:
		if r.err == nil {
			return r.reply, outcomeAnswered
		}
		outcome, err = outcomeFailed, r.err
	case <-ctx.Done():
	}
	s.Log.Error("conversation gave no answer", zap.String("provider", in.Provider),
		zap.String("channel", string(in.Channel)), zap.String("outcome", outcome), zap.Error(err))
	return flows.Reply{Text: s.Kind, End: true}, outcome
}

// receipts serves delivery reports. A report on a message that nobody knows is
// accepted, or its provider would repeat it for hours; one that could not be
// written is not. A yes is 200: Kannel takes any other status for a no, and asks
// again.
func (s *server) receipts(read func(*http.Request) ([]wire.Receipt, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		list, err := read(c.Request())
		if err != nil {
			return err
		}
		for _, r := range list {
			s.notice(r)
			r.At = s.Now()
			err := s.record(c.Request().Context(), r.Status)
			if err != nil && !errors.Is(err, flows.ErrNotFound) {
				return unavailable(fmt.Errorf("record a delivery: %w", err))
			}
		}
		return c.NoContent(http.StatusOK)
	}
}

// early are the waits before a report on a message that nobody knows is looked
// at again. A fast network reports before we have written down the id that the
// provider gave the message; a report that carries our own id needs no such luck.
var early = []time.Duration{100 * time.Millisecond, 300 * time.Millisecond, 900 * time.Millisecond}

func (s *server) record(ctx context.Context, st flows.Status) error {
	err := s.Deliveries.Status(ctx, st)
	for _, wait := range early {
		if st.Message != "" || !errors.Is(err, flows.ErrNotFound) {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
		err = s.Deliveries.Status(ctx, st)
	}
	return err
}

// notice counts a receipt, and logs a status word that is new to us once.
func (s *server) notice(r wire.Receipt) {
	s.metrics.receipt(r.Provider, r.Delivery)
	if r.Stranger == "" {
		return
	}
	word, first := s.strangers.meet(r.Provider, r.Stranger)
	s.metrics.stranger(r.Provider, word, s.Now())
	if first {
		s.Log.Warn("unknown status word, counted as not delivered",
			zap.String("provider", r.Provider), zap.String("word", word))
	}
}
