package gateway

import (
	"encoding/json"
	"hotline/flows"
	"hotline/handlers/wire"
	"io"
	"net/http"
)

// words are the states that the plain dialect knows.
var words = wire.Words{
	"sent":        {Delivery: flows.Sent},
	"delivered":   {Delivery: flows.Delivered},
	"undelivered": {Delivery: flows.Undelivered, Reason: "undelivered"},
	"failed":      {Delivery: flows.Undelivered, Reason: "failed"},
}

// Status reads a delivery report: {"id","message","status"}, where id is the
// gateway's and message is ours.
func (g *Gateway) Status(r *http.Request) ([]wire.Receipt, error) {
	if !wire.IsType(r, wire.TypeJSON) {
		return nil, wire.WrongType(wire.TypeJSON)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if err := g.config.Auth.verify(r, body); err != nil {
		return nil, err
	}
	var report struct {
		ID      string          `json:"id"`
		Message flows.MessageID `json:"message"`
		Status  string          `json:"status"`
	}
	if json.Unmarshal(body, &report) != nil {
		return nil, wire.Malformed("JSON")
	}
	if report.ID == "" && report.Message == "" {
		return nil, wire.Missing("id")
	}
	if report.Status == "" {
		return nil, wire.Missing("status")
	}
	receipt := words.Receipt(g.config.Name, report.ID, report.Status)
	receipt.Message = report.Message
	return []wire.Receipt{receipt}, nil
}
