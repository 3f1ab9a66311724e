package duty

import (
	"cmp"
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Rule says when a turn is to be confirmed, counted back from its beginning.
type Rule struct {
	Ask     time.Duration // the member is asked
	Remind  time.Duration // and asked again
	Replace time.Duration // a turn that nobody confirmed goes to somebody else
}

// Confirmation is what is known of one member's turn. It is kept by whoever
// asks; a zero moment means: not yet.
type Confirmation struct {
	Turn      escalation.Slot
	Member    flows.MemberID
	Asked     time.Time
	Reminded  time.Time
	Confirmed time.Time
	Declined  time.Time
	Replaced  time.Time
	Code      flows.Ref // by which it is answered
}

// Act is what is to be done about a turn.
type Act string

// The acts.
const (
	ActNothing Act = "nothing"
	ActAsk     Act = "ask"
	ActRemind  Act = "remind"
	ActReplace Act = "replace"  // by the member of the step
	ActWarn    Act = "nobody"   // to be replaced, and nobody is left: tell the supervisor
	ActTooLate Act = "too_late" // the turn has begun
)

// Step is the next act, and the overrides that a replacement needs.
type Step struct {
	Act       Act
	Member    flows.MemberID // who is asked, reminded or takes over
	Overrides []flows.Override
	Next      time.Time // when to look again; zero: never
}

// Confirm decides what is to be done now about a turn. A refusal is replaced at
// once, silence only when the turn is near.
func Confirm(r *escalation.Roster, now time.Time, rule Rule, c Confirmation) Step {
	begin := c.Turn.Start
	ask, remind, replace := begin.Add(-rule.Ask), begin.Add(-rule.Remind), begin.Add(-rule.Replace)
	// Whoever was asked late, because the rota came late, has time to answer too.
	if soonest := c.Asked.Add(rule.Replace / 2); !c.Asked.IsZero() && soonest.After(replace) {
		replace = soonest
	}
	switch {
	case !c.Replaced.IsZero() || !c.Confirmed.IsZero() && c.Declined.IsZero():
		return Step{Act: ActNothing}
	case !now.Before(begin):
		return Step{Act: ActTooLate}
	case !c.Declined.IsZero() || !c.Asked.IsZero() && !now.Before(replace):
		return instead(r, now, c)
	case c.Asked.IsZero() && !now.Before(ask):
		next := remind
		if !next.After(now) {
			next = replace
		}
		return Step{Act: ActAsk, Member: c.Member, Next: next}
	case c.Asked.IsZero():
		return Step{Act: ActNothing, Next: ask}
	case c.Reminded.IsZero() && !now.Before(remind):
		return Step{Act: ActRemind, Member: c.Member, Next: replace}
	case c.Reminded.IsZero() && remind.Before(replace):
		return Step{Act: ActNothing, Next: remind}
	}
	return Step{Act: ActNothing, Next: replace}
}

// instead finds who of the group takes a turn over: the colleague of the level
// who has the fewest duties in the fortnight around it.
func instead(r *escalation.Roster, now time.Time, c Confirmation) Step {
	const week = 7 * 24 * time.Hour
	best, least := flows.MemberID(""), time.Duration(0)
	for _, m := range r.Directory().Members {
		if m.ID == c.Member || len(m.Phones) == 0 || m.Place != c.Turn.Place || m.Level != c.Turn.Level {
			continue
		}
		var load time.Duration
		for _, s := range r.Duties(m.ID, c.Turn.Start.Add(-week), c.Turn.End.Add(week)) {
			load += s.End.Sub(s.Start)
		}
		if _, err := relieve(r, now, c.Turn, c.Member, m.ID); err == nil && (best == "" || load < least) {
			best, least = m.ID, load
		}
	}
	overrides, err := relieve(r, now, c.Turn, c.Member, best)
	if best == "" || err != nil {
		return Step{Act: ActWarn, Member: c.Member}
	}
	return Step{Act: ActReplace, Member: best, Overrides: overrides}
}

// Turns lists the turns that begin between two moments and are to be confirmed:
// one for each member who comes on duty.
func Turns(r *escalation.Roster, from, to time.Time) []Confirmation {
	return begin(dutiesAround(r, from, to), from, to)
}

// dutiesAround are all duties, from so long before that a turn is seen from its
// beginning.
func dutiesAround(r *escalation.Roster, from, to time.Time) map[flows.MemberID][]escalation.Slot {
	const around = 7 * 24 * time.Hour
	return r.AllDuties(from.Add(-around), to.Add(around))
}

func begin(all map[flows.MemberID][]escalation.Slot, from, to time.Time) []Confirmation {
	return within(all, from, to, func(s escalation.Slot) time.Time { return s.Start })
}

// end lists the turns that end between two moments, one for each member who goes
// off duty.
func end(all map[flows.MemberID][]escalation.Slot, from, to time.Time) []Confirmation {
	return within(all, from, to, func(s escalation.Slot) time.Time { return s.End })
}

func within(all map[flows.MemberID][]escalation.Slot, from, to time.Time, moment func(escalation.Slot) time.Time) []Confirmation {
	var list []Confirmation
	for id, slots := range all {
		for _, s := range slots {
			if at := moment(s); !at.Before(from) && at.Before(to) {
				list = append(list, Confirmation{Turn: s, Member: id})
			}
		}
	}
	slices.SortFunc(list, func(a, b Confirmation) int {
		return cmp.Or(moment(a.Turn).Compare(moment(b.Turn)), cmp.Compare(a.Member, b.Member))
	})
	return list
}
