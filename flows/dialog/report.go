package dialog

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/places"
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
		if v[varContact] != "" {
			c.Contact, c.Hours = permission(v[varContact])
		}
		if v[varKind] != "" {
			c.Kind = v[varKind]
		}
		if isAge(v[varAge]) {
			c.Age = v[varAge]
		}
		if v[varPlace] != "" {
			st.stands(c, flows.PlaceID(v[varPlace]))
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
	before := ch.Case // what is compared below lies in the struct itself
	set(&ch.Case)
	if !fresh {
		if what := learned(&before, &ch.Case); what != "" {
			ch.Log(flows.Event{Kind: flows.EventRefined, Reason: what, Level: ch.Case.Level, Via: st.in.Channel})
		}
	}
	if ch.Case.Status != flows.StatusIntake {
		return st.reroute(before.Place)
	}
	want, why := st.guide.World.Policy.Severity(&ch.Case)
	if !fresh && want != before.Severity {
		ch.Log(flows.Event{Kind: flows.EventRaised, Reason: string(why), Via: st.in.Channel})
	}
	ch.Case.Severity = want
	st.wait(ch)
	return nil
}

// wait lets the rest of the dialogue come before the case is routed with what is
// known. Every answer prolongs it, within bounds.
func (st *step) wait(ch *flows.Change) {
	d := st.guide.World.Policy.Intake
	if st.in.Channel == flows.SMS && ch.Case.Severity != flows.Urgent {
		d = st.Settings.IntakeText
	}
	due, last := st.now.Add(d), ch.Case.Opened.Add(3*d)
	if last.Before(due) {
		due = last
	}
	ch.Arm(flows.TimerIntake, due)
}

// reroute lets the ladder of a case that is under way act on what was learned.
func (st *step) reroute(before flows.PlaceID) error {
	w, c := st.guide.World, st.moved.Case
	if c.Status == flows.StatusClosed {
		return nil
	}
	if want, _ := w.Policy.Severity(&c); want != c.Severity {
		next, err := escalation.Raise(st.now, c, flows.Member{}, st.in.Channel, w)
		if err != nil {
			return fmt.Errorf("raise case %s: %w", c.ID, err)
		}
		st.then(next)
	}
	if c = st.moved.Case; c.Place != before {
		if next := escalation.Route(st.now, c, w); len(next.Events) > 0 {
			st.then(next)
		}
	}
	return nil
}

// learned names the facts that an answer added, for the timeline.
func learned(a, b *flows.Case) string {
	var what []string
	for _, f := range [...]struct {
		name string
		new  bool
	}{
		{"danger", a.Danger != b.Danger},
		{"kind", a.Kind != b.Kind},
		{"place", a.Place != b.Place},
		{"hamlet", b.Hamlet != "" && a.Hamlet != b.Hamlet},
		{"age", a.Age != b.Age},
		{"contact", a.Contact != b.Contact || a.Hours != b.Hours},
		{"official", a.AgainstOfficial != b.AgainstOfficial},
		{"text", len(a.Texts) != len(b.Texts)},
	} {
		if f.new {
			what = append(what, f.name)
		}
	}
	return strings.Join(what, "+")
}

// note files a text as it was received.
func (st *step) note(ctx context.Context, input string) (string, error) {
	return "ok", st.tell(ctx, "text", input)
}

// stray takes what a menu did not understand. Words are a wrong key to the flow,
// but they are a report to us: they are filed before the question is repeated.
func (st *step) stray(ctx context.Context, input string) (string, error) {
	if isWords(input) {
		return "ok", st.tell(ctx, "text", input)
	}
	return "ok", nil
}

// isWords tells a text from a slip of the finger.
func isWords(s string) bool {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n >= 4
}

// tell seals a text into a field of the case, and looks for what it says. The text is kept
// to the byte; only copies are folded to be read.
func (st *step) tell(ctx context.Context, field, text string) error {
	sealed, err := st.seal(ctx, field, text)
	if err != nil {
		return err
	}
	found := st.Words.Find(text)
	if !st.filed() && st.in.Channel == flows.SMS && st.speaksOf(found.Language) {
		st.sess.Language = found.Language
	}
	return st.refine(func(c *flows.Case) {
		c.Texts = append(c.Texts, sealed)
		found.into(c)
	})
}

// into adds to a case what its words say.
func (f Found) into(c *flows.Case) {
	c.Danger = c.Danger || f.Danger
	// Whoever took the case keeps it: taking it away is for people to decide.
	c.AgainstOfficial = c.AgainstOfficial || f.Official && c.Status != flows.StatusTaken
	if c.Kind == "" {
		c.Kind = f.Kind
	}
}

// speaksOf reports whether the hotline has words in a language.
func (st *step) speaksOf(language string) bool { return len(st.Texts[language]) > 0 }

// seal closes a text for the next number of a field of the case.
func (st *step) seal(ctx context.Context, field, text string) (flows.Sealed, error) {
	n := 1
	if st.filed() {
		n = len(st.current().Texts) + 1
	}
	return st.sealAs(ctx, field+"/"+strconv.Itoa(n), text)
}

func (st *step) sealAs(ctx context.Context, field, text string) (flows.Sealed, error) {
	data, err := st.Vault.Seal(ctx, st.sess.CaseID, field, []byte(text))
	if err != nil {
		return flows.Sealed{}, fmt.Errorf("seal a text: %w", err)
	}
	st.told = true
	return flows.Sealed{Field: field, Data: data}, nil
}

// findPlace looks up what was typed. What is in no list is kept as it was
// typed: somebody at the provincial desk may know it.
func (st *step) findPlace(ctx context.Context, input string) (string, error) {
	a := st.find(input)
	if err := st.overhear(ctx, a, input); err != nil {
		return "", err
	}
	switch {
	case a.Confirm:
		st.set(varGuess, string(a.Place))
		st.set(varPlaceName, st.guide.Places.Label(a.Place))
		return "confirm", nil
	case a.Place != "":
		return "found", st.settle(ctx, a.Place)
	case len(a.Options) > 0:
		st.sess.Options = options(a)
		return "list", nil
	case a.Narrow != "":
		return "none", nil
	}
	return "none", st.tell(ctx, "place", input)
}

// find resolves a place as typed, with what an earlier answer was too wide for:
// "Tan Lap", and when asked again, the district of it; or the other way round.
func (st *step) find(input string) places.Answer {
	v := st.sess.Vars
	hint := places.Hint{Province: st.guide.province()}
	if wide := v[varWide]; wide != "" {
		name, area := wide, input
		if v[varNarrow] == string(places.ByCommune) {
			name, area = input, wide
		}
		delete(v, varWide)
		narrow := hint
		narrow.Area = area
		if a := st.guide.Places.Find(name, narrow); !a.None() && a.Narrow == "" {
			return a
		}
	}
	a := st.guide.Places.Find(input, hint)
	if a.Narrow != "" {
		// A text that many places fit is a name and nothing more.
		st.set(varWide, places.Fold(input))
		st.set(varNarrow, string(a.Narrow))
	}
	return a
}

func options(a places.Answer) []flows.Option {
	out := make([]flows.Option, len(a.Options))
	for i, id := range a.Options {
		out[i] = flows.Option{Value: string(id), Label: a.Labels[i]}
	}
	return out
}

// settle takes a place as the one that was meant.
func (st *step) settle(ctx context.Context, id flows.PlaceID) error {
	st.set(varPlace, string(id))
	st.set(varPlaceName, st.guide.Places.Label(id))
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
	for _, name := range []string{varPlace, varPlaceName, varGuess, varHamlets} {
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
	r, number, pin, err := st.drawReceipt(st.sess.CaseID.Partition())
	if err != nil {
		return err
	}
	ch, err := st.change()
	if err != nil {
		return err
	}
	ch.Case.Receipt, ch.Case.PIN = number, pin
	st.set(varReceipt, r.Groups())
	st.set(varPIN, r.PIN)
	return nil
}

// drawReceipt makes a receipt, from a prepared stock if there is one.
func (s *Service) drawReceipt(partition int) (r flows.Receipt, number, pin string, err error) {
	if s.Draw != nil {
		return s.Draw(partition)
	}
	r, err = flows.NewReceipt(s.Random, partition, s.Settings.Partitions)
	return r, s.Keys.Receipt(r.Number), s.Keys.PIN(r.Number, r.PIN), err
}
