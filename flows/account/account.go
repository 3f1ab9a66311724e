package account

import (
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/access"
)

// Account is somebody who may sign in.
type Account struct {
	Name   string         `json:"name"` // what they sign in with
	Role   access.Role    `json:"role"`
	Member flows.MemberID `json:"member,omitempty"` // who they are in the directory
	// Password is a slow keyed hash; empty: they sign in with their authority.
	Password string `json:"password,omitempty"`
	// Secret is that of the changing code, sealed. Step is the last half minute
	// whose code was used: none is taken twice.
	Secret   []byte   `json:"secret,omitempty"`
	Step     int64    `json:"step,omitempty"`
	Recovery []string `json:"recovery,omitempty"` // keyed hashes of the codes that are left
	Subject  string   `json:"subject,omitempty"`  // keyed hash of who they are to their authority

	Made   time.Time `json:"made"`
	By     string    `json:"by,omitempty"` // who invited them; empty: the operator's shell
	Closed time.Time `json:"closed,omitzero"`
	// Since is when the password or the code was set last: older sessions end.
	Since time.Time `json:"since,omitzero"`

	version int64
}

// ParseName reads a name as people type it. A name is 3 to 32 small letters,
// digits, dots and hyphens.
func ParseName(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) < 3 || len(s) > 32 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		return "", false
	}
	return s, true
}

// Open reports whether the account may be used.
func (a *Account) Open() bool { return a.Closed.IsZero() }
