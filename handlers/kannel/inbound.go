// Package kannel speaks to Kannel, the open gateway that holds SMPP binds to
// mobile operators. It is the way to short codes and USSD where no aggregator
// sells them.
//
//	operator ⇄ SMPP ⇄ bearerbox ⇄ smsbox ⇄ HTTP ⇄ hotline
//
// Texts come by post-url, with who and where in X-Kannel headers and the words
// in the body. Nothing personal stands in an address. The response carries no
// words, because Kannel would squeeze them into the 7-bit alphabet; replies go
// out by sendsms, which knows Unicode and the TLVs of USSD. kannel.conf is an
// example that works, and OPERATOR.md says how to connect one.
package kannel

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"hotline/flows"
	"hotline/handlers/wire"
)

// Name is how the provider is called in records, metrics and logs.
const Name = "kannel"

// Config is what an operator of the hotline sets for Kannel.
type Config struct {
	Tokens  []string // secret path tokens: the one in use, and the next one while rotating
	Numbers wire.Numbers

	SendURL  string // as http://127.0.0.1:13013/cgi-bin/sendsms
	User     string
	Password string
	From     string // sender of messages out
	SMSC     string // the bind that they leave by; empty: Kannel chooses
	// ReportURL is our address as Kannel beside us calls it, without a path.
	ReportURL string
	Caller    wire.Caller
	// Dialects are the USSD habits of operators by the id of their bind. One
	// that is not listed follows the standard.
	Dialects map[string]Dialect
}

// Provider reads, answers and sends by one Kannel.
type Provider struct {
	config Config
}

// New makes a provider.
func New(c Config) (*Provider, error) {
	if len(c.Tokens) == 0 || slices.Contains(c.Tokens, "") {
		return nil, errors.New("kannel: no path token, or an empty one")
	}
	return &Provider{config: c}, nil
}

// SMS reads a text.
func (p *Provider) SMS(r *http.Request) (wire.Exchange, error) {
	in, err := p.read(r, flows.SMS)
	if err != nil {
		return wire.Exchange{Inbound: in}, err
	}
	smsc := r.Header.Get("X-Kannel-SMSC")
	in.Part = part(smsc, r.Header.Get("X-Kannel-UDH"))
	reply := outgoing{from: in.To, to: in.From, smsc: smsc}
	return wire.Exchange{Inbound: in, Answer: p.answer(reply), Again: in.ID != ""}, nil
}

// USSD reads one message of a USSD session. What kind of message it is, and
// which session it belongs to, is in the TLVs of the operator.
func (p *Provider) USSD(r *http.Request) (wire.Exchange, error) {
	in, err := p.read(r, flows.USSD)
	if err != nil {
		return wire.Exchange{Inbound: in}, err
	}
	smsc := r.Header.Get("X-Kannel-SMSC")
	dialect := p.config.Dialects[smsc].orStandard()
	meta, err := parseMeta(r.Header.Get("X-Kannel-Meta-Data"))
	if err != nil {
		return wire.Exchange{}, err
	}
	op, ok := meta.number(opTLV)
	if !ok {
		return wire.Exchange{}, wire.Missing(opTLV)
	}
	in.Signal = dialect.signal(op, in.Text)
	in.Session = dialect.session(meta)
	if in.Signal == flows.Begin && in.Text == in.To {
		in.Text = "" // the code that was dialled, and nothing after it
	}
	if in.Signal == flows.Hangup {
		in.Text = ""
		return wire.Exchange{Inbound: in, Answer: p.answer(outgoing{mute: true})}, nil
	}
	reply := outgoing{
		from: in.To, to: in.From, smsc: smsc, service: r.Header.Get("X-Kannel-BInfo"),
		meta: func(end bool) string { return dialect.answer(meta, end) },
	}
	return wire.Exchange{Inbound: in, Answer: p.answer(reply)}, nil
}

// answer sends the reply and then closes the webhook.
func (p *Provider) answer(o outgoing) func(context.Context, http.ResponseWriter, flows.Reply) error {
	return func(ctx context.Context, w http.ResponseWriter, reply flows.Reply) error {
		return wire.BySending(func(ctx context.Context, text string) error {
			if o.mute {
				return nil
			}
			o.text, o.end = text, reply.End
			return p.post(ctx, o)
		})(ctx, w, reply)
	}
}

// read takes what SMS and USSD share.
func (p *Provider) read(r *http.Request, ch flows.Channel) (flows.Inbound, error) {
	text, err := words(r)
	if err != nil {
		return flows.Inbound{}, err
	}
	for _, h := range []string{"X-Kannel-From", "X-Kannel-To", "X-Kannel-SMSC"} {
		if r.Header.Get(h) == "" {
			return flows.Inbound{}, wire.Missing(h)
		}
	}
	from, err := p.config.Numbers.Person(r.Header.Get("X-Kannel-From"))
	return flows.Inbound{
		Provider: Name,
		Channel:  ch,
		Signal:   flows.Input,
		From:     from,
		To:       r.Header.Get("X-Kannel-To"),
		ID:       r.URL.Query().Get("id"),
		Text:     text,
		Sent:     taken(r.Header.Get("X-Kannel-Time")),
	}, err
}

// taken is when Kannel took a message from the operator: UTC, whatever zone the
// machine is in. One that Kannel had to keep for us comes with its first time.
func taken(header string) time.Time {
	at, err := time.Parse(time.DateTime, header)
	if err != nil {
		return time.Time{}
	}
	return at
}

// words decodes the body by its charset. Texts that Kannel could not read as
// text come as octet streams and are refused.
func words(r *http.Request) (string, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	kind, params, err := mime.ParseMediaType(cmp.Or(r.Header.Get("Content-Type"), "text/plain"))
	if err != nil || kind != "text/plain" {
		return "", wire.WrongType("text/plain")
	}
	switch strings.ToUpper(params["charset"]) {
	case "", "UTF-8", "US-ASCII":
		return string(body), nil
	case "UTF-16BE":
		return fromUTF16(body)
	case "ISO-8859-1":
		runes := make([]rune, len(body))
		for i, b := range body {
			runes[i] = rune(b)
		}
		return string(runes), nil
	}
	return "", wire.WrongType("text/plain in UTF-8, UTF-16BE or ISO-8859-1")
}

func fromUTF16(b []byte) (string, error) {
	if len(b)%2 != 0 {
		return "", wire.Malformed("UTF-16")
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return halves(units), nil
}
