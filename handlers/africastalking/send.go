package africastalking

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"hotline/flows"
	"hotline/handlers/wire"
)

// Send hands over one text.
func (p *Provider) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	if err := wire.TextsOnly(m); err != nil {
		return flows.Sending{}, err
	}
	return p.post(ctx, cmp.Or(m.Sender, p.config.From), to, m.Text)
}

// post sends one text. A refusal comes as a code in a response that is itself a
// success.
func (p *Provider) post(ctx context.Context, from string, to flows.Phone, text string) (flows.Sending, error) {
	form := url.Values{"username": {p.config.Username}, "to": {to.E164()}, "message": {text}}
	if from != "" {
		form.Set("from", from)
	}
	at := p.config.APIURL + "/version1/messaging"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		return flows.Sending{}, &flows.SendError{Reason: wire.ReasonCredentials, Err: errors.New("africastalking: the API address is not a URL")}
	}
	req.Header.Set("Content-Type", wire.TypeForm)
	req.Header.Set("Accept", wire.TypeJSON)
	req.Header.Set("apiKey", p.config.APIKey)
	said, err := p.config.Caller.Do(ctx, req)
	if err != nil {
		return flows.Sending{}, err
	}
	if err := wire.Judge(said.Status); err != nil {
		return flows.Sending{}, err
	}
	return read(said.Body)
}

// read looks at the one recipient of an answer.
func read(body []byte) (flows.Sending, error) {
	var answer struct {
		SMSMessageData struct {
			Message    string
			Recipients []struct {
				StatusCode int    `json:"statusCode"`
				MessageID  string `json:"messageId"`
			}
		}
	}
	if json.Unmarshal(body, &answer) != nil {
		return flows.Sending{}, &flows.SendError{Temporary: true, Unknown: true, Reason: wire.ReasonAnswer}
	}
	list := answer.SMSMessageData.Recipients
	if len(list) == 0 {
		// The whole request was refused, as for a sender name that is not ours.
		return flows.Sending{}, wire.Refuse(wire.ReasonRefused, errors.New("africastalking: no recipient was accepted"))
	}
	if err := judge(list[0].StatusCode); err != nil {
		return flows.Sending{}, err
	}
	return flows.Sending{Provider: Name, ID: list[0].MessageID}, nil
}

// judge says what a recipient's status code means.
func judge(code int) error {
	cause := fmt.Errorf("africastalking code %d", code)
	switch code {
	case 100, 101, 102: // processed, sent, queued
		return nil
	case 403, 404: // invalid number, unsupported kind of number
		return wire.Refuse(wire.ReasonBadNumber, cause)
	case 406, 409: // on a blacklist, do not disturb
		return wire.Refuse(wire.ReasonOptedOut, cause)
	case 407: // could not route
		return wire.Refuse(wire.ReasonNoRoute, cause)
	case 402, 405: // sender name, balance: until somebody mends it
		return &flows.SendError{Temporary: true, Reason: wire.ReasonCredentials, Err: cause}
	case 500, 501, 502: // internal, gateway, rejected by gateway
		return &flows.SendError{Temporary: true, Reason: wire.ReasonDown, Err: cause}
	default: // 401 risk hold, and what is not known
		return wire.Refuse(wire.ReasonRefused, cause)
	}
}
