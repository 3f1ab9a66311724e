package account

import (
	"time"

	"hotline/flows/access"
)

// Stage is how far a sign-in has come.
type Stage string

// The stages.
const (
	StageCode   Stage = "code"   // the password was right, the code is missing
	StageEnrol  Stage = "enrol"  // an invitation is being used: the code is set up
	StageWithin Stage = "within" // signed in
)

// Session is one sign-in in one browser. What the browser holds is a secret of
// which the store keeps only a hash.
type Session struct {
	ID      string    `json:"id"` // the hash; its first letters mark the session in lists and in the audit
	Account string    `json:"account"`
	Stage   Stage     `json:"stage"`
	Device  string    `json:"device,omitempty"` // what people call the browser: "Chrome, Android"
	Began   time.Time `json:"began"`
	Seen    time.Time `json:"seen"`
	By      string    `json:"by,omitempty"` // "authority" when no password was asked
	// Draft is the account that an invitation makes or sets up again.
	Draft *Draft `json:"draft,omitempty"`
}

// Draft is an account that waits for its first code.
type Draft struct {
	Invitation Invitation `json:"invitation"`
	Password   string     `json:"password,omitempty"`
	Secret     []byte     `json:"secret"` // sealed
}

// Limits are how long a session lives.
type Limits struct {
	Idle    time.Duration // since something was last asked for by hand
	Longest time.Duration // since the sign-in, whatever was done
}

// unfinished is how long a sign-in may wait for its code.
const unfinished = 10 * time.Minute

// Alive reports whether a session still counts.
func (s *Session) Alive(now time.Time, l Limits) bool {
	if s.Stage != StageWithin {
		return now.Sub(s.Began) < unfinished
	}
	return now.Sub(s.Seen) < l.Idle && now.Sub(s.Began) < l.Longest
}

// Mark names a session where people and the audit read it.
func (s *Session) Mark() string { return s.ID[:min(8, len(s.ID))] }

// SignedIn is somebody whose session is whole.
type SignedIn struct {
	Who     access.Who
	Account Account
	Session Session
}
