package transcript

import (
	"context"
	"time"

	"hotline/flows"
)

// World is what a story is played in: the whole hotline on a clock that only
// moves when it is told to.
type World interface {
	Gateway
	Network
	Office
}

// Gateway is the reporters' side.
type Gateway interface {
	// Dial begins a USSD call; code is what was dialled, "" for the service
	// code alone.
	Dial(ctx context.Context, phone flows.Phone, code string) (flows.Reply, error)
	// Answer types an answer into the phone's call.
	Answer(ctx context.Context, phone flows.Phone, text string) (flows.Reply, error)
	// Text sends a text to the hotline.
	Text(ctx context.Context, phone flows.Phone, text string) (flows.Reply, error)
	// Hangup is the gateway's note that a call is over.
	Hangup(ctx context.Context, phone flows.Phone) error
}

// Network is what the gateways do by themselves.
type Network interface {
	// Again posts the last turn of any phone once more.
	Again(ctx context.Context) (flows.Reply, error)
	// Sent takes the messages that left since it was last asked, in order.
	Sent() []Sent
	// Ring lets a member pick up the last call to them; the reply is what is said.
	Ring(ctx context.Context, who flows.MemberID) (flows.Reply, error)
	// Press is a key that they press in it.
	Press(ctx context.Context, who flows.MemberID, key string) (flows.Reply, error)
	// Undelivered reports that the last message to a member did not arrive.
	Undelivered(ctx context.Context, who flows.MemberID) error
}

// Office is the time and the books.
type Office interface {
	// Advance lets time pass: every timer fires when it is due.
	Advance(ctx context.Context, d time.Duration) error
	// Ask lets a member put a reviewed question to the reporter of a case.
	Ask(ctx context.Context, who flows.MemberID, ref flows.Ref, key string) error
	// Cases are all cases, in the order in which they were opened.
	Cases(ctx context.Context) ([]flows.Case, error)
	// Timeline is what happened to a case, the oldest first.
	Timeline(ctx context.Context, id flows.CaseID) ([]flows.Event, error)
	// Silent is how many contacts ended before they said anything.
	Silent(ctx context.Context) (int, error)
}

// Sent is a message as a member got it.
type Sent struct {
	To   flows.MemberID
	Via  flows.Channel
	Text string
	At   time.Time // zero if the world does not tell
}
