package africastalking

import (
	"net/http"
	"strings"

	"hotline/flows"
	"hotline/handlers/wire"
)

// words are the states of a delivery report. Buffered means that the network
// keeps the text for a handset that is off.
var words = wire.Words{
	"sent":             {Delivery: flows.Sent},
	"submitted":        {Delivery: flows.Sent},
	"buffered":         {Delivery: flows.Sent},
	"success":          {Delivery: flows.Delivered},
	"rejected":         {Delivery: flows.Undelivered, Reason: "rejected"},
	"failed":           {Delivery: flows.Undelivered, Reason: "failed"},
	"absentsubscriber": {Delivery: flows.Undelivered, Reason: "absent"},
	"expired":          {Delivery: flows.Undelivered, Reason: "expired"},

	// The reasons that come with a failure.
	"insufficientcredit":         {Delivery: flows.Undelivered, Reason: wire.ReasonCredentials},
	"invalidlinkid":              {Delivery: flows.Undelivered, Reason: "rejected"},
	"userisinactive":             {Delivery: flows.Undelivered, Reason: "absent"},
	"userinblacklist":            {Delivery: flows.Undelivered, Reason: wire.ReasonOptedOut},
	"useraccountsuspended":       {Delivery: flows.Undelivered, Reason: "rejected"},
	"notnetworksubscriber":       {Delivery: flows.Undelivered, Reason: wire.ReasonBadNumber},
	"usernotsubscribedtoproduct": {Delivery: flows.Undelivered, Reason: "rejected"},
	"userdoesnotexist":           {Delivery: flows.Undelivered, Reason: wire.ReasonBadNumber},
	"deliveryfailure":            {Delivery: flows.Undelivered, Reason: "failed"},
	"donotdisturbrejection":      {Delivery: flows.Undelivered, Reason: wire.ReasonOptedOut},
	"invalidphonenumber":         {Delivery: flows.Undelivered, Reason: wire.ReasonBadNumber},
	"couldnotroute":              {Delivery: flows.Undelivered, Reason: wire.ReasonNoRoute},
}

// Status reads a delivery report. The report gives a failure its own word, which
// says more than "Failed"; only those that are known are used.
func (p *Provider) Status(r *http.Request) ([]wire.Receipt, error) {
	form, err := wire.Form(r)
	if err != nil {
		return nil, err
	}
	if err := wire.Need(form, "id", "status"); err != nil {
		return nil, err
	}
	receipt := words.Receipt(Name, form.Get("id"), form.Get("status"))
	if why, ok := words[strings.ToLower(form.Get("failureReason"))]; ok && receipt.Delivery == flows.Undelivered {
		receipt.Reason = why.Reason
	}
	return []wire.Receipt{receipt}, nil
}
