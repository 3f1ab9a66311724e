package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hotline/flows"
)

// answers are the fields of a case in which something stands, sealed.
func (g *Guard) answers(ctx context.Context, id flows.CaseID) ([]flows.Answer, error) {
	if g.Forms == nil {
		return nil, nil
	}
	list, err := g.Forms.Answers(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the forms: %w", err)
	}
	return slices.DeleteFunc(list, func(a flows.Answer) bool { return len(a.Data) == 0 && len(a.Rivals) == 0 }), nil
}

// openForms breaks the seals of fields, after it is written down who does and why.
func (g *Guard) openForms(ctx context.Context, id flows.CaseID, answers []flows.Answer) (map[string]map[string]Writing, error) {
	forms := map[string]map[string]Writing{}
	for _, a := range answers {
		w, err := g.openField(ctx, id, a.Field, flows.Rival{By: a.By, At: a.At, Data: a.Data})
		for _, r := range a.Rivals {
			if err != nil {
				break
			}
			var rival Writing
			rival, err = g.openField(ctx, id, a.Field, r)
			w.Rivals = append(w.Rivals, rival)
		}
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", a.Field, err)
		}
		form, field, _ := strings.Cut(a.Field, "/")
		if forms[form] == nil {
			forms[form] = map[string]Writing{}
		}
		forms[form][field] = w
	}
	return forms, nil
}

func (g *Guard) openField(ctx context.Context, id flows.CaseID, field string, r flows.Rival) (Writing, error) {
	w := Writing{By: r.By, At: r.At}
	if len(r.Data) == 0 {
		return w, nil // it was emptied
	}
	text, err := g.Opener.Open(ctx, id, flows.SealedAs(field), r.Data)
	w.Text = string(text)
	return w, err
}
