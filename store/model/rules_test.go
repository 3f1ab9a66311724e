package model_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hotline/flows"
	"hotline/store/journal"
)

// facts are what a board shows of an image.
type facts struct {
	cases   []flows.Case
	waiting map[flows.MessageID]bool
	err     error
}

// facts reads an image with the store's own eyes and holds it to the rules that
// need nothing else.
func (w *world) facts(img *image) *facts {
	if known := w.known[img.key]; known != nil {
		return known
	}
	f := &facts{waiting: map[flows.MessageID]bool{}}
	var places []string
	for _, id := range cases(img) {
		whole, err := w.whole(img, id)
		if err != nil {
			f.err = err
			break
		}
		c := whole.Case
		f.cases = append(f.cases, c)
		switch {
		case len(c.Timers) > 0:
			places = append(places, fmt.Sprintf("%s=%d", id, slices.Min(slices.Collect(maps.Values(c.Timers)))))
		case c.IsOpen():
			places = append(places, fmt.Sprintf("%s=%d", id, int64(50e12)))
		}
		for _, m := range whole.Waiting {
			f.waiting[m.ID] = true
		}
		f.err = errors.Join(f.err, caseIsWhole(&c, whole.Timeline), w.isFound(&c), reasoned(whole.Timeline), concerned(&whole), taken(&c, w.broken))
	}
	f.err = errors.Join(f.err, f.indexed(img, places), img.secret())
	w.known[img.key] = f
	return f
}

// caseIsWhole: an open case has a next timer, the ladder is over when the case is
// taken, and the timeline knows of every alert.
func caseIsWhole(c *flows.Case, line []flows.Event) error {
	var errs []error
	if c.IsOpen() && len(c.Timers) == 0 && c.NoTimer == "" {
		errs = append(errs, errors.New("an open case has no timer"))
	}
	if _, ladder := c.Timers[flows.TimerLadder]; ladder && c.Status != flows.StatusOpen {
		errs = append(errs, fmt.Errorf("a case that is %s has a ladder", c.Status))
	}
	for _, a := range c.Alerts {
		n := 0
		for _, e := range line {
			if e.Kind == flows.EventAlerted && e.Message == a.ID {
				n++
			}
		}
		if n != 1 {
			errs = append(errs, fmt.Errorf("the timeline tells %d times of alert %s", n, number(a.ID)))
		}
	}
	return errors.Join(errs...)
}

func number(id flows.MessageID) string {
	_, n, _ := strings.Cut(string(id), "/")
	return n
}

// isFound: the reference that people dictate leads to this case.
func (w *world) isFound(c *flows.Case) error {
	found, err := w.server.store.CaseByRef(context.Background(), c.Ref)
	if err != nil || found.ID != c.ID {
		return fmt.Errorf("a reference leads to another case")
	}
	return nil
}

// indexed: workers and board find exactly the open cases, each at its first timer,
// and no message waits without its words.
func (f *facts) indexed(img *image, places []string) error {
	var errs []error
	var have []string
	for member, due := range img.data["hl:{p00}:timers"].scored {
		have = append(have, fmt.Sprintf("%s=%.0f", member, due))
	}
	slices.Sort(have)
	slices.Sort(places)
	if !slices.Equal(have, places) {
		errs = append(errs, fmt.Errorf("workers find %d cases of %d, or at another time", len(have), len(places)))
	}
	queued := img.data["hl:{p00}:outbox"].scored
	for id := range f.waiting {
		if _, ok := queued[string(id)]; !ok {
			errs = append(errs, fmt.Errorf("message %s will never leave", number(id)))
		}
	}
	for i := range f.cases {
		for _, a := range f.cases[i].Alerts {
			if a.Delivery == flows.Queued && !f.waiting[a.ID] && img.data["hl:{p00}:dead"].hash[string(a.ID)] == "" {
				errs = append(errs, fmt.Errorf("alert %s is neither out nor waiting", number(a.ID)))
			}
		}
	}
	return errors.Join(errs...)
}

// check holds a state to what was promised to people.
func (w *world) check(s *state) error {
	f := w.facts(s.image)
	if f.err != nil {
		return f.err
	}
	errs := []error{w.toldIsTrue(s.told, f.cases, "the board"), w.once(s, f), w.heard(s)}
	if w.journal {
		var written []flows.Case
		_, all := w.fold(s)
		for i := range all {
			written = append(written, all[i].Case)
		}
		written = w.soon(s, written)
		errs = append(errs, w.toldIsTrue(s.told, written, "the journal"), w.leak)
	}
	return errors.Join(errs...)
}

// toldIsTrue: what somebody was told is so. Two people never hold one case.
func (w *world) toldIsTrue(told []string, have []flows.Case, where string) error {
	reporters, holder := map[string]string{}, ""
	for _, fact := range told {
		if member, ok := strings.CutPrefix(fact, "taken by "); ok {
			if holder != "" && holder != member {
				return errors.New("two people were told that the case is theirs")
			}
			holder = member
		}
		if strings.HasPrefix(fact, "filed") {
			who, reply, _ := strings.Cut(fact, ": ")
			if first, again := reporters[who]; again && first != reply {
				return fmt.Errorf("the same text was answered in two ways: %q, %q", first, reply)
			}
			reporters[who] = reply
		}
	}
	if len(have) < len(reporters) {
		return fmt.Errorf("%d reporters were told that their report is here, %s has %d", len(reporters), where, len(have))
	}
	if holder != "" && (len(have) != 1 || string(have[0].Holder) != holder) {
		return fmt.Errorf("somebody was told that the case is theirs, and %s does not say so", where)
	}
	return nil
}

// soon adds what living processes hold for the journal. A report is safe without
// it while Redis keeps everything, so only both lost at once would lose it.
func (w *world) soon(s *state, written []flows.Case) []flows.Case {
	if w.sole {
		return written
	}
	for i := range s.procs {
		if s.procs[i].record == nil {
			continue
		}
		ch, err := journal.Decode(*s.procs[i].record)
		if err != nil {
			w.t.Fatal(err)
		}
		written = slices.DeleteFunc(slices.Clone(written), func(c flows.Case) bool { return c.ID == ch.Case.ID && c.Version < ch.Case.Version })
		if !slices.ContainsFunc(written, func(c flows.Case) bool { return c.ID == ch.Case.ID }) {
			written = append(written, ch.Case)
		}
	}
	return written
}

// once: a report is one case, a message leaves once, and again only marked and
// after a fault; and nothing is told as sent that never left.
func (w *world) once(s *state, f *facts) error {
	var errs []error
	phones := map[string]bool{}
	for _, a := range w.actors {
		if _, phone, ok := strings.Cut(a.name, "text from "); ok {
			phones[strings.TrimSuffix(phone, " again")] = true
		}
	}
	if n := max(1, len(phones)); len(f.cases) > n && !s.wiped {
		errs = append(errs, fmt.Errorf("%d cases of %d reporters", len(f.cases), n))
	}
	for id, a := range s.taken {
		if a.Unmarked > 1 {
			errs = append(errs, fmt.Errorf("message %s left twice, not marked", number(id)))
		}
		if a.N > 1+s.doubts {
			errs = append(errs, fmt.Errorf("message %s left %d times after %d faults", number(id), a.N, s.doubts))
		}
	}
	for i := range f.cases {
		for id, n := range w.sentBy(s.image, f.cases[i].ID) {
			if n > s.taken[id].N {
				errs = append(errs, fmt.Errorf("the timeline says %d times that message %s left, it did %d times", n, number(id), s.taken[id].N))
			}
		}
	}
	return errors.Join(errs...)
}

// sentBy counts what the timeline says has left.
func (w *world) sentBy(img *image, id flows.CaseID) map[flows.MessageID]int {
	if known, ok := w.sent[img.key+string(id)]; ok {
		return known
	}
	n := map[flows.MessageID]int{}
	whole, err := w.whole(img, id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range whole.Timeline {
		if e.Kind == flows.EventSent {
			n[e.Message]++
		}
	}
	w.sent[img.key+string(id)] = n
	return n
}

// early: a timer does nothing before it is due.
func (w *world) early(s *state, i int, e effect) error {
	if e.kept == nil || !strings.HasPrefix(w.actors[i].name, "ladder") {
		return nil
	}
	for _, c := range w.facts(s.image).cases {
		for _, due := range c.Timers {
			if c.ID == e.kept.Case.ID && due <= flows.Millis(w.now(s)) {
				return nil
			}
		}
	}
	return errors.New("the ladder moved before anything was due")
}

// forward: a case never goes back to an earlier version, and moves by one.
func (w *world) forward(from *state, st step) error {
	if st.back {
		return nil
	}
	before := w.facts(from.image).cases
	for _, c := range w.facts(st.to.image).cases {
		was := int64(0)
		for i := range before {
			if before[i].ID == c.ID {
				was = before[i].Version
			}
		}
		if c.Version < was || c.Version > was+1 {
			return fmt.Errorf("a case went from version %d to %d", was, c.Version)
		}
	}
	return nil
}

// mails reports whether somebody sends messages in this scenario.
func (w *world) mails() bool {
	return slices.ContainsFunc(w.actors, func(a actor) bool { return strings.HasPrefix(a.name, "mail") })
}

// settled reports whether everybody has been answered and nothing waits.
func (w *world) settled(s *state) bool {
	for i, p := range s.procs {
		if !w.actors[i].works && !p.done {
			return false
		}
	}
	for _, c := range w.facts(s.image).cases {
		for _, a := range c.Alerts {
			if a.Delivery == flows.Queued && w.mails() {
				return false
			}
		}
	}
	return len(w.facts(s.image).cases) > 0
}
