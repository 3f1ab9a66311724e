package api

import (
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// done is what became of a case by a deed.
type done struct {
	Ref      flows.Ref        `json:"ref"`
	Version  int64            `json:"version"`
	Status   flows.CaseStatus `json:"status"`
	Severity flows.Severity   `json:"severity"`
	Holder   *person          `json:"holder,omitempty"`
}

func (a *API) done(k flows.Case, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return done{k.Ref, k.Version, k.Status, k.Severity, a.person(k.Holder)}, nil
}

// deed carries a decision out about the case of a request, once for each
// idempotency key. The guard is asked for the case before an earlier answer is
// given again.
func (a *API) deed(c *call, decide func(k *flows.Case) (flows.Case, error)) (any, error) {
	k, err := a.find(c)
	if err != nil {
		return nil, err
	}
	if err := a.Guard.MayCase(c.ctx, c.op.Verb, &k); err != nil {
		return nil, err
	}
	return a.once(c, func() (any, error) { return a.done(decide(&k)) })
}

// step is a decision that needs nothing but the case.
func (a *API) step(decide escalation.Decide) handler {
	return func(c *call) (any, error) {
		if err := c.empty(); err != nil {
			return nil, err
		}
		return a.deed(c, func(k *flows.Case) (flows.Case, error) {
			return a.Steps.Answer(c.ctx, c.who.Member.ID, k.ID, Program, decide)
		})
	}
}

func (a *API) handOver(c *call) (any, error) {
	var in struct {
		Member flows.MemberID `json:"member"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	return a.deed(c, func(k *flows.Case) (flows.Case, error) {
		to, known := a.Names.Member(in.Member)
		if !known || !slices.ContainsFunc(a.Team(k), func(m flows.Member) bool { return m.ID == to.ID }) {
			return *k, unfit("no_member", "member: expected somebody whom the case can be given to")
		}
		return a.Steps.Answer(c.ctx, c.who.Member.ID, k.ID, Program,
			func(now time.Time, k flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
				return escalation.HandOver(now, k, m, to, via, w)
			})
	})
}

func (a *API) closeCase(c *call) (any, error) {
	var in struct {
		Outcome string `json:"outcome"`
		Why     string `json:"why"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if !a.Catalogue.Ends(in.Outcome, in.Why) {
		return nil, unfit("no_outcome", "expected an outcome of record.yaml with one of its reasons")
	}
	return a.deed(c, func(k *flows.Case) (flows.Case, error) {
		return a.Steps.Answer(c.ctx, c.who.Member.ID, k.ID, Program,
			func(now time.Time, k flows.Case, m flows.Member, via flows.Channel, w escalation.World) (flows.Change, error) {
				return escalation.CloseAs(now, k, m, via, in.Outcome, in.Why, w)
			})
	})
}

// question is a reviewed question as its reporter will read it.
type question struct {
	Question string `json:"question"`
	Text     string `json:"text"`
	Waits    bool   `json:"waits"`
}

func (a *API) listQuestions(c *call) (any, error) {
	k, err := a.find(c)
	if err == nil {
		err = a.Guard.MayCase(c.ctx, c.op.Verb, &k)
	}
	if err != nil {
		return nil, err
	}
	of, err := a.Questions.Asking(c.ctx, k)
	if err != nil {
		return nil, err
	}
	list := []question{}
	for _, q := range of.Questions {
		list = append(list, question{q.Key, q.Text, q.Waits})
	}
	return struct {
		Refused   escalation.Refusal `json:"refused,omitempty"`
		Questions []question         `json:"questions"`
	}{of.Refused, list}, nil
}

func (a *API) askQuestion(c *call) (any, error) {
	var in struct {
		Question string `json:"question"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	return a.deed(c, func(k *flows.Case) (flows.Case, error) {
		return a.Questions.Ask(c.ctx, c.who.Member.ID, k.ID, Program, in.Question)
	})
}
