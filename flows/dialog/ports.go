package dialog

import (
	"context"
	"time"

	"hotline/flows"
)

// Conversations is what a dialogue needs of the store to remember itself.
type Conversations interface {
	// Turn reads a session; if this very turn was answered before, repeated is
	// true and reply is what was said then. A session that does not exist
	// comes back with version 0.
	Turn(ctx context.Context, id flows.SessionID, turn string) (s flows.Session, reply flows.Reply, repeated bool, err error)
	// SaveTurn writes a step in which no case moved.
	SaveTurn(ctx context.Context, now time.Time, t flows.Turn) (flows.Outcome, error)
}

// Cases is what a dialogue needs of the store to file and find cases.
type Cases interface {
	Case(ctx context.Context, id flows.CaseID) (flows.Case, error)
	CaseByRef(ctx context.Context, ref flows.Ref) (flows.Case, error)
	// CaseByReceipt finds a case by a receipt number, which leads to the
	// partition, and its keyed hash.
	CaseByReceipt(ctx context.Context, number, hash string) (flows.Case, error)
	// Concerning lists the open cases that a member was asked to take or holds.
	Concerning(ctx context.Context, m flows.MemberID) ([]flows.Case, error)
	Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error)
}

// Keys makes the pseudonyms: without the master key nobody can walk from one of
// them back to a number or a receipt.
type Keys interface {
	Session(ch flows.Channel, service string, p flows.Phone) flows.SessionID
	Digest(purpose string, parts ...string) string
	Receipt(number string) string
	PIN(number, pin string) string
	// SamePIN compares a PIN with what is stored of one, in a time that does
	// not depend on what is stored.
	SamePIN(ctx context.Context, stored, number, pin string) (bool, error)
}

// Draw makes a receipt of a partition, and the forms in which its number and PIN
// are stored.
type Draw func(partition int) (r flows.Receipt, number, pin string, err error)

// Vault seals what a reporter wrote, for one case and one field of it. A dialogue
// opens only the parts of a long text, to join them.
type Vault interface {
	Seal(ctx context.Context, id flows.CaseID, field string, text []byte) ([]byte, error)
	Open(ctx context.Context, id flows.CaseID, field string, sealed []byte) ([]byte, error)
}
