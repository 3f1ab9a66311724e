package escalation

import (
	"slices"
	"time"

	"hotline/flows"
)

// Policy is escalation.yaml: who is asked in which order and how long each
// level has. It does not change; a new file is a new policy.
type Policy struct {
	Version     string // digest of the file
	Intake      time.Duration
	Nobody      time.Duration
	UrgentKinds []string
	UrgentAges  []string
	Paths       map[Path][]flows.Level
	Rules       map[flows.Severity]Rule
	Exceptions  []Exception // the first that fits a case counts
	Skips       []Skip
	Aid         Aid
	Duty        DutyRules
	Clocks      Clocks
}

// Path names an order of levels.
type Path string

// The paths.
const (
	PathPlace    Path = "place"    // the commune is known
	PathDesk     Path = "desk"     // it is not
	PathOfficial Path = "official" // the report is about somebody who holds office
)

// Exception is the ladder of some kinds of harm.
type Exception struct {
	Kinds    []string       // codes of categories.yaml
	Severity flows.Severity // empty: both
	Rules    map[flows.Severity]Rule
}

// Skip leaves a level out. The last level of a path is never left out.
type Skip struct {
	Level    flows.Level
	Severity flows.Severity // empty: both
	Kinds    []string       // empty: all
	Hours    Hours          // of the day in which it holds; zero: all day
	Because  string         // for the timeline
}

// Aid asks neighbour communes when nobody has taken a case.
type Aid struct {
	After    map[flows.Severity]time.Duration // since the case was routed; 0: never
	Communes int                              // how many with somebody on duty
}

// Rule is the ladder of one severity.
type Rule struct {
	Everyone bool // ask all who are on duty at once; else one at a time
	Hours    Hours
	Quiet    Hours // in which no text or call leaves; never for urgent cases
	Levels   map[flows.Level]LevelRule
}

// LevelRule is what one level gets.
type LevelRule struct {
	Wait  time.Duration // until the next level is asked
	Steps []Step        // in order of After; the first is at 0
}

// Step is one asking of a level.
type Step struct {
	After   time.Duration // since the level began to be asked
	Channel flows.Channel
}

// Hours are the hours of the day in which waits run, in minutes after local
// midnight. The zero value is the whole day.
type Hours struct {
	From, To int
	NotAt    []flows.Level // levels for which waits run day and night
}

// Clocks are the duties after the ack.
type Clocks struct {
	Routing    map[flows.Severity]time.Duration // until somebody is asked, at the desk at least
	Entry      map[flows.Severity]EntryClock
	Assessment map[flows.Severity]HourClock
	Police     CrimeClock
	Feedback   FeedbackClock
	Decision   HourClock
	Plan       DayClock
	Approval   DayClock
	Removal    DayClock // calendar days from the removal
	Review     time.Duration
	WarnAt     int // minutes after local midnight
}

// EntryClock asks the holder of a taken case for the first assessment.
type EntryClock struct {
	First time.Duration // after the case was taken
	Again time.Duration // between two pages
	Pages int           // how often, before the case goes up again
}

// HourClock counts hours from receipt; it never pauses.
type HourClock struct {
	Warn  []time.Duration
	Limit time.Duration
}

// CrimeClock is that of passing signs of a crime to the police. Some kinds of harm
// are one by themselves.
type CrimeClock struct {
	Kinds []string
	HourClock
}

// FeedbackClock is that of having an answer ready for the reporter.
type FeedbackClock struct {
	Urgent HourClock
	Normal DayClock
}

// DayClock counts working days from the day after receipt.
type DayClock struct {
	Warn  []int
	Limit int
}

// For is the ladder of a case.
func (p *Policy) For(c *flows.Case) Rule {
	for i := range p.Exceptions {
		e := &p.Exceptions[i]
		if slices.Contains(e.Kinds, c.Kind) && (e.Severity == "" || e.Severity == c.Severity) {
			return e.Rules[c.Severity]
		}
	}
	return p.Rules[c.Severity]
}

// Kinds are all kinds of harm that the policy names.
func (p *Policy) Kinds() []string {
	kinds := slices.Clone(p.UrgentKinds)
	kinds = append(kinds, p.Clocks.Police.Kinds...)
	for _, e := range p.Exceptions {
		kinds = append(kinds, e.Kinds...)
	}
	for _, s := range p.Skips {
		kinds = append(kinds, s.Kinds...)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// skips says why a level is left out for a case, or "".
func (p *Policy) skips(c *flows.Case, l flows.Level, now time.Time, zone *time.Location) string {
	for _, s := range p.Skips {
		if s.Level == l && (s.Severity == "" || s.Severity == c.Severity) &&
			(len(s.Kinds) == 0 || slices.Contains(s.Kinds, c.Kind)) && s.Hours.Holds(now, zone) {
			return s.Because
		}
	}
	return ""
}

// held is when a message about a case may leave at the earliest: at once, or for
// a case that is not urgent when the quiet hours are over.
func (p *Policy) held(c *flows.Case, l flows.Level, now time.Time, zone *time.Location) time.Time {
	q := p.For(c).Quiet
	if c.Severity == flows.Urgent || q.From == q.To || slices.Contains(q.NotAt, l) {
		return now
	}
	if open, end := q.window(now, zone); !now.Before(open) {
		return end
	}
	return now
}

// rule is the level's rule for a case.
func (p *Policy) rule(c *flows.Case, l flows.Level) LevelRule {
	return p.For(c).Levels[l]
}

// path is the order of levels for a case.
func (p *Policy) path(c *flows.Case) []flows.Level {
	switch {
	case c.AgainstOfficial:
		return p.Paths[PathOfficial]
	case c.Place == "":
		return p.Paths[PathDesk]
	}
	return p.Paths[PathPlace]
}

// after is the moment at which d of a level's wait has passed since start.
func (p *Policy) after(c *flows.Case, l flows.Level, start time.Time, d time.Duration, zone *time.Location) time.Time {
	h := p.For(c).Hours
	if h.From == h.To || slices.Contains(h.NotAt, l) {
		return start.Add(d)
	}
	return h.Add(start, d, zone)
}

// Severity is what a case must be at least, by what is known of it.
func (p *Policy) Severity(c *flows.Case) (flows.Severity, Reason) {
	switch {
	case c.Severity == flows.Urgent:
		return flows.Urgent, ""
	case c.Danger:
		return flows.Urgent, ReasonDanger
	case slices.Contains(p.UrgentKinds, c.Kind):
		return flows.Urgent, ReasonKind
	case slices.Contains(p.UrgentAges, c.Age):
		return flows.Urgent, ReasonAge
	}
	return flows.Normal, ""
}
