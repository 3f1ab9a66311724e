// Package gateway speaks to any HTTP aggregator by configuration alone.
//
// How one speaks is a [Dialect]: field names and paths, the marks of a session
// that goes on or ends, whether it repeats the whole transcript, its status
// words. Presets hold the dialects that are known. The plain one is what the
// browser phones of the demo use too:
//
//	{"id","session","from","to","text"} → {"text","end"}
//
// with one answer per request, sessions announced by nobody, and a message out
// as {"id","to","text"}.
package gateway

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"time"

	"hotline/flows"
	"hotline/handlers/wire"
)

// Config is what an operator sets for one gateway.
type Config struct {
	Name    string   // in the path, in records, metrics and logs
	Preset  string   // one of [Presets]; plain unless set
	Dialect *Dialect // instead of a preset, if set
	Auth    Auth
	Numbers wire.Numbers

	SendURL string // where messages out are posted; the dialect's own unless set
	FindURL string // where a message is asked for by our id, which stands for {id}; none unless set
	SendKey string // $key of the dialect; for the plain one a bearer token
	Sender  string // $sender of the dialect
	Caller  wire.Caller
	// Now is asked when requests carry a timestamp.
	Now func() time.Time
}

// Gateway is one aggregator.
type Gateway struct {
	config    Config
	dialect   Dialect
	words     wire.Words
	signature Signature
}

var nameRule = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// New makes a gateway. Its name is a path segment and a metric label.
func New(c Config) (*Gateway, error) {
	if !nameRule.MatchString(c.Name) {
		return nil, errors.New("gateway: a name is a letter, then letters, digits and hyphens, at most 32")
	}
	if slices.Contains(c.Auth.Tokens, "") {
		return nil, errors.New("gateway: an empty path token")
	}
	g := &Gateway{config: c, words: wire.Words{}}
	var err error
	if c.Dialect != nil {
		g.dialect, err = *c.Dialect, c.Dialect.check()
	} else {
		g.dialect, err = Preset(cmp.Or(c.Preset, "plain"))
	}
	if err != nil {
		return nil, err
	}
	if s := g.dialect.Status; s != nil {
		g.words = s.meanings()
	}
	g.signature = g.dialect.Signature.whole()
	if g.signature.Timestamp != "" && c.Auth.HMACKey != "" && c.Now == nil {
		return nil, errors.New("gateway: a timestamp needs a clock")
	}
	return g, nil
}

// Name is what the gateway is called.
func (g *Gateway) Name() string { return g.config.Name }

// USSD reads one request of a session.
func (g *Gateway) USSD(r *http.Request) ([]wire.Exchange, error) {
	return g.read(r, "ussd", g.dialect.USSD, flows.USSD)
}

// SMS reads a text, or several that came at once.
func (g *Gateway) SMS(r *http.Request) ([]wire.Exchange, error) {
	return g.read(r, "sms", g.dialect.SMS, flows.SMS)
}

func (g *Gateway) read(r *http.Request, route string, t *Talk, ch flows.Channel) ([]wire.Exchange, error) {
	if t == nil {
		return nil, wire.Unknown()
	}
	body, err := drain(r)
	if err != nil {
		return nil, err
	}
	whole, err := readDocument(r, route, t.Body, body)
	if err != nil {
		return nil, err
	}
	var list []wire.Exchange
	for _, d := range whole.items(t.List) {
		x, err := g.exchange(d, t, ch)
		switch {
		case errors.Is(err, wire.ErrNobody) && t.List != "":
			continue // one of many; the others still count
		case err != nil:
			return []wire.Exchange{x}, err
		}
		list = append(list, x)
	}
	if _, ok := whole.get(t.List); t.List != "" && !ok {
		return nil, wire.Missing(t.List)
	}
	return list, nil
}

// exchange reads one message.
func (g *Gateway) exchange(d document, t *Talk, ch flows.Channel) (wire.Exchange, error) {
	in := flows.Inbound{Provider: g.config.Name, Channel: ch, Signal: t.signal(d), Cumulative: t.Cumulative}
	from, _ := d.str(t.Fields.From)
	if in.Signal == flows.Hangup && from == "" {
		// Some end a session without saying whose it was: nothing can be done.
		return wire.Exchange{Answer: g.answer(in, d, t)}, nil
	}
	text, hasText := d.str(t.Fields.Text)
	in.Session, _ = d.str(t.Fields.Session)
	in.ID, _ = d.str(t.Fields.ID)
	in.To, _ = d.str(t.Fields.To)
	switch {
	case from == "":
		return wire.Exchange{}, wire.Missing(t.Fields.From)
	case ch == flows.USSD && t.Fields.Session != "" && in.Session == "":
		return wire.Exchange{}, wire.Missing(t.Fields.Session)
	case !hasText && in.Signal != flows.Hangup:
		return wire.Exchange{}, wire.Missing(t.Fields.Text)
	}
	in.Text = text
	if in.Signal == flows.Hangup || in.Signal == flows.Begin && in.Text == in.To {
		in.Text = "" // what is left to say is no answer; what was dialled is none either
	}
	if ch == flows.SMS {
		in.Session, in.Cumulative, in.Part = "", false, t.Part.read(d)
	}
	var err error
	in.From, err = g.config.Numbers.Person(from)
	return wire.Exchange{Inbound: in, Answer: g.answer(in, d, t)}, err
}

// signal reads what the gateway announced.
func (t *Talk) signal(d document) flows.Signal {
	if t.Signal == nil {
		return flows.Input
	}
	word, _ := d.str(t.Signal.Field)
	switch {
	case is(word, t.Signal.Begin):
		return flows.Begin
	case is(word, t.Signal.Hangup):
		return flows.Hangup
	}
	return flows.Input
}

// answer writes a screen or the reply to a text, or sends it where the response
// carries no words.
func (g *Gateway) answer(in flows.Inbound, d document, t *Talk) func(context.Context, http.ResponseWriter, flows.Reply) error {
	if t.Reply == nil {
		return wire.BySending(func(ctx context.Context, text string) error {
			_, err := g.post(ctx, map[string]any{"text": text, "id": in.ID, "sender": in.To}, in.From)
			return err
		})
	}
	return func(_ context.Context, w http.ResponseWriter, reply flows.Reply) error {
		more := t.Reply.More
		if reply.End {
			more = t.Reply.End
		}
		v := values{in: d, vars: map[string]any{
			"text": reply.Text, "more": more, "session": in.Session, "id": in.ID, "from": in.From.E164(), "to": in.To,
		}}
		body, kind, err := t.Reply.write(v)
		if err != nil {
			return err
		}
		t.Reply.headers(w.Header(), v)
		if kind != "" {
			w.Header().Set("Content-Type", kind)
		}
		w.WriteHeader(http.StatusOK)
		_, err = w.Write(body)
		return err
	}
}
