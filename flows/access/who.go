package access

import (
	"context"

	"hotline/flows"
)

// Role is what somebody is to the service. A role says how far a person reaches,
// not how well they know their work: that is the level of the ladder.
type Role string

// The roles.
const (
	Responder  Role = "responder"  // a member of a commune's standing group, its chair or police
	Supervisor Role = "supervisor" // the desk and the department: cases of their place and below it
	Committee  Role = "committee"  // the provincial committee: figures, and cases that reached it
	Operator   Role = "operator"   // runs the service, sees no case
	Auditor    Role = "auditor"    // reads the audit, sees no case
)

// Roles lists the roles in the order of the table.
func Roles() []Role { return []Role{Responder, Supervisor, Committee, Operator, Auditor} }

// OfCases reports whether people of the role may see cases. They must be members
// of the directory, or nobody could tell which.
func (r Role) OfCases() bool { return r == Responder || r == Supervisor || r == Committee }

// Who is a person at work. The zero value is nobody.
type Who struct {
	Account string // the name they sign in with
	Role    Role
	// Member is who they are in the directory: their place and level. It is empty
	// for roles that see no case.
	Member flows.Member
	// Session marks the sign-in, for the audit: never the secret of it.
	Session string
	// Narrow is what a token of a program leaves of all that; nil: everything.
	Narrow *Narrow
}

// ID is the name under which deeds of this person are written down.
func (w Who) ID() flows.MemberID {
	if w.Member.ID != "" {
		return w.Member.ID
	}
	return flows.MemberID(w.Account)
}

// OfMember is a member at work without an account of their own, as behind the
// one-time link of an alert.
func OfMember(m flows.Member) Who { return Who{Role: RoleOf(m.Level), Member: m} }

// RoleOf is the role that the people of a level of the ladder have.
func RoleOf(l flows.Level) Role {
	switch l {
	case flows.LevelDesk, flows.LevelDepartment:
		return Supervisor
	case flows.LevelCommittee:
		return Committee
	}
	return Responder
}

type whoKey struct{}

// With is ctx with the person behind a request.
func With(ctx context.Context, w Who) context.Context { return context.WithValue(ctx, whoKey{}, w) }

// From is the person behind a request; nobody, when nobody has signed in.
func From(ctx context.Context) Who {
	w, _ := ctx.Value(whoKey{}).(Who)
	return w
}
