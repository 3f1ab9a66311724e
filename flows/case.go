package flows

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// CaseStatus is where a case stands between the first key and the child's safety.
type CaseStatus string

// The states of a case.
const (
	StatusIntake CaseStatus = "intake" // filed, the reporter is still talking
	StatusOpen   CaseStatus = "open"   // routed, nobody has taken it
	StatusTaken  CaseStatus = "taken"  // somebody holds it
	StatusClosed CaseStatus = "closed"
)

// Severity chooses the waits of the ladder.
type Severity string

// The severities. Urgent is: danger now, sexual abuse, or a child under six.
const (
	Urgent Severity = "urgent"
	Normal Severity = "normal"
)

// Level is a rung of the ladder; see domain law in escalation.
type Level int

// The levels.
const (
	LevelDesk       Level = 0 // provincial intake desk
	LevelDuty       Level = 1 // duty members of the commune's standing group
	LevelHead       Level = 2 // head of the group
	LevelChair      Level = 3 // commune chair and commune police
	LevelDepartment Level = 4 // provincial department
	LevelCommittee  Level = 5 // provincial committee
)

// Sealed is a text that only the vault can read.
type Sealed struct {
	Field string `json:"field"` // what it is: "text/1", "place"
	Data  []byte `json:"data"`
}

// Case is one report and all that was decided about it. It holds no number of a
// reporter and no readable text.
type Case struct {
	ID      CaseID     `json:"id"`
	Ref     Ref        `json:"ref"`
	Version int64      `json:"version"`
	Status  CaseStatus `json:"status"`

	Severity Severity `json:"severity"`
	Danger   bool     `json:"danger,omitempty"` // a child is in danger now
	Kind     string   `json:"kind,omitempty"`   // a code of categories.yaml
	// Crime is what the assessment says of signs of a crime: yes, no, or not yet.
	Crime string `json:"crime,omitempty"`
	Age   string `json:"age,omitempty"` // under6, 6-10, 11-15, 16-17, unsure
	// Sex of the child: male, female, unknown; empty until form 01 says it. It is a
	// code for counting, as the kind is: the form's own words are sealed.
	Sex      string   `json:"sex,omitempty"`
	Place    PlaceID  `json:"place,omitempty"` // empty: not known
	Texts    []Sealed `json:"texts,omitempty"` // what the reporter wrote, as received
	Contact  bool     `json:"contact,omitempty"`
	Hours    Hours    `json:"hours,omitempty"` // when the reporter may be texted, if Contact
	Channel  Channel  `json:"channel"`
	Provider string   `json:"provider"`
	Language string   `json:"language"`
	// Receipt is the keyed hash of the receipt number, PIN of receipt and PIN.
	Receipt string `json:"receipt,omitempty"`
	PIN     string `json:"pin,omitempty"`

	Opened time.Time `json:"opened"` // first meaningful input: every legal clock starts here
	Routed time.Time `json:"routed,omitzero"`
	Taken  time.Time `json:"taken,omitzero"`
	Closed time.Time `json:"closed,omitzero"`

	// AgainstOfficial says that the report is about somebody who holds office: the
	// case starts at the desk and levels 1 to 3 never see it.
	AgainstOfficial bool `json:"against_official,omitempty"`
	// Recused are members who must not see the case: they, or somebody for
	// them, said that they are party to it.
	Recused []MemberID `json:"recused,omitempty"`

	// Hold names the order by which nothing of the case may be destroyed; empty:
	// there is none.
	Hold string `json:"hold,omitempty"`
	// Purged is when what the reporter wrote was taken out of the case.
	Purged time.Time `json:"purged,omitzero"`

	Policy string `json:"policy,omitempty"` // version of escalation.yaml that the case started with
	Level  Level  `json:"level"`            // the level asked last
	Round  int    `json:"round,omitempty"`  // how often that level has been asked, from 0
	// Since is when that level began to be asked, and Step how many of its steps
	// were taken since then. The level's time runs out a fixed wait after Since.
	Since  time.Time `json:"since,omitzero"`
	Step   int       `json:"step,omitempty"`
	Holder MemberID  `json:"holder,omitempty"`
	Paged  int       `json:"paged,omitempty"`  // how often the holder was asked for an entry
	Stages Stages    `json:"stages,omitempty"` // what was entered, and when
	// Missed are the legal clocks that ran out, with the moment they did. Nothing
	// takes one away: an entry after the limit, another holder or another commune
	// leaves it as it is.
	Missed Timers  `json:"missed,omitempty"`
	Alerts []Alert `json:"alerts,omitempty"`
	// Notices are the messages that ask nobody to take the case, while a
	// provider's word on them may still come; the newest last.
	Notices []Alert `json:"notices,omitempty"`
	// Questions are what was asked of the reporter after the dialogue.
	Questions []Question `json:"questions,omitempty"`
	Sequel    int        `json:"sequel,omitempty"` // number of the last message
	// Referrals are what was handed to the police, a clinic or line 111.
	Referrals []Referral `json:"referrals,omitempty"`
	// Links lead to other cases about the same child or house.
	Links []Link `json:"links,omitempty"`
	// Tags say what kind of contact it was, as prank or test. They name nobody.
	Tags []string `json:"tags,omitempty"`
	// Hamlet is a keyed digest of the hamlet's name: equal for equal hamlets.
	Hamlet string `json:"hamlet,omitempty"`
	// Outcome is how the case ended, and Why the reason: codes of record.yaml.
	Outcome string `json:"outcome,omitempty"`
	Why     string `json:"why,omitempty"`
	Timers  Timers `json:"timers,omitempty"`
	NoTimer string `json:"no_timer,omitempty"` // why an open case has none
}

// Timers are the pending timers of a case by name, in Unix milliseconds.
type Timers map[TimerName]int64

// Alert is one message that asked a member to take the case.
type Alert struct {
	ID       MessageID `json:"id"`
	Member   MemberID  `json:"member"`
	Level    Level     `json:"level"`
	Channel  Channel   `json:"channel"`
	At       time.Time `json:"at"`
	Delivery Delivery  `json:"delivery"`
	Provider string    `json:"provider,omitempty"`
	SID      string    `json:"sid,omitempty"` // the provider's id
	Reason   string    `json:"reason,omitempty"`
	Declined time.Time `json:"declined,omitzero"`
	Phone    int       `json:"phone,omitempty"` // which of the member's phones, from 0
	// Aid marks a member of a neighbour commune: the ladder does not wait for them.
	Aid bool `json:"aid,omitempty"`
	// Followed says that the ladder has dealt with the alert not arriving.
	Followed bool `json:"followed,omitempty"`
	// With are messages, of other cases too, that left in the same text: a
	// provider's word on this one is a word on them.
	With []MessageID `json:"with,omitempty"`
}

// Stage is a step of the procedure of Decree 56/2017 that a person enters.
type Stage string

// The stages.
const (
	StageReceived Stage = "received" // form 01
	StageAssessed Stage = "assessed" // form 02
	StageDecided  Stage = "decided"  // emergency measures, or why they are not needed
	StageRemoved  Stage = "removed"  // taken from its carers, as a measure: art 32
	StageReturned Stage = "returned" // the removal ended
	StageDetailed Stage = "detailed" // form 03
	StagePlanned  Stage = "planned"  // form 04
	StageApproved Stage = "approved" // form 05
	StageReviewed Stage = "reviewed" // form 06
)

// Stages are the stages that were entered, with the moment of the last entry.
type Stages map[Stage]time.Time

// Referral is the handing over of a matter to a body outside of the commune. Who
// received it, and the number that body gave it, are answers of the form
// [Referral.Form], sealed like all of them.
type Referral struct {
	Number int       `json:"number"` // from 1
	To     string    `json:"to"`     // a code of record.yaml, as police
	By     MemberID  `json:"by"`
	At     time.Time `json:"at"` // when it was handed over, as the member says
}

// Form is the name of its form.
func (r Referral) Form() string { return "referral-" + strconv.Itoa(r.Number) }

// Link says that a person found two cases to be about the same child or house.
type Link struct {
	Kind LinkKind  `json:"kind"`
	Case CaseID    `json:"case"` // the other one
	Ref  Ref       `json:"ref"`
	By   MemberID  `json:"by"`
	At   time.Time `json:"at"`
}

// LinkKind is what one case is to the other.
type LinkKind string

// The kinds of links. Either case holds its side of one.
const (
	LinkSame LinkKind = "same" // both go on
	LinkInto LinkKind = "into" // this one was closed, the other one goes on for both
	LinkFrom LinkKind = "from" // the other one was closed into this one
)

// Link finds the link to another case, or returns nil.
func (c *Case) Link(id CaseID) *Link {
	for i := range c.Links {
		if c.Links[i].Case == id {
			return &c.Links[i]
		}
	}
	return nil
}

// IsOpen reports whether the case still needs somebody.
func (c *Case) IsOpen() bool { return c.Status != StatusClosed }

// Alert finds an alert by its message id, or returns nil.
func (c *Case) Alert(id MessageID) *Alert {
	for i := range c.Alerts {
		if c.Alerts[i].ID == id {
			return &c.Alerts[i]
		}
	}
	return nil
}

// Tracked finds an alert or a notice by its message id, or returns nil.
func (c *Case) Tracked(id MessageID) *Alert {
	if a := c.Alert(id); a != nil {
		return a
	}
	for i := range c.Notices {
		if c.Notices[i].ID == id {
			return &c.Notices[i]
		}
	}
	return nil
}

// Concerns lists the members for whom the case is something to answer: those
// asked while nobody has taken it, else its holder. They are who may type a
// bare "1".
func (c *Case) Concerns() []MemberID {
	switch c.Status {
	case StatusTaken:
		return []MemberID{c.Holder}
	case StatusOpen:
		var ids []MemberID
		for _, a := range c.Alerts {
			if a.Declined.IsZero() && !slices.Contains(ids, a.Member) {
				ids = append(ids, a.Member)
			}
		}
		return ids
	}
	return nil
}

// Asked lists everybody who was ever asked to take the case.
func (c *Case) Asked() []MemberID {
	var ids []MemberID
	for _, a := range c.Alerts {
		if !slices.Contains(ids, a.Member) {
			ids = append(ids, a.Member)
		}
	}
	return ids
}

// Clone is a copy that shares nothing, so that a decision can change it.
func (c *Case) Clone() Case {
	next := *c
	next.Texts = slices.Clone(c.Texts)
	next.Alerts = slices.Clone(c.Alerts)
	next.Notices = slices.Clone(c.Notices)
	next.Questions = slices.Clone(c.Questions)
	next.Recused = slices.Clone(c.Recused)
	next.Stages = maps.Clone(c.Stages)
	next.Missed = maps.Clone(c.Missed)
	next.Referrals = slices.Clone(c.Referrals)
	next.Links = slices.Clone(c.Links)
	next.Tags = slices.Clone(c.Tags)
	next.Timers = make(Timers, len(c.Timers)+1)
	maps.Copy(next.Timers, c.Timers)
	return next
}
