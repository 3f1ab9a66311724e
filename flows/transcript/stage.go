package transcript

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"hotline/flows"
)

// Hotline is what a [Stage] lets people talk to.
type Hotline interface {
	// Handle answers an inbound. A key that is pressed in a call comes by voice,
	// as "1 K7F4": the key, and 0 for a 2, as a text would say it.
	Handle(ctx context.Context, in flows.Inbound) (flows.Reply, error)
	// Status is a provider's later word on a message.
	Status(ctx context.Context, st flows.Status) error
	// Ask lets a member put a reviewed question to the reporter of a case.
	Ask(ctx context.Context, who flows.MemberID, ref flows.Ref, key string) error
	// Silent is how many contacts of the day ended before they said anything.
	Silent(ctx context.Context, now time.Time) (int, error)
}

// Ticker is a worker: Tick does what is due and says how much that was.
type Ticker interface {
	Tick(ctx context.Context, now time.Time) (int, error)
}

// Books are where cases, timers and messages are kept.
type Books interface {
	Cases(ctx context.Context, ids []flows.CaseID) ([]flows.Case, error)
	Timeline(ctx context.Context, id flows.CaseID) ([]flows.Event, error)
	Partitions() int
	// NextDue and NextMessage are the first timer and message of a partition.
	NextDue(ctx context.Context, partition int) (time.Time, error)
	NextMessage(ctx context.Context, partition int) (time.Time, error)
}

// Stage is a [World] around a hotline: the phones, the networks and the clock of
// a story. Set the fields before the first use; whatever has a clock in the
// hotline reads [Stage.Now].
type Stage struct {
	Hotline Hotline
	Workers []Ticker // asked in turn until none of them has done anything
	Books   Books
	Passed  func(time.Duration) // is told that time has passed, if set
	Code    string              // the service code, as *1111#
	Short   string              // the number for texts
	Begin   time.Time

	turns int
	calls map[flows.Phone]*call
	last  flows.Inbound

	mu     sync.Mutex
	passed time.Duration
	sent   []Sent
	sends  map[flows.MemberID]flows.MessageID // the last to each
	rings  map[flows.MemberID]ring            // the last call to each
	opened []flows.CaseID
}

// call is a USSD session as a cumulative gateway keeps it.
type call struct {
	session string
	typed   []string
}

// Now is the time on the stage.
func (s *Stage) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Begin.Add(s.passed)
}

// Committed notes the cases in the order in which they are opened. It belongs
// behind every commit.
func (s *Stage) Committed(ch flows.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ch.From == 0 {
		s.opened = append(s.opened, ch.Case.ID)
	}
}

// Dial begins a call.
func (s *Stage) Dial(ctx context.Context, phone flows.Phone, code string) (flows.Reply, error) {
	s.turns++
	c := &call{session: fmt.Sprintf("call-%d", s.turns)}
	if star, ok := strings.CutPrefix(code, strings.TrimSuffix(s.Code, "#")+"*"); ok {
		c.typed = strings.Split(strings.TrimSuffix(star, "#"), "*")
	}
	if s.calls == nil {
		s.calls = map[flows.Phone]*call{}
	}
	s.calls[phone] = c
	return s.hop(ctx, phone, c)
}

// Answer types into the phone's call.
func (s *Stage) Answer(ctx context.Context, phone flows.Phone, text string) (flows.Reply, error) {
	c := s.calls[phone]
	if c == nil {
		return flows.Reply{}, errors.New("this phone has no call")
	}
	c.typed = append(c.typed, text)
	return s.hop(ctx, phone, c)
}

func (s *Stage) hop(ctx context.Context, phone flows.Phone, c *call) (flows.Reply, error) {
	return s.Post(ctx, flows.Inbound{
		Provider: "africastalking", Channel: flows.USSD, Signal: flows.Input, From: phone, To: s.Code,
		Session: c.session, Text: strings.Join(c.typed, "*"), Cumulative: true,
	})
}

// Text sends a text to the hotline.
func (s *Stage) Text(ctx context.Context, phone flows.Phone, text string) (flows.Reply, error) {
	s.turns++
	return s.Post(ctx, flows.Inbound{
		Provider: "twilio", Channel: flows.SMS, Signal: flows.Input, From: phone, To: s.Short,
		ID: fmt.Sprintf("text-%d", s.turns), Text: text,
	})
}

// Hangup is the gateway's note that a call is over.
func (s *Stage) Hangup(ctx context.Context, phone flows.Phone) error {
	c := s.calls[phone]
	if c == nil {
		return errors.New("this phone has no call")
	}
	_, err := s.Hotline.Handle(ctx, flows.Inbound{
		Provider: "africastalking", Channel: flows.USSD, Signal: flows.Hangup, From: phone, To: s.Code,
		Session: c.session, At: s.Now(),
	})
	return err
}

// Again posts the last turn once more.
func (s *Stage) Again(ctx context.Context) (flows.Reply, error) { return s.Post(ctx, s.last) }

// Post lets a gateway deliver an inbound, and the hotline do what comes of it.
func (s *Stage) Post(ctx context.Context, in flows.Inbound) (flows.Reply, error) {
	in.At = s.Now()
	s.last = in
	reply, err := s.Hotline.Handle(ctx, in)
	if err != nil {
		return reply, err
	}
	return reply, s.Work(ctx)
}

// Work does all that is due now, and what comes of it.
func (s *Stage) Work(ctx context.Context) error {
	for range 100 {
		done := 0
		for _, w := range s.Workers {
			n, err := w.Tick(ctx, s.Now())
			if err != nil {
				return err
			}
			done += n
		}
		if done == 0 {
			return nil
		}
	}
	return errors.New("the work that is due does not end")
}

// Advance lets time pass. It stops at every moment at which something is due.
func (s *Stage) Advance(ctx context.Context, d time.Duration) error {
	end := s.Now().Add(d)
	for {
		now := s.Now()
		next, err := s.next(ctx, now, end)
		if err != nil {
			return err
		}
		s.Skip(next.Sub(now))
		if err := s.Work(ctx); err != nil || !next.Before(end) {
			return err
		}
	}
}

// Skip lets time pass in which nobody works.
func (s *Stage) Skip(d time.Duration) {
	s.mu.Lock()
	s.passed += d
	s.mu.Unlock()
	if s.Passed != nil {
		s.Passed(d)
	}
}

// next is the first moment after now at which something is due, at most end.
func (s *Stage) next(ctx context.Context, now, end time.Time) (time.Time, error) {
	next := end
	for p := range s.Books.Partitions() {
		for _, read := range []func(context.Context, int) (time.Time, error){s.Books.NextDue, s.Books.NextMessage} {
			t, err := read(ctx, p)
			if err != nil {
				return next, err
			}
			if t.After(now) && t.Before(next) {
				next = t
			}
		}
	}
	return next, nil
}

// Cases are all cases, in the order in which they were opened.
func (s *Stage) Cases(ctx context.Context) ([]flows.Case, error) {
	s.mu.Lock()
	ids := append([]flows.CaseID(nil), s.opened...)
	s.mu.Unlock()
	return s.Books.Cases(ctx, ids)
}

// Timeline is what happened to a case, the oldest first.
func (s *Stage) Timeline(ctx context.Context, id flows.CaseID) ([]flows.Event, error) {
	return s.Books.Timeline(ctx, id)
}

// Ask lets a member put a question to the reporter of a case.
func (s *Stage) Ask(ctx context.Context, who flows.MemberID, ref flows.Ref, key string) error {
	if err := s.Hotline.Ask(ctx, who, ref, key); err != nil {
		return err
	}
	return s.Work(ctx)
}

// Silent is today's count of silent contacts.
func (s *Stage) Silent(ctx context.Context) (int, error) { return s.Hotline.Silent(ctx, s.Now()) }
