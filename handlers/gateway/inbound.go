// Package gateway speaks to any HTTP aggregator. Without further settings it is
// the plain dialect that the browser phones of the demo use too:
//
//	{"id","session","from","to","text"} → {"text","end"}
//
// with one answer per request, sessions announced by nobody, and a message out
// as {"id","to","text"}.
package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hotline/flows"
	"hotline/handlers/wire"
	"io"
	"net/http"
	"regexp"
)

// Config is what an operator sets for one gateway.
type Config struct {
	Name    string // in the path, in records, metrics and logs
	Auth    Auth
	Numbers wire.Numbers

	SendURL string // where messages out are posted
	SendKey string // bearer token of messages out; may be empty
	Caller  wire.Caller
}

// Gateway is one aggregator.
type Gateway struct {
	config Config
}

var nameRule = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// New makes a gateway. Its name is a path segment and a metric label.
func New(c Config) (*Gateway, error) {
	if !nameRule.MatchString(c.Name) {
		return nil, errors.New("gateway: a name is a letter, then letters, digits and hyphens, at most 32")
	}
	return &Gateway{config: c}, nil
}

// Name is what the gateway is called.
func (g *Gateway) Name() string { return g.config.Name }

// hop is one request of the plain dialect. Pointers tell an empty field from a
// missing one.
type hop struct {
	ID      *string `json:"id"`
	Session *string `json:"session"`
	From    *string `json:"from"`
	To      *string `json:"to"`
	Text    *string `json:"text"`
}

// USSD reads one answer of a session. The gateway does not say which one is the
// first: that is inferred from a session that was never seen.
func (g *Gateway) USSD(r *http.Request) (wire.Exchange, error) {
	h, err := g.read(r)
	if err != nil {
		return wire.Exchange{}, err
	}
	if str(h.Session) == "" {
		return wire.Exchange{}, wire.Missing("session")
	}
	return g.exchange(h, flows.USSD)
}

// SMS reads a text.
func (g *Gateway) SMS(r *http.Request) (wire.Exchange, error) {
	h, err := g.read(r)
	if err != nil {
		return wire.Exchange{}, err
	}
	return g.exchange(h, flows.SMS)
}

// read checks who speaks and decodes the body.
func (g *Gateway) read(r *http.Request) (hop, error) {
	var h hop
	if !wire.IsType(r, wire.TypeJSON) {
		return h, wire.WrongType(wire.TypeJSON)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return h, err
	}
	if err := g.config.Auth.verify(r, body); err != nil {
		return h, err
	}
	if err := json.Unmarshal(body, &h); err != nil {
		return h, wire.Malformed("JSON")
	}
	if str(h.From) == "" {
		return h, wire.Missing("from")
	}
	if h.Text == nil {
		return h, wire.Missing("text")
	}
	return h, nil
}

func (g *Gateway) exchange(h hop, ch flows.Channel) (wire.Exchange, error) {
	from, err := g.config.Numbers.Person(str(h.From))
	in := flows.Inbound{
		Provider: g.config.Name,
		Channel:  ch,
		Signal:   flows.Input,
		From:     from,
		To:       str(h.To),
		ID:       str(h.ID),
		Text:     wire.Text(str(h.Text)),
	}
	if ch == flows.USSD {
		in.Session = str(h.Session)
	}
	return wire.Exchange{Inbound: in, Answer: answer}, err
}

// answer writes a screen, or the reply to a text.
func answer(_ context.Context, w http.ResponseWriter, reply flows.Reply) error {
	b, err := json.Marshal(struct {
		Text string `json:"text"`
		End  bool   `json:"end"`
	}{reply.Text, reply.End})
	if err != nil {
		return fmt.Errorf("encode a reply: %w", err)
	}
	w.Header().Set("Content-Type", wire.TypeJSON)
	w.WriteHeader(http.StatusOK)
	_, err = w.Write(b)
	return err
}

func str(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
