package links

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Cases is where a member's decision is taken and committed: escalation.Service.
type Cases interface {
	Answer(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, decide escalation.Decide) (flows.Case, error)
}

// Shelf is where cases are looked for.
type Shelf interface {
	// Open reads every open case.
	Open(ctx context.Context) ([]flows.Case, error)
	// Ended reads the cases that were closed since a moment.
	Ended(ctx context.Context, since time.Time) ([]flows.Case, error)
}

// Service suggests and joins. Set the fields before the first use.
type Service struct {
	Cases Cases
	Shelf Shelf
	// Visible leaves out what the person behind ctx may not see.
	Visible func(ctx context.Context, cases []flows.Case) []flows.Case
	Now     func() time.Time
	Again   time.Duration // after its end, in which a case is brought up
}

// Suggest lists the cases that may belong to one, for the person behind ctx.
func (s *Service) Suggest(ctx context.Context, c *flows.Case) ([]Suggestion, error) {
	now := s.Now()
	others, err := s.Shelf.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for cases alike: %w", err)
	}
	ended, err := s.Shelf.Ended(ctx, now.Add(-s.Again))
	if err != nil {
		return nil, fmt.Errorf("look for cases alike: %w", err)
	}
	return Suggest(now, c, s.Visible(ctx, append(others, ended...)), s.Again), nil
}

// Join links two cases, both of which go on; or, with into, closes the first as a
// duplicate of the second. The two sides lie apart: if the second fails, doing it
// again finishes it.
//
// A case about an official is noted nowhere that the commune can read: then only
// that case keeps the link, and neither can go into the other.
func (s *Service) Join(ctx context.Context, member flows.MemberID, c, other *flows.Case, into bool, via flows.Channel) error {
	if c.AgainstOfficial != other.AgainstOfficial {
		return s.joinHidden(ctx, member, c, other, into, via)
	}
	mine, theirs := flows.LinkSame, flows.LinkSame
	if into {
		mine, theirs = flows.LinkInto, flows.LinkFrom
	}
	// The other side first: a case must not end in one that knows nothing of it.
	err := s.side(ctx, member, other.ID, via, flows.Link{Kind: theirs, Case: c.ID, Ref: c.Ref})
	if err != nil {
		return err
	}
	return s.side(ctx, member, c.ID, via, flows.Link{Kind: mine, Case: other.ID, Ref: other.Ref})
}

func (s *Service) joinHidden(ctx context.Context, member flows.MemberID, c, other *flows.Case, into bool, via flows.Channel) error {
	if into {
		return &escalation.Refused{Reason: escalation.RefusedHidden}
	}
	if !c.AgainstOfficial {
		c, other = other, c
	}
	return s.side(ctx, member, c.ID, via, flows.Link{Kind: flows.LinkSame, Case: other.ID, Ref: other.Ref})
}

func (s *Service) side(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, link flows.Link) error {
	_, err := s.Cases.Answer(ctx, member, id, via, func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		return escalation.Join(now, c, m, link, via, w)
	})
	return but(err, escalation.RefusedLinked)
}

// Part takes a link back, from both sides.
func (s *Service) Part(ctx context.Context, member flows.MemberID, c, other flows.CaseID, via flows.Channel) error {
	for _, side := range [][2]flows.CaseID{{c, other}, {other, c}} {
		_, err := s.Cases.Answer(ctx, member, side[0], via, func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
			return escalation.Part(now, c, m, side[1], via, w)
		})
		if err = but(err, escalation.RefusedNotLinked); err != nil {
			return err
		}
	}
	return nil
}

// Reopen opens a closed case again and links it with the report that is like it.
func (s *Service) Reopen(ctx context.Context, member flows.MemberID, c, closed *flows.Case, via flows.Channel) error {
	_, err := s.Cases.Answer(ctx, member, closed.ID, via, escalation.Reopen)
	if err = but(err, escalation.RefusedOpen); err != nil {
		return err
	}
	return s.Join(ctx, member, c, closed, false, via)
}

// but forgives a refusal that says that it was done before.
func but(err error, done escalation.Refusal) error {
	if refused, ok := errors.AsType[*escalation.Refused](err); ok && refused.Reason == done {
		return nil
	}
	return err
}
