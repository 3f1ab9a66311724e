package flows

import "time"

// Session is one conversation between two answers: where the caller stands in a
// flow and what was said so far. It is saved by compare-and-set and expires.
type Session struct {
	ID      SessionID `json:"id"`
	Version int64     `json:"version"` // 0: never saved

	Provider string  `json:"provider"`
	Channel  Channel `json:"channel"`
	// Dial is a digest of the provider's session id: another one is another call.
	Dial string `json:"dial,omitempty"`
	// Transcript is how much of a cumulative transcript has been answered.
	Transcript Mark `json:"transcript"`

	Flow     string            `json:"flow"`
	Edition  string            `json:"edition"` // version of the flow it began with
	State    string            `json:"state"`
	Language string            `json:"language"`
	Vars     map[string]string `json:"vars,omitempty"`
	Options  []Option          `json:"options,omitempty"` // the list on the screen, if it came from data
	Page     int               `json:"page,omitempty"`
	Trail    []string          `json:"trail,omitempty"` // states behind, for "back"
	Tries    int               `json:"tries,omitempty"` // wrong answers in this state
	Steps    int               `json:"steps,omitempty"` // answers so far; a conversation ends by itself
	Screen   Reply             `json:"screen"`          // what the caller sees now

	// Case is the case as this conversation last saw it; nil before the first
	// meaningful input. CaseID is fixed from the beginning, so that a retry
	// files the same case.
	Case   *Case  `json:"case,omitempty"`
	CaseID CaseID `json:"case_id"`

	Started time.Time `json:"started"`
	// Silent is when a contact that has said nothing counts as silent; zero once
	// it has filed a case or ended in words.
	Silent  time.Time `json:"silent"`
	Touched time.Time `json:"touched"`
	Ended   bool      `json:"ended,omitempty"`
}

// Option is one line of a numbered list.
type Option struct {
	Value string `json:"value"` // what is saved when it is chosen
	Label string `json:"label"` // what the caller reads
}

// Mark is a place in a transcript: its length in bytes and a keyed digest of
// what lies before, so that the transcript itself is not kept.
type Mark struct {
	Len    int    `json:"len"`
	Digest string `json:"digest,omitempty"`
}

// Turn is the saving of one step of a conversation. The same turn again returns
// the reply that was given first, to the byte.
type Turn struct {
	ID      string        // identity of the inbound: see dialog
	Session Session       // as it will be; the store sets its Version
	From    int64         // the version that was read
	Reply   Reply         // what the caller is told
	Keep    time.Duration // how long the session lives
	// Remember is how long the reply is kept for retries of the same turn.
	Remember time.Duration
	// Was is what was counted of the session that was read; it means nothing when
	// From is 0.
	Was Counted
}

// Counted is what the tally and the list of silent contacts hold of a session.
type Counted struct{ Started, Silent time.Time }

// Counted is what is held of the session as it stands.
func (s *Session) Counted() Counted { return Counted{s.Started, s.Silent} }
