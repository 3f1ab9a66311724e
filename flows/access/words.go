package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hotline/flows"
)

// Opener opens what was sealed: the vault.
type Opener interface {
	Open(ctx context.Context, id flows.CaseID, field string, sealed []byte) ([]byte, error)
}

// errApproval says that something was tried that two people must want.
var errApproval = errors.New("this needs the agreement of a second person")

// Words opens what the reporter wrote, for whoever holds the case and says why.
// That is in the journal before a seal is broken.
func (g *Guard) Words(ctx context.Context, id flows.CaseID, reason string) ([]string, error) {
	c, err := g.Case(ctx, id)
	if err == nil {
		err = g.MayCase(ctx, Read, &c)
	}
	if err != nil {
		return nil, err
	}
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > reasonLimit {
		return nil, ErrReason
	}
	return g.unseal(ctx, c, flows.Deed{Kind: flows.DeedRead, Why: reason})
}

// Reveal opens the same for somebody who does not hold the case, when a second
// person has agreed.
func (g *Guard) Reveal(ctx context.Context, a Approval) ([]string, error) {
	c, err := g.approved(ctx, a, Reveal)
	if err != nil {
		return nil, err
	}
	return g.unseal(ctx, c, flows.Deed{Kind: flows.DeedReveal, Why: a.request.Reason, Second: a.request.Second})
}

// File is a case as it leaves the service.
type File struct {
	Case     flows.Case    `json:"case"`
	Words    []string      `json:"words"`
	Timeline []flows.Event `json:"timeline"`
	// Forms are the filled fields of all forms, those of hand-overs too, by form
	// and field: ["01"]["child_name"].
	Forms map[string]map[string]Writing `json:"forms"`
}

// Writing is what stands in a field of a form. Rivals are what others wrote over it,
// of which nobody has chosen yet.
type Writing struct {
	Text   string         `json:"text"`
	By     flows.MemberID `json:"by"`
	At     time.Time      `json:"at"`
	Rivals []Writing      `json:"rivals,omitempty"`
}

// Export takes a case out of the service, with its words, its forms and its timeline.
func (g *Guard) Export(ctx context.Context, a Approval) (File, error) {
	c, err := g.approved(ctx, a, Export)
	if err != nil {
		return File{}, err
	}
	answers, err := g.answers(ctx, c.ID)
	if err != nil {
		return File{}, err
	}
	f, deed := File{}, flows.Deed{Kind: flows.DeedExport, Why: a.request.Reason, Second: a.request.Second}
	if len(answers) > 0 {
		deed.What = fmt.Sprintf(", %d fields of forms", len(answers))
	}
	if f.Words, err = g.unseal(ctx, c, deed); err != nil {
		return File{}, err
	}
	if f.Forms, err = g.openForms(ctx, c.ID, answers); err != nil {
		return File{}, err
	}
	f.Timeline, err = g.Store.Timeline(ctx, c.ID)
	// Sealed text and the proofs of the receipt are of no use outside.
	c.Texts, c.Receipt, c.PIN = nil, "", ""
	f.Case = c
	return f, err
}

// Destroy hands a case over to be destroyed before its time.
func (g *Guard) Destroy(ctx context.Context, a Approval, destroy func(ctx context.Context, c flows.Case, by flows.MemberID) error) error {
	c, err := g.approved(ctx, a, Delete)
	if err == nil {
		err = g.note(ctx, c, flows.Deed{Kind: flows.DeedPurge, What: "texts", Why: a.request.Reason, Second: a.request.Second})
	}
	if err != nil {
		return err
	}
	return destroy(ctx, c, a.request.By)
}

// approved reads the case of an approval for the person who asked for it.
func (g *Guard) approved(ctx context.Context, a Approval, v Verb) (flows.Case, error) {
	if !a.Covers(v) || a.request.By != From(ctx).ID() || a.request.Second == "" || a.request.Second == a.request.By {
		return flows.Case{}, errApproval
	}
	c, err := g.Case(ctx, a.request.Case)
	if err == nil {
		err = g.MayCase(ctx, v, &c)
	}
	return c, err
}

func (g *Guard) note(ctx context.Context, c flows.Case, d flows.Deed) error {
	d.Case, d.Who, d.From = c.ID, From(ctx).ID(), Mark(ctx)
	if err := g.Journal.Audit(ctx, d); err != nil {
		return fmt.Errorf("write it down: %w", err)
	}
	return nil
}

// unseal breaks the seals of a case, after it is written down who does and why.
func (g *Guard) unseal(ctx context.Context, c flows.Case, d flows.Deed) ([]string, error) {
	d.What = fmt.Sprintf("%d texts", len(c.Texts)) + d.What
	if err := g.note(ctx, c, d); err != nil {
		return nil, err
	}
	var list []string
	for _, t := range c.Texts {
		text, err := g.Opener.Open(ctx, c.ID, t.Field, t.Data)
		if err != nil {
			return nil, fmt.Errorf("open the words: %w", err)
		}
		list = append(list, string(text))
	}
	return list, nil
}
