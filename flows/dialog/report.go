package dialog

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/places"
	"hotline/flows/sms"
)

// file puts what was answered so far into the case, and files it if there is
// none yet. "Not in danger" alone says nothing and files nothing: who hangs up
// then is a silent contact and wakes nobody.
func (st *step) file(_ context.Context, _ string) (string, error) {
	v := st.sess.Vars
	says := v[varDanger] == "yes" || v[varKind] != "" || v[varPlace] != "" || isAge(v[varAge])
	if !st.filed() && !says {
		return "ok", nil
	}
	return "ok", st.refine(func(c *flows.Case) {
		c.Danger = c.Danger || v[varDanger] == "yes"
		c.Contact = v[varContact] == "yes"
		if v[varKind] != "" {
			c.Kind = v[varKind]
		}
		if isAge(v[varAge]) {
			c.Age = v[varAge]
		}
		if v[varPlace] != "" {
			c.Place = flows.PlaceID(v[varPlace])
		}
	})
}

// refine changes what is known of the case, files it if need be, and lets the
// ladder know when that makes it more urgent or tells where it is.
func (st *step) refine(set func(c *flows.Case)) error {
	fresh := !st.filed()
	ch, err := st.change()
	if err != nil {
		return err
	}
	before := ch.Case.Clone()
	set(&ch.Case)
	want := severity(&ch.Case)
	if fresh {
		ch.Case.Severity = want
		ch.Arm(flows.TimerIntake, st.now.Add(st.intake(want)))
		return nil
	}
	learned := learned(&before, &ch.Case)
	if learned == "" && want == before.Severity {
		return nil
	}
	if learned != "" {
		ch.Log(flows.Event{Kind: flows.EventRefined, Reason: learned, Level: ch.Case.Level, Via: st.in.Channel})
	}
	if ch.Case.Status == flows.StatusIntake {
		st.hasten(ch, want)
		return nil
	}
	return st.reroute(before.Place, want)
}

// learned names the facts that an answer added, for the timeline.
func learned(a, b *flows.Case) string {
	var what []string
	for _, f := range []struct {
		name string
		new  bool
	}{
		{"danger", a.Danger != b.Danger}, {"kind", a.Kind != b.Kind}, {"place", a.Place != b.Place},
		{"age", a.Age != b.Age}, {"contact", a.Contact != b.Contact}, {"text", len(a.Texts) != len(b.Texts)},
	} {
		if f.new {
			what = append(what, f.name)
		}
	}
	return strings.Join(what, "+")
}

// hasten raises the severity of a case that is not routed yet, and brings the
// end of its intake forward if that is now too far.
func (st *step) hasten(ch *flows.Change, want flows.Severity) {
	if want == ch.Case.Severity {
		return
	}
	ch.Case.Severity = want
	ch.Log(flows.Event{Kind: flows.EventRaised, Reason: "answer", Via: st.in.Channel})
	soonest := ch.Case.Opened.Add(st.intake(want))
	if due, ok := ch.Case.Timers[flows.TimerIntake]; !ok || due > flows.Millis(soonest) {
		ch.Arm(flows.TimerIntake, soonest)
	}
}

// intake is how long a case waits for the rest of its dialogue.
func (st *step) intake(sev flows.Severity) time.Duration {
	switch {
	case sev == flows.Urgent:
		return st.Settings.IntakeUrgent
	case st.in.Channel == flows.SMS:
		return st.Settings.IntakeText
	}
	return st.Settings.IntakeCall
}

// reroute tells the ladder of a case that is under way what has been learned.
func (st *step) reroute(place flows.PlaceID, want flows.Severity) error {
	c := st.moved.Case
	if c.Status == flows.StatusClosed {
		return nil
	}
	if want != c.Severity {
		next, err := escalation.Raise(st.now, c, flows.Member{}, st.in.Channel, st.guide.World)
		if err != nil {
			return fmt.Errorf("raise case %s: %w", c.ID, err)
		}
		st.then(next)
	}
	return nil
}

// note files a text as it was received.
func (st *step) note(ctx context.Context, input string) (string, error) {
	return "ok", st.tell(ctx, input)
}

// tell seals a text into the case, and looks for what it says. The text is kept
// to the byte; only copies are folded to be read.
func (st *step) tell(ctx context.Context, text string) error {
	n := 1
	if st.filed() {
		n = len(st.current().Texts) + 1
	}
	field := fmt.Sprintf("text/%d", n)
	data, err := st.Vault.Seal(ctx, st.sess.CaseID, field, []byte(text))
	if err != nil {
		return fmt.Errorf("seal a text: %w", err)
	}
	found := st.Words.Find(text)
	return st.refine(func(c *flows.Case) {
		c.Texts = append(c.Texts, flows.Sealed{Field: field, Data: data})
		c.Danger = c.Danger || found.Danger
		if c.Kind == "" {
			c.Kind = found.Kind
		}
	})
}

// findPlace looks up what was typed. What is in no list is kept as it was
// typed: somebody at the provincial desk may know it.
func (st *step) findPlace(ctx context.Context, input string) (string, error) {
	a := st.guide.Places.Find(input, places.Hint{})
	switch {
	case a.Confirm && a.Place != "":
		st.set(varGuess, string(a.Place))
		st.set(varPlaceName, sms.Unaccent(st.guide.Within(a.Place)))
		return "confirm", nil
	case a.Place != "":
		return "found", st.settle(ctx, a.Place)
	case len(a.Options) > 0:
		st.sess.Options = st.options(a.Options)
		return "list", nil
	}
	return "none", st.tell(ctx, input)
}

func (st *step) options(ids []flows.PlaceID) []flows.Option {
	out := make([]flows.Option, 0, len(ids))
	for _, id := range ids {
		out = append(out, flows.Option{Value: string(id), Label: sms.Unaccent(st.guide.Within(id))})
	}
	return out
}

// settle takes a place as the one that was meant.
func (st *step) settle(ctx context.Context, id flows.PlaceID) error {
	st.set(varPlace, string(id))
	st.set(varPlaceName, sms.Unaccent(st.guide.Name(id)))
	delete(st.sess.Vars, varGuess)
	_, err := st.file(ctx, "")
	return err
}

func (st *step) placeYes(ctx context.Context, _ string) (string, error) {
	return "ok", st.settle(ctx, flows.PlaceID(st.sess.Vars[varGuess]))
}

func (st *step) pickPlace(ctx context.Context, input string) (string, error) {
	for _, o := range st.sess.Options {
		if o.Value == input {
			st.sess.Options = nil
			return "ok", st.settle(ctx, flows.PlaceID(input))
		}
	}
	return "none", nil
}

// noPlace leaves the place open: the provincial desk takes such a case.
func (st *step) noPlace(ctx context.Context, _ string) (string, error) {
	for _, name := range []string{varPlace, varPlaceName, varGuess} {
		delete(st.sess.Vars, name)
	}
	return st.file(ctx, "")
}

// finish ends a report: its receipt is drawn and it is routed. The digits go to
// the last screen and nowhere else; the case keeps keyed hashes.
func (st *step) finish(ctx context.Context, _ string) (string, error) {
	if _, err := st.file(ctx, ""); err != nil {
		return "", err
	}
	if !st.filed() {
		return "nothing", nil
	}
	if err := st.receipt(); err != nil {
		return "", err
	}
	return "receipt", st.route()
}

// receipt gives the case its receipt. A dialogue that was answered twice gets a
// new one: the first was never shown.
func (st *step) receipt() error {
	r, err := flows.NewReceipt(st.Random, st.sess.CaseID.Partition(), st.Settings.Partitions)
	if err != nil {
		return err
	}
	ch, err := st.change()
	if err != nil {
		return err
	}
	ch.Case.Receipt, ch.Case.PIN = st.Keys.Receipt(r.Number), st.Keys.PIN(r.Number, r.PIN)
	st.set(varReceipt, r.Groups())
	st.set(varPIN, r.PIN)
	return nil
}
