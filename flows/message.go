package flows

import "time"

// Channel is how words reach a person.
type Channel string

// The channels.
const (
	USSD  Channel = "ussd"
	SMS   Channel = "sms"
	Voice Channel = "voice"
)

// Signal says what a gateway announced with an inbound.
type Signal string

// The signals. Some gateways announce a new session, some leave it to be
// inferred from a session id that was never seen: those send Input throughout.
const (
	Begin  Signal = "begin"
	Input  Signal = "input"
	Hangup Signal = "hangup" // the gateway's note that a session is over
)

// Inbound is one webhook in the words of the hotline: what a caller sent, and
// how the gateway counts it. Adapters build it; dialog consumes it.
type Inbound struct {
	Provider string  // name of the adapter or gateway, as "africastalking"
	Channel  Channel // USSD or SMS
	Signal   Signal
	From     Phone
	To       string // the service code or short code that was dialled
	Session  string // the provider's session id; empty for SMS
	ID       string // the provider's id of this message or hop; may be empty
	// Text is what was typed. With Cumulative it is the whole transcript of the
	// session so far, answers separated by "*".
	Text       string
	Cumulative bool
	Part       Part      // of a long text, where the gateway does not join them
	At         time.Time // when it reached us
	// Sent is when the gateway took it from the network, to the second; zero where
	// it does not say. One that waited for us is older than what came meanwhile.
	Sent time.Time
}

// Part says which part of a long text an inbound is (3GPP TS 23.040 §9.2.3.24.1).
// The zero value is a text that is whole.
type Part struct {
	Ref    string // what the parts of one text have in common
	Number int    // from 1
	Of     int
}

// Reply is what goes back in the same HTTP response.
type Reply struct {
	Text string
	// End closes a USSD session. An SMS reply always ends.
	End bool
}

// Purpose says what a message out is for; routes, limits and metrics go by it.
type Purpose string

// The purposes.
const (
	PurposeAlert  Purpose = "alert"  // somebody must answer
	PurposeNotice Purpose = "notice" // an answer to a responder, a warning
	PurposeReport Purpose = "report" // to a reporter, from a reviewed template
)

// Message is one text or call that waits to leave. It carries no number: the
// dispatcher asks the directory for the member's phone when it sends.
type Message struct {
	ID       MessageID `json:"id"`
	Case     CaseID    `json:"case"`
	Ref      Ref       `json:"ref"`
	To       MemberID  `json:"to"`
	Phone    int       `json:"phone,omitempty"` // which of the member's phones, from 0
	Channel  Channel   `json:"channel"`
	Purpose  Purpose   `json:"purpose"`
	Urgent   bool      `json:"urgent,omitempty"`
	Level    Level     `json:"level"`
	Language string    `json:"language,omitempty"` // of Text; chooses the voice of a call
	Text     string    `json:"text"`
	Due      time.Time `json:"due"` // not before this
	// Until ends the hours at which the message may leave, and Next is when they
	// begin again, a day on. Zero: it may leave at any time.
	Until    time.Time `json:"until,omitzero"`
	Next     time.Time `json:"next,omitzero"`
	Attempts int       `json:"attempts,omitempty"` // tries that ended in a temporary failure
	// Repeat marks a message that an earlier process was about to send and may
	// have sent before it died.
	Repeat bool `json:"repeat,omitempty"`
	// Doubt is the provider that may have accepted the message, asked at Tried.
	// It is looked up there before anybody sends it again.
	Doubt string    `json:"doubt,omitempty"`
	Tried time.Time `json:"tried,omitzero"`
	// Held says that the message has waited for others to the same member.
	Held bool `json:"held,omitempty"`
	// Within is the text in which the message left, or may have left, together
	// with others, and Place its place among them: the provider knows the text by
	// the first, 0.
	Within string `json:"within,omitempty"`
	Place  int    `json:"place,omitempty"`
	// Sender is the registered name that a provider shows; empty: the provider's
	// own. The router sets it when the message leaves.
	Sender string `json:"sender,omitempty"`
	// Lease is until when it belongs to whoever claimed it; an outbox never keeps it.
	Lease time.Time `json:"-"`
}

// Delivery is what is known of a message.
type Delivery string

// The states of a message, in the order of rank: callbacks may come in any order
// and a state never goes back. Undelivered counts as no answer.
const (
	Queued      Delivery = "queued"      // in the outbox
	Sent        Delivery = "sent"        // the provider accepted it
	Unknown     Delivery = "unknown"     // the provider may have accepted it
	Delivered   Delivery = "delivered"   // on the handset, or a human picked up
	Undelivered Delivery = "undelivered" // refused, failed, expired, answering machine
)

// Sending is the provider's answer to a message.
type Sending struct {
	Provider string
	ID       string // the provider's id of the message
}

// Status is a provider's later word on a message: its delivery.
type Status struct {
	Provider string
	ID       string    // the provider's id of the message
	Message  MessageID // ours, when the callback carries it; may be empty
	Delivery Delivery
	Reason   string // from a closed set; for the timeline
	At       time.Time
}

// Traffic is what one provider did with the messages of the last hour, as one
// process saw it, and how it stands now.
type Traffic struct {
	Provider string         `json:"provider"`
	Sent     int            `json:"sent"`              // taken by the provider
	Failed   map[string]int `json:"failed,omitempty"`  // by reason, of a closed set
	Unknown  int            `json:"unknown,omitempty"` // taken or not, it did not say
	// Delivered and Undelivered are its later words.
	Delivered   int           `json:"delivered,omitempty"`
	Undelivered int           `json:"undelivered,omitempty"`
	Median      time.Duration `json:"median_ns"` // time to accept or refuse, within a quarter
	Slow        time.Duration `json:"slow_ns"`   // and of the slowest in twenty
	// Segments are what a network bills, by alphabet; Calls are calls.
	Segments map[string]int `json:"segments,omitempty"`
	Calls    int            `json:"calls,omitempty"`
	Cost     int64          `json:"cost,omitempty"` // an estimate, in thousandths of the currency
	// Strangers are status words that nobody here knows, with how often they came.
	Strangers map[string]int `json:"strangers,omitempty"`

	Rests    time.Time    `json:"rests,omitzero"` // left out until then, and then tried
	Limits   []Quota      `json:"limits,omitempty"`
	Register []Registered `json:"register,omitempty"`
}

// Quota is one limit of a provider.
type Quota struct {
	Prefix string        `json:"prefix,omitempty"` // of the destination; empty: any
	Most   int           `json:"most"`             // segments
	Per    time.Duration `json:"per_ns"`
	Until  time.Time     `json:"until,omitzero"` // what is not urgent waits until then
}

// Registered is what became of a sender's name or a text that a provider has to
// approve.
type Registered struct {
	Prefix string `json:"prefix,omitempty"`
	What   string `json:"what"` // the name, or the key of the text
	Text   bool   `json:"text,omitempty"`
	Is     string `json:"is"` // approved, pending or refused
}
