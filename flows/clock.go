package flows

import "time"

// Timer is a moment at which a case must be looked at again.
type Timer struct {
	Name TimerName
	Due  time.Time
}

// TimerName says what is due. A case has at most one timer of a name.
type TimerName string

// The timers of a case.
const (
	TimerIntake TimerName = "intake" // the dialogue ended without ending: route what is known
	TimerLadder TimerName = "ladder" // nobody has taken the case: the next level
	TimerAid    TimerName = "aid"    // the commune is silent: its neighbours are asked too
	TimerEntry  TimerName = "entry"  // taken, but nothing entered: ask the holder again
	// TimerAssessment, TimerPolice and TimerFeedback run from receipt; nothing that
	// people do to a case begins them anew.
	TimerAssessment TimerName = "assessment" // form 02: 4 hours, 24 for what is not urgent
	TimerPolice     TimerName = "police"     // signs of a crime: the police have it within 24 hours
	TimerFeedback   TimerName = "feedback"   // the reporter can read what was done: 24 hours, 3 working days
	TimerDecision   TimerName = "decision"   // Decree 56/2017 art 26.3: 12 hours from receipt
	TimerPlan       TimerName = "plan"       // Decree 56/2017 art 28.1: 5 working days
	TimerApproval   TimerName = "approval"   // procedure 2.001947: 7 working days
	TimerRemoval    TimerName = "removal"    // Decree 56/2017 art 32: 15 days from the removal
	TimerReview     TimerName = "review"     // until the child is safe
	TimerPurge      TimerName = "purge"      // closed long enough: what was written is destroyed
)

// DueCase is a case that a worker found in its partition, with the first of its
// timers that is due.
type DueCase struct {
	Case CaseID
	Due  time.Time
}

// Millis is the store's form of a moment: Unix time in whole milliseconds.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Moment is the reverse of Millis, in UTC.
func Moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
