// Package twilio speaks to Twilio: SMS both ways, status callbacks and calls.
//
// Twilio has no two-way SMS in Vietnam, so it is one provider among several. It
// signs what it sends, asks for TwiML in answer, and has no idempotency key: a
// request that timed out has to be looked up before it is sent again.
package twilio

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"

	"hotline/flows"
	"hotline/handlers/wire"
)

// Name is how the provider is called in records, metrics and logs.
const Name = "twilio"

// Config is what an operator sets for Twilio.
type Config struct {
	AccountSID string
	Tokens     []string // auth tokens: the one in use first, then one that is being rotated
	PublicURL  string   // our address as Twilio calls it, without a path
	Numbers    wire.Numbers

	From    string // a number or sender name of ours
	Service string // a messaging service sid; used instead of From if set
	// RedactTexts asks Twilio to forget texts, RedactNumbers the last digits of
	// numbers. Either must have been granted to the account, or every send fails
	// with 30029; with either a message cannot be found again.
	RedactTexts   bool
	RedactNumbers bool
	// Caller ID and words of alerts by voice: a number of ours, without which there
	// are no calls; texts under voice.*, and per language one of Twilio's voices, or
	// none for its own choice.
	VoiceFrom string
	Texts     flows.Texts
	Voices    map[string]string

	APIURL string // https://api.twilio.com unless set
	Caller wire.Caller
}

// Provider reads, answers and sends for one account.
type Provider struct {
	config Config
}

// Findable reports whether a message that may have been accepted can be looked
// up: what was redacted cannot be compared.
func (c Config) Findable() bool { return !c.RedactTexts && !c.RedactNumbers }

// New makes a provider. It refuses an account that could not check a signature.
func New(c Config) (*Provider, error) {
	if len(c.Tokens) == 0 || slices.Contains(c.Tokens, "") {
		return nil, errors.New("twilio: no auth token")
	}
	var err error
	if c.PublicURL, err = publicURL(c.PublicURL); err != nil {
		return nil, err
	}
	if c.APIURL == "" {
		c.APIURL = "https://api.twilio.com"
	}
	return &Provider{config: c}, nil
}

// SMS reads a text. Of the many fields that Twilio adds, its guess of the
// sender's town among them, only these are looked at.
func (p *Provider) SMS(r *http.Request) (wire.Exchange, error) {
	form, err := wire.Form(r)
	if err != nil {
		return wire.Exchange{}, err
	}
	if err := wire.Need(form, "MessageSid", "From", "To"); err != nil {
		return wire.Exchange{}, err
	}
	if err := wire.Present(form, "Body"); err != nil {
		return wire.Exchange{}, err
	}
	from, err := p.config.Numbers.Person(form.Get("From"))
	in := flows.Inbound{
		Provider: Name,
		Channel:  flows.SMS,
		Signal:   flows.Input,
		From:     from,
		To:       form.Get("To"),
		ID:       form.Get("MessageSid"),
		Text:     form.Get("Body"),
	}
	return wire.Exchange{Inbound: in, Answer: message}, err
}

// message answers a text with TwiML. No words, no message. The library makes a
// tree of a document, which takes longer than all else here; this one is three
// words around a text.
func message(_ context.Context, w http.ResponseWriter, reply flows.Reply) error {
	const begin, end = `<?xml version="1.0" encoding="UTF-8"?><Response>`, `</Response>`
	if reply.Text == "" {
		return document(w, `<?xml version="1.0" encoding="UTF-8"?><Response/>`)
	}
	doc := bytes.NewBuffer(make([]byte, 0, 512))
	doc.WriteString(begin + `<Message>`)
	if err := xml.EscapeText(doc, []byte(reply.Text)); err != nil {
		return errors.New("write TwiML")
	}
	doc.WriteString(`</Message>` + end)
	return document(w, doc.String())
}

func document(w http.ResponseWriter, doc string) error {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, err := io.WriteString(w, doc)
	return err
}
