package kannel

import (
	"net/http"

	"hotline/flows"
	"hotline/handlers/wire"
)

// words of a report are the bits of Kannel's dlr-mask; each report has one.
var bits = wire.Words{
	"1":  {Delivery: flows.Delivered},
	"2":  {Delivery: flows.Undelivered, Reason: "failed"},
	"4":  {Delivery: flows.Sent}, // the SMSC keeps it for a handset that is off
	"8":  {Delivery: flows.Sent}, // the SMSC accepted it
	"16": {Delivery: flows.Undelivered, Reason: "rejected"},
	"32": {Delivery: flows.Sent}, // an intermediate notification
}

// mask asks for all of them but the last.
const mask = "31"

// Status reads a delivery report, which Kannel fetches from the address that
// [Provider.Send] gave it. Kannel has no id of its own: the message is known by
// ours. The operator's report is not asked for, since it repeats the text.
func (p *Provider) Status(r *http.Request) ([]wire.Receipt, error) {
	q := r.URL.Query()
	if err := wire.Need(q, "m", "d"); err != nil {
		return nil, err
	}
	receipt := bits.Receipt(Name, q.Get("m"), q.Get("d"))
	receipt.Message = flows.MessageID(q.Get("m"))
	return []wire.Receipt{receipt}, nil
}
