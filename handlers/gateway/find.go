package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hotline/flows"
	"hotline/handlers/wire"
)

// wanted stands in the look-up address for our id of the message.
const wanted = "{id}"

// Findable reports whether the gateway can be asked for a message by our id.
func (c *Config) Findable() bool { return strings.Contains(c.FindURL, wanted) }

// errCannotFind says that the operator set no address to ask at.
var errCannotFind = errors.New("gateway: no find_url to ask for messages")

// Find asks whether the gateway has a message under our id: 404 is a no, and any
// success is a yes. It goes by the id alone, so no number is in an address.
func (g *Gateway) Find(ctx context.Context, m flows.Message, _ flows.Phone, _ time.Time) (flows.Sending, bool, error) {
	if !g.config.Findable() {
		return flows.Sending{}, false, errCannotFind
	}
	address := strings.ReplaceAll(g.config.FindURL, wanted, url.PathEscape(string(m.ID)))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return flows.Sending{}, false, &flows.SendError{Reason: wire.ReasonCredentials, Err: errors.New("find_url is not a URL")}
	}
	var answer Answer
	if letter := g.dialect.Send; letter != nil {
		letter.headers(req.Header, values{vars: map[string]any{"key": g.config.SendKey}})
		answer.ID = letter.Answer.ID
	}
	said, err := g.config.Caller.Do(ctx, req)
	if err != nil {
		return flows.Sending{}, false, err
	}
	if said.Status == http.StatusNotFound {
		return flows.Sending{}, false, nil
	}
	if err := wire.Judge(said.Status); err != nil {
		return flows.Sending{}, false, err
	}
	id, err := answer.read(said)
	if id == "" {
		id = string(m.ID)
	}
	return flows.Sending{Provider: g.config.Name, ID: id}, err == nil, err
}
