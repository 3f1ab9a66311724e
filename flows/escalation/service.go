package escalation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
)

// Desk is what a service needs of the store.
type Desk interface {
	Cases
	CaseByRef(ctx context.Context, ref flows.Ref) (flows.Case, error)
}

// Service is where an answer of a member ends: by text, by the menu of a call,
// by a key press, by a one-time link or in the console. Set the fields before
// the first use.
type Service struct {
	Store Desk
	World func() World
	Now   func() time.Time
}

// Decide is a pure step that a member's answer asks for.
type Decide func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w World) (flows.Change, error)

// tries is how often a decision is taken anew because the case has moved on.
const tries = 12

// Take gives a case to a member. It returns the case as it stands after it, also
// with a [*Refused].
func (s *Service) Take(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel) (flows.Case, error) {
	return s.Answer(ctx, member, id, via, Take)
}

// Raise makes a case urgent.
func (s *Service) Raise(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel) (flows.Case, error) {
	return s.Answer(ctx, member, id, via, Raise)
}

// TakeRef is Take for a short reference.
func (s *Service) TakeRef(ctx context.Context, member flows.MemberID, ref flows.Ref, via flows.Channel) (flows.Case, error) {
	return s.AnswerRef(ctx, member, ref, via, Take)
}

// AnswerRef is Answer for a short reference. A reference that does not exist and
// one that the member must not know of are refused alike.
func (s *Service) AnswerRef(ctx context.Context, member flows.MemberID, ref flows.Ref, via flows.Channel, decide Decide) (flows.Case, error) {
	c, err := s.Store.CaseByRef(ctx, ref)
	if errors.Is(err, flows.ErrNotFound) {
		return flows.Case{}, &Refused{Reason: RefusedNotYours}
	}
	if err != nil {
		return flows.Case{}, fmt.Errorf("answer by reference: %w", err)
	}
	return s.answer(ctx, member, c, via, decide)
}

// Answer reads a case, decides and commits, and does so again when the case has
// moved on in between. The case that it returns is the one that the decision or
// the refusal is about; it is zero where the member must not know of it.
func (s *Service) Answer(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, decide Decide) (flows.Case, error) {
	c, err := s.Store.Case(ctx, id)
	if errors.Is(err, flows.ErrNotFound) {
		return flows.Case{}, &Refused{Reason: RefusedNotYours}
	}
	if err != nil {
		return flows.Case{}, fmt.Errorf("answer case %s: %w", id, err)
	}
	return s.answer(ctx, member, c, via, decide)
}

// AnswerAlert is Answer by whoever an alert was sent to: a key pressed in a call,
// or a one-time link, knows the message and nothing else.
func (s *Service) AnswerAlert(ctx context.Context, id flows.MessageID, via flows.Channel, decide Decide) (flows.Case, error) {
	c, err := s.Store.Case(ctx, id.Case())
	if err != nil && !errors.Is(err, flows.ErrNotFound) {
		return flows.Case{}, fmt.Errorf("answer alert %s: %w", id, err)
	}
	alert := c.Alert(id)
	if err != nil || alert == nil {
		return flows.Case{}, &Refused{Reason: RefusedNotYours}
	}
	return s.answer(ctx, alert.Member, c, via, decide)
}

func (s *Service) answer(ctx context.Context, member flows.MemberID, c flows.Case, via flows.Channel, decide Decide) (flows.Case, error) {
	for range tries {
		w := s.World()
		m, ok := w.Roster.Member(member)
		if !ok {
			return flows.Case{}, &Refused{Reason: RefusedNotYours}
		}
		ch, err := decide(s.Now(), c, m, via, w)
		var refused *Refused
		if errors.As(err, &refused) && refused.Reason == RefusedNotYours {
			return flows.Case{}, err
		}
		if err != nil {
			return c, err
		}
		out, err := s.Store.Commit(ctx, ch)
		if err == nil {
			ch.Case.Version = out.Version
			return ch.Case, nil
		}
		if !errors.Is(err, flows.ErrConflict) {
			return c, fmt.Errorf("answer case %s: %w", c.ID, err)
		}
		if c, err = s.Store.Case(ctx, c.ID); err != nil {
			return flows.Case{}, fmt.Errorf("answer case again: %w", err)
		}
	}
	return c, fmt.Errorf("answer case %s: %w", c.ID, flows.ErrConflict)
}
