package main

import (
	"context"
	"errors"
	"fmt"

	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/flows/escalation"
)

// asks puts reviewed questions to reporters for the people at the console. Desk
// writes what they decide.
type asks struct {
	app  *app
	desk *escalation.Service
}

// Asking is what may be asked about a case. Whether a number is kept is looked
// up; the number is not.
func (q asks) Asking(ctx context.Context, k flows.Case) (dialog.Asking, error) {
	now, known := q.app.now(), false
	if numbers := q.app.safe.numbers; numbers != nil && k.Contact {
		row, err := numbers.Table.Row(ctx, k.ID)
		if err != nil && !errors.Is(err, flows.ErrNotFound) {
			return dialog.Asking{}, fmt.Errorf("look for the number of a reporter: %w", err)
		}
		known = err == nil && now.Before(row.Expires)
	}
	return q.app.dialog.Asking(now, k, known), nil
}

// Ask puts the question of a key.
func (q asks) Ask(ctx context.Context, by flows.MemberID, id flows.CaseID, via flows.Channel, key string) (flows.Case, error) {
	return q.desk.Answer(ctx, by, id, via, q.app.dialog.Ask(key))
}
