package record

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Cases is where a member's decision is taken and committed: escalation.Service.
type Cases interface {
	Answer(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, decide escalation.Decide) (flows.Case, error)
}

// Answers is where the forms of a case are read.
type Answers interface {
	Answers(ctx context.Context, id flows.CaseID) ([]flows.Answer, error)
}

// Vault seals and opens one field of one case.
type Vault interface {
	Seal(ctx context.Context, id flows.CaseID, field string, text []byte) ([]byte, error)
	Open(ctx context.Context, id flows.CaseID, field string, sealed []byte) ([]byte, error)
}

// Service is the record of all cases. Set the fields before the first use.
type Service struct {
	Cases     Cases
	Answers   Answers
	Vault     Vault
	Catalogue *Catalogue
	Zone      *time.Location // of moments in forms
	// Hamlet is the keyed digest of a hamlet of a place, by which cases are found
	// alike without being opened; nil: none is kept.
	Hamlet func(place flows.PlaceID, name string) string
	// Opened is told who opens a form, before its content is handed out: an
	// error keeps it closed. Nil: nobody is told.
	Opened func(ctx context.Context, member flows.MemberID, id flows.CaseID, form string) error
}

// ErrForm says that there is no such form or field.
var ErrForm = errors.New("no such form or field")

// Unfinished says what keeps a form from being saved or finished.
type Unfinished struct {
	Faults map[string]Fault
	Late   bool // the clock has run out and no reason was given
}

func (u *Unfinished) Error() string {
	return fmt.Sprintf("%d fields of the form are not ready", len(u.Faults))
}

// Read opens a form for a member who may lead the case.
func (s *Service) Read(ctx context.Context, m flows.Member, c *flows.Case, code string) (Sheet, error) {
	if !escalation.MayRead(c, m) {
		return nil, flows.ErrNotFound
	}
	if s.Opened != nil {
		if err := s.Opened(ctx, m.ID, c.ID, code); err != nil {
			return nil, fmt.Errorf("open form %s: %w", code, err)
		}
	}
	answers, err := s.Answers.Answers(ctx, c.ID)
	if err != nil {
		return nil, fmt.Errorf("read form %s: %w", code, err)
	}
	return s.open(ctx, c.ID, code, answers)
}

// Started tells how many fields of each form were ever written. It opens nothing.
func (s *Service) Started(ctx context.Context, id flows.CaseID) (map[string]int, error) {
	answers, err := s.Answers.Answers(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("look at the forms of a case: %w", err)
	}
	n := map[string]int{}
	for i := range answers {
		if len(answers[i].Data) > 0 {
			n[answers[i].Form()]++
		}
	}
	return n, nil
}

func (s *Service) open(ctx context.Context, id flows.CaseID, code string, answers []flows.Answer) (Sheet, error) {
	sheet := Sheet{}
	for i := range answers {
		a := &answers[i]
		name, ok := strings.CutPrefix(a.Field, code+"/")
		if !ok {
			continue
		}
		text, err := s.unseal(ctx, id, a.Field, a.Data)
		if err != nil {
			return nil, err
		}
		v := Value{Text: text, Version: a.Version, By: a.By, At: a.At}
		for _, r := range a.Rivals {
			if text, err = s.unseal(ctx, id, a.Field, r.Data); err != nil {
				return nil, err
			}
			v.Rivals = append(v.Rivals, Writing{text, r.By, r.At})
		}
		sheet[name] = v
	}
	return sheet, nil
}

func (s *Service) unseal(ctx context.Context, id flows.CaseID, field string, data []byte) (string, error) {
	if len(data) == 0 {
		return "", nil
	}
	text, err := s.Vault.Open(ctx, id, flows.SealedAs(field), data)
	if err != nil {
		return "", fmt.Errorf("open a field of a form: %w", err)
	}
	return string(text), nil
}

func (s *Service) seal(ctx context.Context, id flows.CaseID, field, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	data, err := s.Vault.Seal(ctx, id, flows.SealedAs(field), []byte(text))
	if err != nil {
		return nil, fmt.Errorf("seal a field of a form: %w", err)
	}
	return data, nil
}

// answer is a value as it is stored.
func (s *Service) answer(ctx context.Context, id flows.CaseID, field string, v Value) (flows.Answer, error) {
	a := flows.Answer{Field: field, Version: max(v.Version, 1), By: v.By, At: v.At}
	var err error
	if a.Data, err = s.seal(ctx, id, field, v.Text); err != nil {
		return a, err
	}
	for _, w := range v.Rivals {
		data, err := s.seal(ctx, id, field, w.Text)
		if err != nil {
			return a, err
		}
		a.Rivals = append(a.Rivals, flows.Rival{By: w.By, At: w.At, Data: data})
	}
	return a, nil
}

// Kept is what stands in a field after an edit, and what became of it.
type Kept struct {
	Value
	Result Result
}

// Save writes one field. A text that may not stand there is an [*Unfinished].
func (s *Service) Save(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, code string, e Edit) (Kept, error) {
	form, ok := s.Catalogue.Form(code)
	field, known := form.Field(e.Field)
	if !ok || !known {
		return Kept{}, ErrForm
	}
	e.Text = tidy(e.Text)
	if fault := field.Check(e.Text); fault != "" {
		return Kept{}, &Unfinished{Faults: map[string]Fault{e.Field: fault}}
	}
	var kept Kept
	_, err := s.Cases.Answer(ctx, member, id, via, func(now time.Time, c flows.Case, m flows.Member, _ flows.Channel, _ escalation.World) (flows.Change, error) {
		ch, err := escalation.Write(now, c, m)
		if err != nil {
			return ch, err
		}
		answers, err := s.Answers.Answers(ctx, id)
		if err != nil {
			return ch, err
		}
		sheet, err := s.open(ctx, id, code, answers)
		if err != nil {
			return ch, err
		}
		kept.Value, kept.Result = Merge(sheet[e.Field], e, m.ID, now)
		if kept.Result == Same {
			return ch, errSame
		}
		if kept.Result == Saved && code == receiptForm {
			s.coded(&ch.Case, e.Field, kept.Text)
		}
		a, err := s.answer(ctx, id, code+"/"+e.Field, kept.Value)
		ch.Answers = []flows.Answer{a}
		return ch, err
	})
	if errors.Is(err, errSame) {
		err = nil
	}
	return kept, err
}

// The fields by which cases are found alike or counted, without being opened.
const (
	receiptForm = "01"
	hamletField = "hamlet"
	sexField    = "child_sex"
)

// coded keeps of a field what can be known without opening it: a digest of the
// hamlet, the code of the sex.
func (s *Service) coded(c *flows.Case, field, text string) {
	switch {
	case field == hamletField && s.Hamlet != nil:
		c.Hamlet = s.Hamlet(c.Place, text)
	case field == sexField:
		c.Sex = text
	}
}

// errSame ends a decision that has nothing to commit.
var errSame = errors.New("it stands there already")

// Finish enters the stage of a form. A form with faults, or one whose clock has
// run out and that comes without a reason from the list, is an [*Unfinished].
func (s *Service) Finish(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, code, why string) (flows.Case, error) {
	form, ok := s.Catalogue.Form(code)
	if !ok {
		return flows.Case{}, ErrForm
	}
	return s.Cases.Answer(ctx, member, id, via, func(now time.Time, c flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
		if _, err := escalation.Write(now, c, m); err != nil {
			return flows.Change{}, err
		}
		answers, err := s.Answers.Answers(ctx, id)
		if err != nil {
			return flows.Change{}, err
		}
		sheet, err := s.open(ctx, id, code, answers)
		if err != nil {
			return flows.Change{}, err
		}
		u := &Unfinished{Faults: form.Faults(sheet)}
		stage, at := s.entry(form, sheet, now)
		if at.After(now) || stage == flows.StageRemoved && at.Before(c.Opened) {
			u.Faults["from"] = NotThen
		}
		u.Late = escalation.Overdue(now, &c, stage, w) && !slices.Contains(s.Catalogue.Delays, why)
		if len(u.Faults) > 0 || u.Late {
			return flows.Change{}, u
		}
		return escalation.EnterAs(now, c, m, escalation.Entry{Stage: stage, At: at, Why: why, Crime: sheet["crime"].Text}, via, w)
	})
}

// entry is the stage that a form enters and since when: an emergency decision
// that removes a child starts the clock of art 32 with the removal itself.
func (s *Service) entry(form Form, sheet Sheet, now time.Time) (flows.Stage, time.Time) {
	if form.Stage != flows.StageDecided || sheet["measure"].Text != "removal" {
		return form.Stage, now
	}
	from, err := time.ParseInLocation(momentForm, sheet["from"].Text, s.Zone)
	if err != nil {
		return flows.StageRemoved, now
	}
	return flows.StageRemoved, from
}
