package gateway

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"hotline/flows"
	"hotline/handlers/wire"
)

// Send hands over one text. The gateway may answer with an id of its own;
// without one the message is known by ours.
func (g *Gateway) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	if err := wire.TextsOnly(m); err != nil {
		return flows.Sending{}, err
	}
	id, err := g.post(ctx, map[string]any{"text": m.Text, "id": string(m.ID), "sender": cmp.Or(m.Sender, g.config.Sender)}, to)
	if err != nil {
		return flows.Sending{}, err
	}
	return flows.Sending{Provider: g.config.Name, ID: cmp.Or(id, string(m.ID))}, nil
}

// post writes one text as the dialect wants it and reads the gateway's id.
func (g *Gateway) post(ctx context.Context, vars map[string]any, to flows.Phone) (string, error) {
	letter := g.dialect.Send
	if letter == nil {
		return "", wire.Refuse(wire.ReasonNoRoute, errors.New("the gateway sends nothing"))
	}
	vars["to"], vars["digits"], vars["key"] = to.E164(), strings.TrimPrefix(to.E164(), "+"), g.config.SendKey
	v := values{vars: vars}
	body, kind, err := letter.write(v)
	if err != nil {
		return "", &flows.SendError{Reason: wire.ReasonBadText}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cmp.Or(g.config.SendURL, letter.URL), bytes.NewReader(body))
	if err != nil {
		return "", &flows.SendError{Reason: wire.ReasonCredentials, Err: errors.New("the send address is not a URL")}
	}
	req.Header.Set("Content-Type", kind)
	letter.headers(req.Header, v)
	said, err := g.config.Caller.Do(ctx, req)
	if err != nil {
		return "", err
	}
	if err := wire.Judge(said.Status); err != nil {
		return "", err
	}
	return letter.Answer.read(said)
}

// read looks for a refusal in an answer that is itself a success, and for the
// gateway's id. An answer that cannot be read was a yes.
func (a Answer) read(said wire.Answer) (string, error) {
	if a.ID == "" && a.Word == "" {
		return "", nil
	}
	r := &http.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {wire.TypeJSON}}}
	tree, err := fromJSON(r, said.Body)
	if err != nil {
		return "", nil
	}
	d := document{body: tree}
	word, _ := d.str(a.Word)
	switch {
	case is(word, a.Refused):
		return "", wire.Refuse(wire.ReasonRefused, errors.New("the gateway refused the message"))
	case is(word, a.Busy):
		return "", &flows.SendError{Temporary: true, Reason: wire.ReasonBusy, Err: errors.New("the gateway is busy")}
	}
	id, _ := d.str(a.ID)
	return id, nil
}
