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
// flows.Whole. keptStep and keptCase are the same with what a start takes over as
// it is still written: of a case that changed ten times, it reads only the last.
type (
	wholeStep struct {
		Case    flows.Case
		Events  []flows.Event
		Send    []flows.Message
		Settle  []flows.MessageID
		Answers []flows.Answer
	}
	wholeCase flows.Whole
	keptStep  struct {
		Case    string
		Events  string
		Send    []flows.Message
		Settle  []flows.MessageID
		Answers []flows.Answer
	}
	keptCase struct {
		Case     string
		Timeline string
		Waiting  []flows.Message
		Answers  []flows.Answer
	}
)

// bodies are the encodings of bodies, and of what lies in them.
type bodies struct {
	changes   record.Codec[wholeStep]
	steps     record.Codec[keptStep]
	wholes    record.Codec[wholeCase]
	snapshots record.Codec[keptCase]
	cases     record.Codec[flows.Case]
	events    record.Codec[flows.Event]
}

// learned learns them once; what is learned does not depend on anything but the
// types, so that an error is found by the first test.
var learned = sync.OnceValues(func() (b bodies, err error) { //nolint:gochecknoglobals // plans of types, which do not change
	var errs [6]error
	n := record.Fields()
	step, whole := []string{"Case", "Events", "Send", "Settle", "Answers"}, []string{"Case", "Timeline", "Waiting", "Answers"}
	n["wholeStep"], n["keptStep"], n["wholeCase"], n["keptCase"] = step, step, whole, whole
	b.changes, errs[0] = record.New[wholeStep](n)
	b.steps, errs[1] = record.New[keptStep](n)
	b.wholes, errs[2] = record.New[wholeCase](n)
	b.snapshots, errs[3] = record.New[keptCase](n)
	b.cases, errs[4] = record.New[flows.Case](n)
	b.events, errs[5] = record.New[flows.Event](n)
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
	b, err := learned()
	var s wholeStep
	switch {
	case err != nil:
	case isRecord(r.Body):
		err = b.changes.Decode(text(r.Body), &s)
	default:
		s, err = olderStep(r)
	}
	if err != nil {
		return flows.Change{}, fmt.Errorf("decode record %d: %w", r.Seq, err)
	}
	return flows.Change{At: r.At, From: r.Version - 1, Case: s.Case, Events: s.Events, Send: s.Send, Settle: s.Settle, Answers: s.Answers}, nil
}

// olderStep reads a change of an older program, which wrote JSON.
func olderStep(r Record) (wholeStep, error) {
	var s changeBody
	err := json.Unmarshal(r.Body, &s)
	return wholeStep{s.Case, s.Events, s.Send, s.Settle, s.Answers}, err
}

// keptStep reads a change, but for its case and its events.
func (b *bodies) keptStep(r Record) (s keptStep, err error) {
	body := text(r.Body)
	if !isRecord(r.Body) {
		older, err := olderStep(r)
		if err != nil {
			return s, err
		}
		body = string(b.changes.Append(nil, &older))
	}
	return s, b.steps.Decode(body, &s)
}

// keptCase reads a snapshot, but for its case and its timeline.
func (b *bodies) keptCase(r Record) (s keptCase, err error) {
	body := text(r.Body)
	if !isRecord(r.Body) {
		var older flows.Whole
		if err := json.Unmarshal(r.Body, &older); err != nil {
			return s, err
		}
		body = string(b.wholes.Append(nil, (*wholeCase)(&older)))
	}
	return s, b.snapshots.Decode(body, &s)
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
	body := b.wholes.Append(make([]byte, 0, 1024), (*wholeCase)(&s))
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
		err = b.wholes.Decode(text(r.Body), (*wholeCase)(&s))
	default:
		err = json.Unmarshal(r.Body, &s)
	}
	if err != nil {
		return flows.Whole{}, fmt.Errorf("decode record %d: %w", r.Seq, err)
	}
	return s, nil
}
