package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
	"unsafe"

	"hotline/flows"
	"hotline/store/record"
)

// changeBody is a change as a record holds it, stepBody all of it but the case.
// The turn of the conversation is left out: it holds the receipt as it was shown,
// which nobody may keep. Answers are sealed, as the texts in the case are.
type (
	changeBody struct {
		Case flows.Case `json:"case"`
		stepBody
	}
	stepBody struct {
		Events  []flows.Event     `json:"events"`
		Send    []flows.Message   `json:"send"`
		Settle  []flows.MessageID `json:"settle"`
		Answers []flows.Answer    `json:"answers"`
	}
)

// wholeStep and wholeCase are what is encoded: a stepBody with its case, and a
// flows.Whole.
type (
	wholeStep struct {
		Case    flows.Case
		Events  []flows.Event
		Send    []flows.Message
		Settle  []flows.MessageID
		Answers []flows.Answer
	}
	wholeCase flows.Whole
)

// bodies are the encodings of bodies. A step reads a change and passes over its
// case: a start needs only the last case of each, and most of its time goes into
// reading changes.
type bodies struct {
	changes record.Codec[wholeStep]
	steps   record.Codec[stepBody]
	cases   record.Codec[wholeCase]
}

// learned learns them once; what is learned does not depend on anything but the
// types, so that an error is found by the first test.
var learned = sync.OnceValues(func() (b bodies, err error) { //nolint:gochecknoglobals // plans of types, which do not change
	var errs [3]error
	n := record.Fields()
	step := []string{"Case", "Events", "Send", "Settle", "Answers"}
	n["wholeStep"], n["stepBody"] = step, step
	n["wholeCase"] = []string{"Case", "Timeline", "Waiting", "Answers"}
	b.changes, errs[0] = record.New[wholeStep](n)
	b.steps, errs[1] = record.New[stepBody](n)
	b.cases, errs[2] = record.New[wholeCase](n)
	return b, errors.Join(errs[:]...)
})

// Encode makes the record of a committed change. The version is the one that the
// store gave the case.
func Encode(ch flows.Change, version int64) (Record, error) {
	if version <= 0 {
		return Record{}, errors.New("encode change: it has no version, so it was not committed")
	}
	b, err := learned()
	if err != nil {
		return Record{}, fmt.Errorf("encode change: %w", err)
	}
	ch.Case.Version = version
	body := b.changes.Append(make([]byte, 0, 512), &wholeStep{ch.Case, ch.Events, ch.Send, ch.Settle, ch.Answers})
	return Record{At: ch.At, Kind: KindChange, Case: ch.Case.ID, Version: version, Body: body}, nil
}

// Decode is the reverse of Encode. From is the version before; there is no turn
// and no command.
func Decode(r Record) (flows.Change, error) {
	if r.Kind != KindChange {
		return flows.Change{}, fmt.Errorf("decode record %d: it is a %s, not a change", r.Seq, r.Kind)
	}
	b, err := decodeStep(r, true)
	if err != nil {
		return flows.Change{}, err
	}
	return flows.Change{At: r.At, From: r.Version - 1, Case: b.Case, Events: b.Events, Send: b.Send, Settle: b.Settle, Answers: b.Answers}, nil
}

// decodeStep reads a change, and its case only if that is wanted. Journals of
// older programs hold JSON.
func decodeStep(r Record, withCase bool) (s changeBody, err error) {
	b, err := learned()
	switch {
	case err != nil:
	case !isRecord(r.Body) && withCase:
		err = json.Unmarshal(r.Body, &s)
	case !isRecord(r.Body):
		err = json.Unmarshal(r.Body, &s.stepBody)
	case withCase:
		var w wholeStep
		err = b.changes.Decode(text(r.Body), &w)
		s = changeBody{w.Case, stepBody{w.Events, w.Send, w.Settle, w.Answers}}
	default:
		err = b.steps.Decode(text(r.Body), &s.stepBody)
	}
	if err != nil {
		return s, fmt.Errorf("decode record %d: %w", r.Seq, err)
	}
	return s, nil
}

// text is a body without a copy: nobody changes one. What is decoded from it shares
// its memory, and with it that of the file.
func text(body []byte) string { return unsafe.String(unsafe.SliceData(body), len(body)) }

func isRecord(body []byte) bool { return len(body) > 0 && body[0] == record.Mark }

// EncodeSnapshot makes the record of a case as it is.
func EncodeSnapshot(at time.Time, s flows.Whole) (Record, error) {
	b, err := learned()
	if err != nil {
		return Record{}, fmt.Errorf("encode snapshot: %w", err)
	}
	body := b.cases.Append(make([]byte, 0, 1024), (*wholeCase)(&s))
	return Record{At: at, Kind: KindSnapshot, Case: s.Case.ID, Version: s.Case.Version, Body: body}, nil
}

// DecodeSnapshot is the reverse of EncodeSnapshot.
func DecodeSnapshot(r Record) (flows.Whole, error) {
	if r.Kind != KindSnapshot {
		return flows.Whole{}, fmt.Errorf("decode record %d: it is a %s, not a snapshot", r.Seq, r.Kind)
	}
	b, err := learned()
	var s flows.Whole
	switch {
	case err != nil:
	case isRecord(r.Body):
		err = b.cases.Decode(text(r.Body), (*wholeCase)(&s))
	default:
		err = json.Unmarshal(r.Body, &s)
	}
	if err != nil {
		return flows.Whole{}, fmt.Errorf("decode record %d: %w", r.Seq, err)
	}
	return s, nil
}
