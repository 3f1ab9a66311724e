// Package wire is what the provider folders share: how a request is read, how
// it is refused, how a number is spelled and how a message is handed over.
//
// A provider folder has four files of the same names: inbound.go turns a request
// into a [flows.Inbound] and writes the reply; status.go turns a delivery report
// into a [Receipt]; send.go hands a [flows.Message] to the provider; auth.go
// tells the provider from an impostor. None of them knows Echo, a route or the
// rest of the hotline.
package wire

import (
	"context"
	"net/http"
	"strings"

	"hotline/flows"
)

// Exchange is one webhook: what came in, and how the reply goes back. Answer
// writes the whole response, or returns an error before it has written a byte.
// Without a provider nobody said anything, and only the answer is wanted.
type Exchange struct {
	flows.Inbound
	Answer func(ctx context.Context, w http.ResponseWriter, reply flows.Reply) error
	// Again: the provider offers the message again, with the same ID, after a
	// response that says no. A reply does not go in the response.
	Again bool
}

// Receipt is a provider's word on a message that we sent.
type Receipt struct {
	flows.Status
	// Stranger is the provider's word when nobody here has seen it before. Such
	// a message counts as not delivered.
	Stranger string
}

// Words says what a provider's status words mean. Words are compared in lower
// case.
type Words map[string]Meaning

// Meaning is what a status word says about a message.
type Meaning struct {
	Delivery flows.Delivery
	Reason   string // from a closed set, for the timeline
}

// ReasonStranger is the reason of a message whose status word is not known.
const ReasonStranger = "unknown_status"

// Receipt says what a provider's word means for the message it calls id.
func (w Words) Receipt(provider, id, word string) Receipt {
	r := Receipt{Status: flows.Status{Provider: provider, ID: id}}
	m, ok := w[strings.ToLower(strings.TrimSpace(word))]
	if !ok {
		m, r.Stranger = Meaning{flows.Undelivered, ReasonStranger}, word
	}
	r.Delivery, r.Reason = m.Delivery, m.Reason
	return r
}
