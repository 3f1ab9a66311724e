package flows

import (
	"slices"
	"strconv"
	"time"
)

// Change is one step of one case, decided but not yet written: the case as it
// will be, the version it was decided on, and everything that must happen with
// it or not at all. Steps return it; store.Commit applies it in one script or
// reports [ErrConflict]. There is no other way to write a case.
type Change struct {
	At   time.Time // the moment of the decision
	Case Case      // as it will be; the store sets its Version
	From int64     // the version that was read; 0: the case must not exist yet
	// Was is the case as it was read: the store writes what differs. Nobody may
	// change it. It means nothing when From is 0.
	Was *Case

	Events []Event   // for the timeline, in order
	Send   []Message // to the outbox
	// Settle takes messages off the outbox: the provider's answer to them is in
	// this very change.
	Settle []MessageID
	// Answers are the fields of forms that are written with it.
	Answers []Answer
	// CommandID makes the change happen once however often it is sent: a
	// repeated command returns its first result.
	CommandID string
	// Turn is the conversation that moved with the case, if one did. It is
	// saved in the same script.
	Turn *Turn
}

// Event is one line of a case's timeline. It holds no number and no text that a
// reporter wrote.
type Event struct {
	At     time.Time `json:"at"`
	Kind   EventKind `json:"kind"`
	Reason string    `json:"reason,omitempty"` // the named reason of the decision
	// By is who did it; empty: the hotline itself or a reporter. Of an event about
	// a message it is whom the message is for.
	By      MemberID          `json:"by,omitempty"`
	Level   Level             `json:"level"`
	Via     Channel           `json:"via,omitempty"`
	Message MessageID         `json:"message,omitempty"`
	Detail  map[string]string `json:"detail,omitempty"`
}

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	EventFiled     EventKind = "filed"     // a reporter's first meaningful input
	EventRefined   EventKind = "refined"   // a later answer
	EventRouted    EventKind = "routed"    // the first people were chosen
	EventAlerted   EventKind = "alerted"   // a member was asked
	EventAid       EventKind = "aid"       // neighbour communes were asked too
	EventEscalated EventKind = "escalated" // the next level was chosen, or the same again
	EventSkipped   EventKind = "skipped"   // a level had nobody to ask
	EventSent      EventKind = "sent"      // a provider accepted a message
	EventDelivery  EventKind = "delivery"  // a provider's word on a message
	EventTaken     EventKind = "taken"     // a member took the case
	EventDeclined  EventKind = "declined"  // a member cannot
	EventRaised    EventKind = "raised"    // the severity went up
	EventWarned    EventKind = "warned"    // a clock is about to run out
	EventBreached  EventKind = "breached"  // a clock ran out
	EventReopened  EventKind = "reopened"  // a taken case went quiet and is asked for again
	EventPaged     EventKind = "paged"     // the holder was asked for an entry
	EventEntered   EventKind = "entered"   // a stage of the procedure was entered
	EventReferred  EventKind = "referred"  // handed to a body outside of the commune
	EventLinked    EventKind = "linked"    // found to be about the same child or house as another case
	EventUnlinked  EventKind = "unlinked"  // and taken back
	EventTagged    EventKind = "tagged"    // what kind of contact it was
	EventOnSite    EventKind = "on_site"   // somebody is with the child
	EventHanded    EventKind = "handed"    // one holder gave the case to another
	EventMoved     EventKind = "moved"     // the case went to another commune
	EventLowered   EventKind = "lowered"   // the severity went down
	EventRecused   EventKind = "recused"   // a member may no longer see the case
	EventBuried    EventKind = "buried"    // a message was given up
	EventAsked     EventKind = "asked"     // a question to the reporter waits
	EventAnswered  EventKind = "answered"  // and was answered
	EventForgotten EventKind = "forgotten" // the reporter took back the permission to be texted
	EventClosed    EventKind = "closed"
	EventHeld      EventKind = "held"      // a legal hold: nothing of the case may be destroyed
	EventReleased  EventKind = "released"  // the hold was lifted
	EventPostponed EventKind = "postponed" // destroying waits: the reporter was here again
	EventPurged    EventKind = "purged"    // the time is over: texts are taken out
	EventShredded  EventKind = "shredded"  // and their key is destroyed
	EventSilent    EventKind = "silent"    // a contact that ended before it said anything
)

// BeginChange starts a change of c as it was read. The case in it is a copy.
func BeginChange(now time.Time, c Case) Change {
	ch := Change{At: now, Case: c.Clone(), From: c.Version, Was: &unborn}
	if ch.From > 0 {
		was := c
		ch.Was = &was
	}
	return ch
}

// unborn is what every case was before it existed. It is never changed.
var unborn Case

// Arm sets the timer of a name, or moves it.
func (ch *Change) Arm(name TimerName, due time.Time) {
	if ch.Case.Timers == nil {
		ch.Case.Timers = Timers{}
	}
	ch.Case.Timers[name] = Millis(due)
	ch.Case.NoTimer = ""
}

// Disarm removes the timers of the names, if they are set.
func (ch *Change) Disarm(names ...TimerName) {
	for _, n := range names {
		delete(ch.Case.Timers, n)
	}
}

// DisarmAll removes every timer and keeps the reason why the case has none.
func (ch *Change) DisarmAll(why string) {
	clear(ch.Case.Timers)
	ch.Case.NoTimer = why
}

// Log adds a line to the timeline, at the moment of the change.
func (ch *Change) Log(e Event) {
	e.At = ch.At
	ch.Events = append(ch.Events, e)
}

// Post queues a message and gives it its id. It returns the id.
func (ch *Change) Post(m Message) MessageID {
	ch.Case.Sequel++
	m.ID = MessageID(string(ch.Case.ID) + "/" + strconv.Itoa(ch.Case.Sequel))
	m.Case, m.Ref = ch.Case.ID, ch.Case.Ref
	if m.Due.IsZero() {
		m.Due = ch.At
	}
	ch.Send = append(ch.Send, m)
	return m.ID
}

// Then joins a change with one that was decided on its result, so that both are
// applied in one script.
func (ch Change) Then(next Change) Change {
	next.From, next.Was = ch.From, ch.Was
	next.Events = joined(ch.Events, next.Events)
	next.Send = joined(ch.Send, next.Send)
	next.Settle = joined(ch.Settle, next.Settle)
	next.Answers = joined(ch.Answers, next.Answers)
	if next.Turn == nil {
		next.Turn = ch.Turn
	}
	if next.CommandID == "" {
		next.CommandID = ch.CommandID
	}
	return next
}

// joined is a list and what follows it; most lists of a change are empty.
func joined[T any](list, next []T) []T {
	switch {
	case len(list) == 0:
		return slices.Clip(next)
	case len(next) == 0:
		return slices.Clip(list)
	}
	return slices.Concat(list, next)
}

// Outcome is what became of a Change or a Turn.
type Outcome struct {
	Version int64 // of the case after the change
	// Repeated says that this turn or command had been applied before; Reply is
	// then the reply that was given first, and nothing was written now.
	Repeated bool
	Reply    Reply
}
