package api

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"hotline/flows"
	"hotline/flows/access"
)

// A case as Primero takes it: the fields, modules and lookup ids are those of
// primeroIMS/primero, db/configuration/forms/case and lookups.rb, and the request
// is its doc/api/cases/post.md. Primero refuses a field that it does not know, so
// nothing of ours is added. Names and words do not leave: whoever opens the case
// there asks for them.

// primero is the body of POST /api/v2/cases.
type primero struct {
	Data primeroCase `json:"data"`
}

type primeroCase struct {
	ID            string   `json:"id"`
	Module        string   `json:"module_id"`
	Display       string   `json:"case_id_display"`
	Status        string   `json:"status"`
	Registered    string   `json:"registration_date"`
	Risk          string   `json:"risk_level"`
	Urgent        bool     `json:"urgent_protection_concern"`
	Concerns      []string `json:"protection_concerns,omitempty"`
	Age           *int     `json:"age,omitempty"`
	Estimated     bool     `json:"estimated,omitempty"`
	AssessmentDue string   `json:"assessment_due_date,omitempty"`
	PlanDue       string   `json:"case_plan_due_date,omitempty"`
	ClosureReason string   `json:"closure_reason,omitempty"`
	DateOfClosure string   `json:"date_closure,omitempty"`
}

// concerns are Primero's protection concerns for our kinds of harm.
func concerns() map[string][]string {
	return map[string][]string{
		"VIOLENCE": {"physically_or_mentally_abused"}, "SEXUAL": {"gbv_survivor"},
		"EXPLOITATION": {"worst_forms_of_child_labor"}, "CHILD_MARRIAGE": {"gbv_survivor"},
	}
}

// ages are the middles of our age groups; Primero marks them as estimated.
func ages() map[string]int { return map[string]int{"under6": 3, "6-10": 8, "11-15": 13, "16-17": 16} }

func (a *API) primeroCase(c *call) (any, error) {
	k, err := a.find(c)
	if err != nil {
		return nil, err
	}
	err = a.Guard.Journal.Audit(c.ctx, flows.Deed{
		Case: k.ID, Who: c.who.ID(), Kind: flows.DeedExport, What: "case for Primero", Why: "asked for by its program", From: access.Mark(c.ctx),
	})
	if err != nil {
		return nil, fmt.Errorf("write it down: %w", err)
	}
	return primero{a.toPrimero(&k)}, nil
}

func (a *API) toPrimero(k *flows.Case) primeroCase {
	p := primeroCase{
		ID: a.uuid(k.ID), Module: "primeromodule-cp", Display: string(k.Ref), Status: "open", Registered: a.day(k.Opened),
		Risk: "medium", Urgent: k.Severity == flows.Urgent, Concerns: concerns()[k.Kind],
	}
	if p.Urgent {
		p.Risk = "high"
	}
	if p.Concerns == nil && k.Kind != "" {
		p.Concerns = []string{"other"}
	}
	if age, known := ages()[k.Age]; known {
		p.Age, p.Estimated = &age, true
	}
	if due, ok := k.Timers[flows.TimerEntry]; ok {
		p.AssessmentDue = a.day(flows.Moment(due))
	}
	if limit := a.Limit(k, flows.TimerPlan); !limit.IsZero() {
		p.PlanDue = a.day(limit)
	}
	if k.Status == flows.StatusClosed {
		p.Status, p.DateOfClosure, p.ClosureReason = "closed", a.day(k.Closed), "other"
		switch k.Outcome {
		case "safe":
			p.ClosureReason = "formal_closing"
		case "handed_over":
			p.ClosureReason = "transferred"
		case "duplicate":
			p.Status = "duplicate"
		}
	}
	return p
}

func (a *API) day(t time.Time) string { return t.In(a.Zone).Format(time.DateOnly) }

// uuid is the same for the same case, so that what is sent twice is one case there,
// and leads nobody back to ours (RFC 9562 §5.8).
func (a *API) uuid(id flows.CaseID) string {
	sum := sha256.Sum256([]byte(a.Sign("primero", string(id))))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
