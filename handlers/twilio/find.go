package twilio

import (
	"context"
	"errors"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"

	"hotline/flows"
)

// recent is how many of the newest messages are looked through. An account that
// sends more than that between a timeout and the look-up has to wait for the
// status callback instead.
const recent = 400

// errCannotFind says that Twilio was asked to forget what would be compared.
var errCannotFind = errors.New("twilio: redacted messages cannot be found again")

// Find looks for a message that may have been accepted since a moment, before
// anybody sends it again: Twilio has no key that would make a request happen
// once. The list is not filtered by number, because that would put the number
// into an address.
func (p *Provider) Find(ctx context.Context, m flows.Message, to flows.Phone, since time.Time) (flows.Sending, bool, error) {
	if !p.config.Findable() {
		return flows.Sending{}, false, errCannotFind
	}
	if m.Channel == flows.Voice {
		return p.findCall(ctx, to, since)
	}
	params := &api.ListMessageParams{}
	params.SetPageSize(recent / 2).SetLimit(recent)
	list, err := p.api(ctx).ListMessage(params)
	if err != nil {
		return flows.Sending{}, false, sendError(err)
	}
	for _, sent := range list {
		if is(sent.To, to.E164()) && is(sent.Body, m.Text) && after(sent.DateCreated, since) && sent.Sid != nil {
			return flows.Sending{Provider: Name, ID: *sent.Sid}, true, nil
		}
	}
	return flows.Sending{}, false, nil
}

func (p *Provider) findCall(ctx context.Context, to flows.Phone, since time.Time) (flows.Sending, bool, error) {
	params := &api.ListCallParams{}
	params.SetPageSize(recent / 2).SetLimit(recent)
	list, err := p.api(ctx).ListCall(params)
	if err != nil {
		return flows.Sending{}, false, sendError(err)
	}
	for _, made := range list {
		if is(made.To, to.E164()) && after(made.DateCreated, since) && made.Sid != nil {
			return flows.Sending{Provider: Name, ID: *made.Sid}, true, nil
		}
	}
	return flows.Sending{}, false, nil
}

func is(have *string, want string) bool { return have != nil && *have == want }

// after reports whether a time as Twilio writes it is not before since. Twilio
// counts in whole seconds.
func after(have *string, since time.Time) bool {
	if have == nil {
		return false
	}
	at, err := time.Parse(time.RFC1123Z, *have)
	return err == nil && !at.Before(since.Truncate(time.Second))
}
