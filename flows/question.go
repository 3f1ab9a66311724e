package flows

import (
	"strings"
	"time"
)

// Question is what somebody at work on a case wants to know of its reporter. It
// is chosen from reviewed templates; nobody writes freely to a reporter.
type Question struct {
	Key      string    `json:"key"` // of the template, as "ask.still"
	By       MemberID  `json:"by"`
	Asked    time.Time `json:"asked"`
	Answered time.Time `json:"answered,omitzero"`
	// Notice is the text that says that something waits, if one was sent.
	Notice MessageID `json:"notice,omitempty"`
}

// Waiting is the oldest question without an answer, or nil.
func (c *Case) Waiting() *Question {
	for i := range c.Questions {
		if c.Questions[i].Answered.IsZero() {
			return &c.Questions[i]
		}
	}
	return nil
}

// reporterPrefix cannot begin an id of the directory: a slash parts messages.
const reporterPrefix = "reporter/"

// ToReporter names the reporter of a case as the one a message goes to. Only who
// keeps the numbers of reporters can find a phone for it.
func ToReporter(id CaseID) MemberID { return MemberID(reporterPrefix + string(id)) }

// Reporter is the case whose reporter a message goes to, if it goes to one.
func (m MemberID) Reporter() (CaseID, bool) {
	id, ok := strings.CutPrefix(string(m), reporterPrefix)
	return CaseID(id), ok
}
