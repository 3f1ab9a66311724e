package gateway

import (
	"net/http"
	"strings"

	"hotline/flows"
	"hotline/handlers/wire"
)

// Status reads delivery reports.
func (g *Gateway) Status(r *http.Request) ([]wire.Receipt, error) {
	s := g.dialect.Status
	if s == nil {
		return nil, wire.Unknown()
	}
	body, err := drain(r)
	if err != nil {
		return nil, err
	}
	whole, err := readDocument(r, "status", s.Body, body)
	if err != nil {
		return nil, err
	}
	var list []wire.Receipt
	for _, d := range whole.items(s.List) {
		id, _ := d.str(s.ID)
		message, _ := d.str(s.Message)
		if id == "" && message == "" {
			return nil, wire.Missing(s.ID)
		}
		word, _ := d.str(s.Word)
		if word == "" {
			return nil, wire.Missing(s.Word)
		}
		receipt := g.words.Receipt(g.config.Name, id, word)
		receipt.Message = flows.MessageID(message)
		list = append(list, receipt)
	}
	if _, ok := whole.get(s.List); s.List != "" && !ok {
		return nil, wire.Missing(s.List)
	}
	return list, nil
}

// meanings are the words of a report in ours.
func (s *Report) meanings() wire.Words {
	words := wire.Words{}
	for word, means := range s.Words {
		words[strings.ToLower(word)] = deliveries[means]
	}
	return words
}
