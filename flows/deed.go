package flows

import "time"

// Deed is what somebody did that must be answered for: one audit record, written
// before the thing is done, so that nothing is done without one. It holds names of
// things, never a number of a reporter or a text.
type Deed struct {
	At   time.Time `json:"-"` // when; zero: now
	Case CaseID    `json:"-"` // which case; empty: none

	Who  MemberID `json:"who,omitempty"` // empty: the hotline itself
	Kind DeedKind `json:"deed"`
	What string   `json:"what,omitempty"` // a field, a file, a key, a page: its name, never its content
	Why  string   `json:"why,omitempty"`  // as the person said, or the named reason of a rule
	// From is the part of the program and, of a person, the session: "console 4f2a",
	// "retention", "admin shell". Never an address.
	From string `json:"from,omitempty"`
	// Second is who agreed, where two are needed.
	Second MemberID `json:"second,omitempty"`

	// Seq and Chain are its place in the journal, when it was read from one.
	Seq   uint64 `json:"-"`
	Chain string `json:"-"`
}

// DeedKind says what was done.
type DeedKind string

// The kinds of deeds.
const (
	DeedRead      DeedKind = "read"      // opened a sealed text
	DeedReveal    DeedKind = "reveal"    // learned who a reporter is
	DeedKey       DeedKind = "key"       // used, rotated or destroyed a key
	DeedExport    DeedKind = "export"    // took data out
	DeedBackup    DeedKind = "backup"    // made or restored a backup
	DeedConfig    DeedKind = "config"    // changed the configuration
	DeedDirectory DeedKind = "directory" // changed places, groups or members
	DeedRota      DeedKind = "rota"      // changed who is on duty when
	DeedAccount   DeedKind = "account"   // made, changed or closed an account; signed in
	DeedDenied    DeedKind = "denied"    // asked for what they may not see or do
	DeedRequest   DeedKind = "request"   // asked a second person to agree, or refused to
	DeedHold      DeedKind = "hold"      // set or lifted a legal hold
	DeedPurge     DeedKind = "purge"     // destroyed a case, or part of one
	DeedDrill     DeedKind = "drill"     // proved the escrow, a backup, a restore
)

// DeedKinds lists all kinds, in the order in which people read them.
func DeedKinds() []DeedKind {
	return []DeedKind{
		DeedRead, DeedReveal, DeedExport, DeedRequest, DeedDenied, DeedAccount, DeedRota, DeedDirectory,
		DeedConfig, DeedKey, DeedHold, DeedPurge, DeedBackup, DeedDrill,
	}
}

// DeedFilter chooses deeds. Its zero fields choose all.
type DeedFilter struct {
	After, Before time.Time // from After on, before Before
	Who           MemberID  // also as the second person
	Kind          DeedKind
	Case          CaseID
	// Limit is how many of the latest are wanted; 0: all.
	Limit int
}

// Fits reports whether the filter chooses d.
func (f DeedFilter) Fits(d Deed) bool {
	switch {
	case !f.After.IsZero() && d.At.Before(f.After), !f.Before.IsZero() && !d.At.Before(f.Before):
		return false
	case f.Who != "" && d.Who != f.Who && d.Second != f.Who:
		return false
	case f.Kind != "" && d.Kind != f.Kind, f.Case != "" && d.Case != f.Case:
		return false
	}
	return true
}
