package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hotline/flows"
	"hotline/handlers/wire"
	"net/http"
)

// Send hands over one text as {"id","to","text"}. The gateway may answer with an
// id of its own; without one it is known by ours.
func (g *Gateway) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	body, err := json.Marshal(map[string]string{"id": string(m.ID), "to": to.E164(), "text": m.Text})
	if err != nil {
		return flows.Sending{}, &flows.SendError{Reason: wire.ReasonBadText}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.config.SendURL, bytes.NewReader(body))
	if err != nil {
		return flows.Sending{}, &flows.SendError{Reason: wire.ReasonRefused, Err: errors.New("the send address is not a URL")}
	}
	req.Header.Set("Content-Type", wire.TypeJSON)
	if g.config.SendKey != "" {
		req.Header.Set("Authorization", "Bearer "+g.config.SendKey)
	}
	said, err := g.config.Caller.Do(ctx, req)
	if err != nil {
		return flows.Sending{}, err
	}
	if err := wire.Judge(said.Status); err != nil {
		return flows.Sending{}, err
	}
	sending := flows.Sending{Provider: g.config.Name, ID: string(m.ID)}
	var accepted struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(said.Body, &accepted) == nil && accepted.ID != "" {
		sending.ID = accepted.ID
	}
	return sending, nil
}
