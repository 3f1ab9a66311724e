// Package africastalking speaks the HTTP dialect of Africa's Talking: USSD with
// its end notices, SMS both ways and delivery reports.
//
// A USSD hop repeats the whole transcript in text, answers separated by stars,
// and is answered in plain text that begins with exactly "CON " or "END ". An
// end notice repeats the last answer and the last screen: it is a report's
// whole text, and nothing of it may be kept or logged.
package africastalking

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"hotline/flows"
	"hotline/handlers/wire"
)

// Name is how the provider is called in records, metrics and logs.
const Name = "africastalking"

// Config is what an operator sets for Africa's Talking.
type Config struct {
	Tokens  []string // secret path tokens: the one in use, and the next one while rotating
	Numbers wire.Numbers
	// Networks are the addresses that webhooks may come from; empty: any.
	Networks []netip.Prefix

	Username string
	APIKey   string
	From     string // our short code or sender name; empty: the account's own
	APIURL   string // https://api.africastalking.com unless set
	Caller   wire.Caller
}

// Provider reads and answers the webhooks of one account.
type Provider struct {
	config Config
}

// New makes a provider. It refuses an account without a path token.
func New(c Config) (*Provider, error) {
	if len(c.Tokens) == 0 || slices.Contains(c.Tokens, "") {
		return nil, errors.New("africastalking: no path token, or an empty one")
	}
	if c.APIURL == "" {
		c.APIURL = "https://api.africastalking.com"
	}
	return &Provider{config: c}, nil
}

// USSD reads one hop of a session.
func (p *Provider) USSD(r *http.Request) (wire.Exchange, error) {
	in, form, err := p.session(r)
	if err != nil {
		return wire.Exchange{Inbound: in}, err
	}
	if err := wire.Present(form, "text"); err != nil {
		return wire.Exchange{}, err
	}
	in.Signal, in.Text, in.Cumulative = flows.Input, form.Get("text"), true
	if in.Text == "" {
		in.Signal = flows.Begin
	}
	return wire.Exchange{Inbound: in, Answer: screen}, nil
}

// End reads the notice that a session is over. The rest of it is the text of a
// report, which has been answered hop by hop: it is left unread.
func (p *Provider) End(r *http.Request) (wire.Exchange, error) {
	in, _, err := p.session(r)
	in.Signal = flows.Hangup
	return wire.Exchange{Inbound: in, Answer: noted}, err
}

// session reads what hops and end notices share.
func (p *Provider) session(r *http.Request) (flows.Inbound, url.Values, error) {
	form, err := wire.Form(r)
	if err != nil {
		return flows.Inbound{}, nil, err
	}
	if err := wire.Need(form, "sessionId", "phoneNumber", "serviceCode"); err != nil {
		return flows.Inbound{}, nil, err
	}
	from, err := p.config.Numbers.Person(form.Get("phoneNumber"))
	return flows.Inbound{
		Provider: Name,
		Channel:  flows.USSD,
		From:     from,
		To:       form.Get("serviceCode"),
		Session:  form.Get("sessionId"),
	}, form, err
}

// SMS reads a text. The response to it carries no words, so the reply is sent
// from the short code that was written to.
func (p *Provider) SMS(r *http.Request) (wire.Exchange, error) {
	form, err := wire.Form(r)
	if err != nil {
		return wire.Exchange{}, err
	}
	if err := wire.Need(form, "id", "from", "to"); err != nil {
		return wire.Exchange{}, err
	}
	if err := wire.Present(form, "text"); err != nil {
		return wire.Exchange{}, err
	}
	from, err := p.config.Numbers.Person(form.Get("from"))
	in := flows.Inbound{
		Provider: Name,
		Channel:  flows.SMS,
		Signal:   flows.Input,
		From:     from,
		To:       form.Get("to"),
		ID:       form.Get("id"),
		Text:     form.Get("text"),
	}
	reply := wire.BySending(func(ctx context.Context, text string) error {
		_, err := p.post(ctx, in.To, in.From, text)
		return err
	})
	return wire.Exchange{Inbound: in, Answer: reply}, err
}

// screen answers a hop. Not a blank, not a byte order mark may stand before the
// prefix, or the caller's session breaks.
func screen(_ context.Context, w http.ResponseWriter, reply flows.Reply) error {
	prefix := "CON "
	if reply.End {
		prefix = "END "
	}
	return plain(w, prefix+strings.TrimSpace(reply.Text))
}

// noted answers a notice, which wants no words.
func noted(_ context.Context, w http.ResponseWriter, _ flows.Reply) error {
	return plain(w, "")
}

func plain(w http.ResponseWriter, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, err := io.WriteString(w, text)
	return err
}
