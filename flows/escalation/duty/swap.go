package duty

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// The reasons why a swap is refused.
var (
	ErrNotOnDuty = errors.New("not on duty then")
	ErrOnDuty    = errors.New("on duty then already")
	ErrStranger  = errors.New("not of the same group and level")
	ErrPast      = errors.New("the turn has begun")
)

// Request asks a colleague to take over a turn, and if Back is set, offers to
// take over one of theirs.
type Request struct {
	From flows.MemberID // who wants to be free
	To   flows.MemberID // who takes over
	Turn escalation.Slot
	Back *escalation.Slot
}

// Swap is the overrides that carry an accepted request out. They keep everybody
// else who is on duty in those turns.
func Swap(r *escalation.Roster, now time.Time, q Request) ([]flows.Override, error) {
	overrides, err := relieve(r, now, q.Turn, q.From, q.To)
	if err != nil || q.Back == nil {
		return overrides, err
	}
	back, err := relieve(r, now, *q.Back, q.To, q.From)
	if err != nil {
		return nil, err
	}
	return slices.Concat(overrides, back), nil
}

// relieve puts one member in the place of another for a turn.
func relieve(r *escalation.Roster, now time.Time, turn escalation.Slot, out, in flows.MemberID) ([]flows.Override, error) {
	if !turn.Start.After(now) {
		return nil, fmt.Errorf("turn of %s: %w", out, ErrPast)
	}
	m, ok := r.Member(in)
	if !ok || m.Level != turn.Level || m.Place != turn.Place {
		return nil, fmt.Errorf("member %s: %w", in, ErrStranger)
	}
	var overrides []flows.Override
	for _, s := range r.Slots(turn.Place, turn.Level, turn.Start, turn.End) {
		switch {
		case !slices.Contains(s.Members, out):
			return nil, fmt.Errorf("member %s: %w", out, ErrNotOnDuty)
		case slices.Contains(s.Members, in):
			return nil, fmt.Errorf("member %s: %w", in, ErrOnDuty)
		}
		for _, id := range s.Members {
			if id == out {
				id = in
			}
			overrides = append(overrides, flows.Override{Place: s.Place, Level: s.Level, Member: id, Start: s.Start, End: s.End})
		}
	}
	return overrides, nil
}
