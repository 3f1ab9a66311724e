package twilio

import (
	"net/http"
	"strings"

	"hotline/flows"
	"hotline/handlers/wire"
)

// words are the states of a message, from Twilio's message resource. Its word
// for "the network took it" is not our word for "it is on the handset".
var words = wire.Words{
	"accepted":    {Delivery: flows.Sent},
	"scheduled":   {Delivery: flows.Sent},
	"queued":      {Delivery: flows.Sent},
	"sending":     {Delivery: flows.Sent},
	"sent":        {Delivery: flows.Sent},
	"delivered":   {Delivery: flows.Delivered},
	"read":        {Delivery: flows.Delivered},
	"undelivered": {Delivery: flows.Undelivered, Reason: "undelivered"},
	// Half of a text tells nobody how to answer it.
	"partially_delivered": {Delivery: flows.Undelivered, Reason: "undelivered"},
	"failed":              {Delivery: flows.Undelivered, Reason: "failed"},
	"canceled":            {Delivery: flows.Undelivered, Reason: "canceled"},
}

// Status reads a status callback. Our own message id comes back in the query,
// where [Provider.Send] put it.
func (p *Provider) Status(r *http.Request) ([]wire.Receipt, error) {
	form, err := wire.Form(r)
	if err != nil {
		return nil, err
	}
	if err := wire.Need(form, "MessageSid", "MessageStatus"); err != nil {
		return nil, err
	}
	receipt := words.Receipt(Name, form.Get("MessageSid"), form.Get("MessageStatus"))
	receipt.Message = flows.MessageID(r.URL.Query().Get("m"))
	if reason := codeReason(form.Get("ErrorCode")); receipt.Delivery == flows.Undelivered && reason != "" {
		receipt.Reason = reason
	}
	return []wire.Receipt{receipt}, nil
}

// codeReason names the error code of a callback, or returns "".
func codeReason(code string) string {
	code = strings.TrimSpace(code)
	if code == "" || code == "0" {
		return ""
	}
	if e, ok := codes()[code]; ok {
		return e.Reason
	}
	return ""
}
