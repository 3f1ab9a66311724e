package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"hotline/flows"
	"hotline/store"
)

// The lives of the cases that benchmarks store: as those of the field, with three
// alerts on two levels, every stage of the procedure, and no words.
const (
	lifeAsked  = 6  // level 2 was asked, nobody has taken it
	lifeClosed = 12 // all stages entered
)

// bornCase is a case as a conversation files it, in a partition. Sealed is how
// many bytes of sealed text it holds.
func bornCase(random io.Reader, at time.Time, partition, partitions, sealed int) (flows.Change, error) {
	id, err := flows.NewCaseID(random, partition)
	if err != nil {
		return flows.Change{}, err
	}
	ref, err := flows.NewRef(random, 8, partition, partitions)
	if err != nil {
		return flows.Change{}, err
	}
	c := flows.Case{
		ID: id, Ref: ref, Status: flows.StatusIntake, Severity: flows.Normal, Channel: flows.USSD, Provider: "bench", Language: "vi",
		Kind: "beaten", Age: "6-10", Place: "04891@2025-07-01", Policy: "2026-11-01", Opened: at, Receipt: string(id[2:26]), PIN: strings.Repeat("p", 44),
	}
	if sealed > 0 {
		c.Texts = []flows.Sealed{{Field: "text/1", Data: make([]byte, sealed)}}
	}
	ch := flows.BeginChange(at, c)
	ch.Log(flows.Event{Kind: flows.EventFiled, Via: flows.USSD})
	ch.Arm(flows.TimerIntake, at.Add(3*time.Minute))
	return ch, nil
}

// lived is the step of a life that follows on a case; step counts from 1.
func lived(c flows.Case, step int) flows.Change {
	at := c.Opened.Add(time.Duration(step) * 7 * time.Minute)
	ch := flows.BeginChange(at, c)
	switch step {
	case 1, 2:
		ch.Log(flows.Event{Kind: flows.EventRefined, Reason: "place", Via: flows.USSD})
	case 3, 6:
		askedLevel(&ch, flows.Level(step/3), 3-step/3)
	case 4, 5, 7:
		delivered(&ch)
	case 8:
		ch.Case.Status, ch.Case.Holder, ch.Case.Taken = flows.StatusTaken, "mai-chau-6-0", at
		ch.Log(flows.Event{Kind: flows.EventTaken, By: ch.Case.Holder, Via: flows.SMS})
	case 9, 10, 11:
		if ch.Case.Stages == nil {
			ch.Case.Stages = flows.Stages{}
		}
		ch.Case.Stages[[]flows.Stage{flows.StageAssessed, flows.StageDecided, flows.StagePlanned}[step-9]] = at
		ch.Log(flows.Event{Kind: flows.EventEntered, By: ch.Case.Holder, Via: flows.SMS})
	default:
		ch.Case.Status, ch.Case.Closed = flows.StatusClosed, at
		ch.Log(flows.Event{Kind: flows.EventClosed, Reason: "safe", By: ch.Case.Holder})
	}
	return ch
}

// askedLevel asks so many members of a level.
func askedLevel(ch *flows.Change, level flows.Level, members int) {
	ch.Case.Status, ch.Case.Level, ch.Case.Routed, ch.Case.Since = flows.StatusOpen, level, ch.At, ch.At
	ch.Disarm(flows.TimerIntake)
	ch.Arm(flows.TimerLadder, ch.At.Add(15*time.Minute))
	ch.Arm(flows.TimerDecision, ch.At.Add(12*time.Hour))
	for i := range members {
		member := flows.MemberID(fmt.Sprintf("mai-chau-%d-%d", 3*level, i))
		id := ch.Post(flows.Message{To: member, Channel: flows.SMS, Purpose: flows.PurposeAlert, Text: "GAP K7F4. Tra loi 1 K7F4."})
		ch.Case.Alerts = append(ch.Case.Alerts, flows.Alert{ID: id, Member: member, Level: level, Channel: flows.SMS, At: ch.At, Delivery: flows.Queued})
		ch.Log(flows.Event{Kind: flows.EventAlerted, Reason: "on_duty", By: member, Level: level, Via: flows.SMS, Message: id})
	}
}

// delivered moves every alert on: the provider took it, the handset has it.
func delivered(ch *flows.Change) {
	for i := range ch.Case.Alerts {
		a := &ch.Case.Alerts[i]
		if a.Delivery == flows.Queued {
			a.Delivery, a.Provider, a.SID = flows.Sent, "twilio", fmt.Sprintf("SM%032d", i)
			ch.Settle = append(ch.Settle, a.ID)
		} else {
			a.Delivery = flows.Delivered
		}
		ch.Log(flows.Event{Kind: flows.EventSent, Message: a.ID, Via: flows.SMS, Level: a.Level})
	}
}

// wholeCase is a case that has lived up to a step, as a journal would hold it.
func wholeCase(random io.Reader, at time.Time, n, partitions, sealed, until int) (flows.Whole, error) {
	ch, err := bornCase(random, at, n%partitions, partitions, sealed)
	if err != nil {
		return flows.Whole{}, err
	}
	w := flows.Whole{Case: ch.Case, Timeline: ch.Events}
	w.Case.Version = 1
	for step := 1; step <= until; step++ {
		ch = lived(w.Case, step)
		w.Case, w.Timeline = ch.Case, append(w.Timeline, ch.Events...)
		w.Case.Version = int64(step + 1)
	}
	return w, nil
}

// fillCases loads so many cases into a store that serves nobody yet: one in open
// is open, 0 for none. It makes them in pieces, so that any number fits. They
// were opened one after the other within the last year.
func fillCases(ctx context.Context, s *store.Store, now time.Time, cases, open int, tell func(done int)) error {
	const piece = 5000
	random := newRandom()
	refill, err := s.Refill(ctx)
	if err != nil {
		return err
	}
	for done := 0; done < cases; {
		all := make([]flows.Whole, 0, piece)
		for len(all) < piece && done < cases {
			until := lifeClosed
			if open > 0 && done%open == 0 {
				until = lifeAsked
			}
			at := now.Add(-time.Duration(cases-done) * (365 * 24 * time.Hour) / time.Duration(cases)).Truncate(time.Millisecond)
			w, err := wholeCase(random, at, done, s.Partitions(), 0, until)
			if err != nil {
				return err
			}
			all = append(all, w)
			done++
		}
		if err := refill.Add(ctx, all, nil); err != nil {
			return err
		}
		tell(done)
	}
	return refill.Done(ctx)
}
