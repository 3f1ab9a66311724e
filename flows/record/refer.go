package record

import (
	"context"
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Receipt is what a member writes of a hand-over: to whom, when, and what the
// body gave for it.
type Receipt struct {
	To     string // a body of the catalogue
	At     string // as the form writes moments
	Fields map[string]string
}

// Refer notes that the matter was handed to a body outside of the commune. Who
// received it and under which number is sealed like any answer.
func (s *Service) Refer(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, r Receipt) (flows.Case, error) {
	return s.Cases.Answer(ctx, member, id, via, func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, _ escalation.World) (flows.Change, error) {
		faults := map[string]Fault{}
		if !slices.Contains(s.Catalogue.Bodies, r.To) {
			faults["to"] = NotAmong
		}
		at, err := time.ParseInLocation(momentForm, r.At, s.Zone)
		if err != nil {
			faults["at"] = NotDate
		} else if at.After(now) || at.Before(c.Opened.Truncate(time.Minute)) {
			faults["at"] = NotThen
		}
		ch, err := escalation.Refer(now, c, m, r.To, at, via)
		if err != nil {
			return ch, err
		}
		last := ch.Case.Referrals[len(ch.Case.Referrals)-1]
		for _, f := range s.Catalogue.Receipt {
			text := tidy(r.Fields[f.Name])
			if fault := f.Check(text); fault != "" {
				faults[f.Name] = fault
			} else if f.Required && text == "" {
				faults[f.Name] = Missing
			}
			if text == "" || len(faults) > 0 {
				continue
			}
			a, err := s.answer(ctx, id, last.Form()+"/"+f.Name, Value{Text: text, Version: 1, By: m.ID, At: now})
			if err != nil {
				return ch, err
			}
			ch.Answers = append(ch.Answers, a)
		}
		if len(faults) > 0 {
			return flows.Change{}, &Unfinished{Faults: faults}
		}
		return ch, nil
	})
}
