package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hotline/flows"
)

// Answers reads what was written into the forms of a case, by field. It is empty
// for a case without forms, and for one that does not exist.
func (s *Store) Answers(ctx context.Context, id flows.CaseID) ([]flows.Answer, error) {
	op := "read the forms of case " + string(id)
	p := s.of(id)
	if p == nil {
		return nil, fmt.Errorf("%s: %w", op, flows.ErrNotFound)
	}
	values, err := s.client.HVals(ctx, p.formsKey(id)).Result()
	if err != nil {
		return nil, wrap(op, err)
	}
	if len(values) == 0 {
		return nil, nil
	}
	answers := make([]flows.Answer, len(values))
	for i, v := range values {
		if err := s.records.answers.Decode(v, &answers[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
	}
	slices.SortFunc(answers, func(a, b flows.Answer) int { return strings.Compare(a.Field, b.Field) })
	return answers, nil
}

// addAnswers adds field and record of each answer.
func (s *Store) addAnswers(c *call, answers []flows.Answer) {
	for i := range answers {
		c.add(answers[i].Field, s.records.answers.Append(nil, &answers[i]))
	}
}

// checkAnswers also refuses words for a case that was purged: nothing would ever
// destroy them.
func checkAnswers(c *flows.Case, answers []flows.Answer) error {
	for i := range answers {
		a := &answers[i]
		if !c.IsOpen() && !c.Purged.IsZero() && len(a.Data) > 0 {
			return errors.New("its case was purged; open it again before anything is written")
		}
		if !plain(a.Field) || !strings.Contains(a.Field, "/") || a.Version < 1 {
			return fmt.Errorf("answer %d has no field or no version", i)
		}
	}
	return nil
}
