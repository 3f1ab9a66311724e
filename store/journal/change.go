package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
)

// changeBody is a change as a record holds it. The turn of the conversation is
// left out: it holds the receipt as it was shown, which nobody may keep.
type changeBody struct {
	Case   json.RawMessage   `json:"case"`
	Events []flows.Event     `json:"events,omitempty"`
	Send   []flows.Message   `json:"send,omitempty"`
	Settle []flows.MessageID `json:"settle,omitempty"`
	// Answers are sealed, as the texts in the case are.
	Answers []flows.Answer `json:"answers,omitempty"`
}

// Encode makes the record of a committed change. The version is the one that the
// store gave the case.
func Encode(ch flows.Change, version int64) (Record, error) {
	if version <= 0 {
		return Record{}, errors.New("encode change: it has no version, so it was not committed")
	}
	ch.Case.Version = version
	c, err := json.Marshal(ch.Case)
	if err != nil {
		return Record{}, fmt.Errorf("encode change: %w", err)
	}
	body, err := json.Marshal(changeBody{Case: c, Events: ch.Events, Send: ch.Send, Settle: ch.Settle, Answers: ch.Answers})
	if err != nil {
		return Record{}, fmt.Errorf("encode change: %w", err)
	}
	return Record{At: ch.At, Kind: KindChange, Case: ch.Case.ID, Version: version, Body: body}, nil
}

// Decode is the reverse of Encode. From is the version before; there is no turn
// and no command.
func Decode(r Record) (flows.Change, error) {
	if r.Kind != KindChange {
		return flows.Change{}, fmt.Errorf("decode record %d: it is a %s, not a change", r.Seq, r.Kind)
	}
	var b changeBody
	if err := json.Unmarshal(r.Body, &b); err != nil {
		return flows.Change{}, fmt.Errorf("decode record %d: %w", r.Seq, err)
	}
	ch := flows.Change{At: r.At, From: r.Version - 1, Events: b.Events, Send: b.Send, Settle: b.Settle, Answers: b.Answers}
	if err := json.Unmarshal(b.Case, &ch.Case); err != nil {
		return flows.Change{}, fmt.Errorf("decode record %d: %w", r.Seq, err)
	}
	return ch, nil
}

// EncodeSnapshot makes the record of a case as it is.
func EncodeSnapshot(at time.Time, s flows.Whole) (Record, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return Record{}, fmt.Errorf("encode snapshot: %w", err)
	}
	return Record{At: at, Kind: KindSnapshot, Case: s.Case.ID, Version: s.Case.Version, Body: body}, nil
}

// DecodeSnapshot is the reverse of EncodeSnapshot.
func DecodeSnapshot(r Record) (flows.Whole, error) {
	if r.Kind != KindSnapshot {
		return flows.Whole{}, fmt.Errorf("decode record %d: it is a %s, not a snapshot", r.Seq, r.Kind)
	}
	var s flows.Whole
	if err := json.Unmarshal(r.Body, &s); err != nil {
		return flows.Whole{}, fmt.Errorf("decode record %d: %w", r.Seq, err)
	}
	return s, nil
}

// Purge makes the record that a case is gone: Fold leaves it out from then on,
// whatever was written of it before or is still written elsewhere.
func Purge(at time.Time, id flows.CaseID) Record {
	return Record{At: at, Kind: KindPurge, Case: id}
}
