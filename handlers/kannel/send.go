package kannel

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"hotline/flows"
	"hotline/handlers/wire"
)

// Send hands over one text and asks for reports on it.
func (p *Provider) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	if err := wire.TextsOnly(m); err != nil {
		return flows.Sending{}, err
	}
	err := p.post(ctx, outgoing{from: cmp.Or(m.Sender, p.config.From), to: to, smsc: p.config.SMSC, text: m.Text, message: m.ID})
	if err != nil {
		return flows.Sending{}, err
	}
	return flows.Sending{Provider: Name, ID: string(m.ID)}, nil
}

// outgoing is one text or screen that Kannel shall send.
type outgoing struct {
	from    string
	to      flows.Phone
	smsc    string
	service string // SMPP service_type, as USSD
	meta    func(end bool) string
	message flows.MessageID // ours, if reports are wanted
	text    string
	end     bool
	mute    bool // nothing can be said any more
}

// post hands one text to sendsms. Everything goes in headers and body: Kannel
// takes it from the query too, and would write that to its log.
func (p *Provider) post(ctx context.Context, o outgoing) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.config.SendURL, strings.NewReader(o.text))
	if err != nil {
		return &flows.SendError{Reason: wire.ReasonCredentials, Err: errors.New("kannel: the sendsms address is not a URL")}
	}
	set := func(name, value string) {
		if value != "" {
			req.Header.Set("X-Kannel-"+name, value)
		}
	}
	req.Header.Set("Content-Type", "text/plain; charset=UTF-8")
	set("Username", p.config.User)
	set("Password", p.config.Password)
	set("From", o.from)
	set("To", o.to.E164())
	set("SMSC", o.smsc)
	set("BInfo", o.service)
	set("Coding", coding(o.text))
	if o.meta != nil {
		set("Meta-Data", o.meta(o.end))
	}
	if o.message != "" {
		set("DLR-Mask", mask)
		set("DLR-Url", p.config.ReportURL+"/kannel/"+p.config.Tokens[0]+"/status?d=%d&m="+escaped(o.message))
	}
	said, err := p.config.Caller.Do(ctx, req)
	if err != nil {
		return err
	}
	return wire.Judge(said.Status)
}

// escaped writes an id into an address in which Kannel reads % as its own sign.
func escaped(id flows.MessageID) string {
	return strings.ReplaceAll(url.QueryEscape(string(id)), "%", "%%")
}

// coding is 0 for the 7-bit alphabet and 2 for Unicode. ASCII is in both but for
// the grave accent; what else is in the 7-bit alphabet costs no more as Unicode
// than it would be worth to know here.
func coding(text string) string {
	for _, r := range text {
		if r > '~' || r == '`' {
			return "2"
		}
	}
	return "0"
}
