package dialog

import (
	"context"

	"hotline/flows"
)

// myAlerts lists the cases that wait for the responder who calls.
func (st *step) myAlerts(ctx context.Context, _ string) (string, error) {
	open, _, err := st.concerning(ctx)
	if err != nil {
		return "", err
	}
	return st.list(open), nil
}

// myCases lists the cases that the responder holds.
func (st *step) myCases(ctx context.Context, _ string) (string, error) {
	_, held, err := st.concerning(ctx)
	if err != nil {
		return "", err
	}
	return st.list(held), nil
}

// list puts cases on the screen, numbered.
func (st *step) list(cases []flows.Case) string {
	st.sess.Options = nil
	for _, c := range cases {
		key := "staff.line"
		if c.Severity == flows.Urgent {
			key = "staff.line_urgent"
		}
		st.sess.Options = append(st.sess.Options, flows.Option{
			Value: string(c.Ref),
			Label: st.text(key, "ref", string(c.Ref), "at", st.clock(c.Opened)),
		})
	}
	if len(cases) == 0 {
		return "none"
	}
	return "some"
}

// chosen is the case that the responder picked from the list.
func (st *step) chosen(ctx context.Context, input string) (*flows.Case, error) {
	ref := st.sess.Vars[varRef]
	if ref == "" {
		ref = input
	}
	parsed, ok := flows.ParseRef(ref)
	if !ok {
		return nil, nil
	}
	return st.theirs(ctx, parsed)
}

func (st *step) takeChosen(ctx context.Context, input string) (string, error) {
	c, err := st.chosen(ctx, input)
	if err != nil || c == nil {
		return "refused", err
	}
	st.set(varRef, string(c.Ref))
	outcome, _, err := st.take(ctx, *c)
	if err == nil && outcome == "already" {
		err = st.late(ctx, c.ID)
	}
	return outcome, err
}

// declineChosen says no to the case that was picked, or gives it back. why is a
// code of package escalation.
func (st *step) declineChosen(ctx context.Context, why string) (string, error) {
	c, err := st.chosen(ctx, "")
	if err != nil || c == nil {
		return "refused", err
	}
	outcome, _, err := st.decline(ctx, *c, why)
	if err == nil && outcome == "already" {
		err = st.late(ctx, c.ID)
	}
	return outcome, err
}

// late tells the flow who was faster.
func (st *step) late(ctx context.Context, id flows.CaseID) error {
	c, err := st.Cases.Case(ctx, id)
	if err != nil {
		return err
	}
	st.set(varWho, st.nameOf(c.Holder))
	st.set(varAt, st.clock(c.Taken))
	return nil
}

// asReporter lets a responder report like anybody else. The flow goes on to the
// report; what it files is theirs as a reporter and says nothing of their duty.
func (st *step) asReporter(_ context.Context, _ string) (string, error) {
	delete(st.sess.Vars, varRef)
	st.sess.Options = nil
	return "ok", nil
}
