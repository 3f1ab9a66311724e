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

// Rule is the ladder of one severity.
type Rule struct {
	Everyone bool // ask all who are on duty at once; else one at a time
	Hours    Hours
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
	Entry    map[flows.Severity]EntryClock
	Decision HourClock
	Plan     DayClock
	Approval DayClock
	Removal  DayClock // calendar days from the removal
	Review   time.Duration
	WarnAt   int // minutes after local midnight
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

// DayClock counts working days from the day after receipt.
type DayClock struct {
	Warn  []int
	Limit int
}

// rule is the level's rule for a case.
func (p *Policy) rule(c *flows.Case, l flows.Level) LevelRule {
	return p.Rules[c.Severity].Levels[l]
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
	h := p.Rules[c.Severity].Hours
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
