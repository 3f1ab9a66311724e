package engine

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/flows"
)

// Rules are what the flows are held against before start. The zero value holds
// them against the rules of the hotline.
type Rules struct {
	// Longest are real values of placeholders, the longest there are, as the
	// longest name of a place in the directory. They must not be longer than
	// the flows allow for.
	Longest map[string]string
	// Session is how long the operator lets a USSD session live, and PerScreen
	// what a caller needs to read and answer one screen: 180 s and 20 s.
	Session, PerScreen time.Duration
	// Private are placeholders that no text to a reporter may hold.
	Private []string
	// Packs are the language packs: their forbidden words and reviews.
	Packs []Pack
}

func (r Rules) complete() Rules {
	if r.Session == 0 {
		r.Session = 180 * time.Second
	}
	if r.PerScreen == 0 {
		r.PerScreen = 20 * time.Second
	}
	if r.Private == nil {
		r.Private = []string{"place", "place_name", "guess", "who", "name", "child", "kind"}
	}
	return r
}

// Report is what a check found, and how far it looked.
type Report struct {
	States, Paths, Screens int
	Faults                 Faults
}

// Print writes the faults, one a line, and what was explored.
func (r Report) Print(w io.Writer) error {
	for _, f := range r.Faults {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d states, %d paths, %d screens explored; %d faults\n", r.States, r.Paths, r.Screens, len(r.Faults))
	return err
}

// Check explores every path of every flow in every language and channel, and
// reports all that would be wrong for a caller.
func (set *Set) Check(rules Rules) Report {
	c := &checker{set: set, rules: rules.complete(), screens: map[string]bool{}, told: map[string]bool{}, seen: map[view]bool{}}
	c.structure()
	c.texts()
	c.packs()
	c.explore()
	c.report.Screens = len(c.screens)
	for _, provider := range slices.Sorted(maps.Keys(set.operators)) {
		c.report.join(provider, set.operators[provider].Check(rules))
	}
	c.report.Faults = c.report.Faults.sort()
	return c.report
}

// join adds what was found for one provider: what is wrong for it alone says so.
func (r *Report) join(provider string, other Report) {
	r.States, r.Paths, r.Screens = r.States+other.States, r.Paths+other.Paths, r.Screens+other.Screens
	for _, f := range other.Faults {
		if !slices.Contains(r.Faults, f) {
			f.Text = "for " + provider + ": " + f.Text
			r.Faults = append(r.Faults, f)
		}
	}
}

type checker struct {
	set     *Set
	rules   Rules
	report  Report
	screens map[string]bool // every text that was drawn
	seen    map[view]bool   // and how it came to be
	told    map[string]bool // faults of screens that were reported
}

func (c *checker) add(at pos, format string, args ...any) { c.report.Faults.add(at, format, args...) }

// structure looks at the shape of the flows: what can be reached, and what ends.
func (c *checker) structure() {
	reached := map[*state]bool{}
	for _, fl := range c.set.flows {
		reach(fl.start.state, true, reached)
		targets := []target{fl.giveup, fl.home}
		for _, w := range fl.words {
			targets = append(targets, w.to)
			c.carries(fl, w)
		}
		for _, t := range targets {
			reach(t.state, true, reached)
		}
	}
	for _, fl := range c.set.flows {
		for _, st := range fl.states {
			c.report.States++
			if !reached[st] {
				c.add(st.at, "state %s cannot be reached", st.name)
				continue
			}
			c.exits(st)
			c.keys(st)
			c.resumes(st)
			if st.asks() && !surrenders(st, map[*state]bool{}) {
				c.add(st.at, "state %s: who only gives wrong answers never comes to an end", st.name)
			}
		}
	}
}

// surrenders reports whether wrong answers alone lead to an end.
func surrenders(st *state, seen map[*state]bool) bool {
	if st.ends() {
		return true
	}
	if seen[st] {
		return false
	}
	seen[st] = true
	defer delete(seen, st)
	for _, e := range st.edges() {
		if (e.giveup || st.passes()) && !surrenders(e.to, seen) {
			return false
		}
	}
	return true
}

// carries checks that a word leads to a flow that can be had on the same
// channels.
func (c *checker) carries(fl *flow, w exit) {
	for _, ch := range fl.channels {
		if !slices.Contains(w.to.state.flow.channels, ch) {
			c.add(w.at, "word %q leads to flow %s, which is not for %s", w.when, w.to.state.flow.name, ch)
		}
	}
}

// resumes checks that a reporter's dropped call is not taken up at a screen that
// shows what was said: somebody else may hold the phone by then.
func (c *checker) resumes(st *state) {
	if !st.asks() || st.flow.audience != "reporter" || st.resume.set() || !slices.Contains(st.flow.channels, flows.USSD) {
		return
	}
	shows := st.options
	for _, lang := range st.flow.languages {
		shows = shows || strings.Contains(c.set.text(lang, st.ask.ussd), "{")
	}
	if shows {
		c.add(st.at, "state %s shows what was said: resume is missing, the question to go on with after a dropped call", st.name)
	}
}

// exits checks that a question has a way to an end that is not giving up.
func (c *checker) exits(st *state) {
	if st.ends() {
		return
	}
	seen := map[*state]bool{}
	reach(st, false, seen)
	goesBack := st.asks() && slices.ContainsFunc(st.choices, func(ch choice) bool { return ch.move.next.kind == toBack || ch.move.next.kind == toHome })
	switch {
	case len(seen) == 1 && !goesBack:
		c.add(st.at, "state %s is a dead end", st.name)
	case !goesBack && !ends(seen):
		c.add(st.at, "state %s is in a loop without exit", st.name)
	}
}

func ends(seen map[*state]bool) bool {
	for st := range seen {
		if st.ends() {
			return true
		}
	}
	return false
}

// keys checks the numbers of the lines: none skipped, none that means two
// things, no two lines alike.
func (c *checker) keys(st *state) {
	next := '1'
	for _, ch := range st.choices {
		key := ch.key
		switch {
		case key == c.set.keys.Back || key == c.set.keys.Home || key == c.set.keys.More:
			c.add(ch.at, "choice %s hides the key of the same number that means back, home or more", key)
		case st.options && key != "0":
			c.add(ch.at, "choice %s means a line of the list as well", key)
		case len(key) == 1 && key >= "1" && key <= "8" && !ch.hidden:
			if rune(key[0]) != next {
				c.add(ch.at, "choice %s follows %c: keys are skipped or out of order", key, next-1)
			}
			next = rune(key[0]) + 1
		}
	}
	for _, lang := range st.flow.languages {
		c.alike(st, lang)
	}
}

func (c *checker) alike(st *state, lang string) {
	labels := map[string]string{}
	for _, ch := range st.choices {
		if ch.hidden {
			continue
		}
		label := strings.ToLower(c.set.text(lang, ch.label))
		if first, double := labels[label]; double {
			c.add(ch.at, "choices %s and %s read the same in %s", first, ch.key, lang)
		}
		labels[label] = ch.key
	}
}

// texts looks for texts that no flow uses, and for texts that a language lacks.
func (c *checker) texts() {
	used := map[string]bool{backText: true, moreText: true}
	spaces := map[string]bool{"menu": true}
	languages := c.set.languages()
	for _, fl := range c.set.flows {
		spaces[fl.name] = true
		for _, key := range fl.texts {
			used[key] = true
		}
		for _, st := range fl.states {
			for _, u := range st.uses() {
				used[u.key] = true
				c.sends(fl, u)
			}
		}
	}
	for _, lang := range languages {
		for key, w := range c.set.words[lang] {
			c.bland(lang, key, w)
			space, _, _ := strings.Cut(key, ".")
			if spaces[space] && !used[key] {
				c.add(w.at, "text %s is used by no flow", key)
			}
			for _, other := range languages {
				if _, ok := c.set.words[other][key]; !ok {
					c.add(w.at, "text %s is missing in %s", key, other)
				}
			}
		}
	}
}

// sends checks the placeholders of a text that a flow sends to reporters by SMS.
func (c *checker) sends(fl *flow, u textUse) {
	if fl.audience == responderAudience || !slices.Contains(fl.channels, flows.SMS) {
		return
	}
	for _, lang := range fl.languages {
		c.private(u.at, u.key, newTemplate(c.set.text(lang, u.key)))
	}
}

// bland checks a text that is sent to reporters by SMS outside of any flow. Its
// real values are known only where the rules give them.
func (c *checker) bland(lang, key string, w word) {
	if !strings.HasPrefix(key, smsSpace) {
		return
	}
	t := newTemplate(w.text)
	c.private(w.at, key, t)
	text := t.fill(func(name string) string { return c.rules.Longest[name] })
	if units, fits := c.set.measure(text, flows.SMS); !fits {
		c.add(w.at, "text %s in %s is longer than one SMS: %d characters", key, lang, units)
	}
	for _, word := range c.forbidden(lang, text) {
		c.add(w.at, "text %s in %s holds the forbidden word %q", key, lang, word)
	}
}

// private checks that a text to a reporter's phone names nobody and no place.
func (c *checker) private(at pos, key string, t template) {
	for _, name := range t.names() {
		if slices.Contains(c.rules.Private, name) {
			c.once(at, fmt.Sprintf("text %s goes to reporters by sms and may not hold {%s}", key, name), "")
		}
	}
}

// smsSpace begins the keys of all texts to reporters by SMS, and
// responderAudience marks flows that no reporter sees.
const (
	smsSpace          = "sms."
	responderAudience = "responder"
)

// languages are all languages that flows speak.
func (set *Set) languages() []string {
	all := map[string]bool{}
	for _, fl := range set.flows {
		for _, lang := range fl.languages {
			all[lang] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// drawn measures a screen that a caller can come to.
func (c *checker) drawn(s *flows.Session, st *state) {
	text, _ := c.set.write(s, st)
	c.screens[s.Language+string(s.Channel)+text] = true
	units, fits := c.set.measure(text, s.Channel)
	at := st.ask.at
	if st.ends() {
		at = st.end.at
	} else if s.Tries > 0 {
		at = st.again.at
	}
	if !fits {
		c.once(at, fmt.Sprintf("screen %s in %s by %s is too long", st.path, s.Language, s.Channel), fmt.Sprintf(": %d characters in %q", units, text))
	}
	if s.Channel == flows.SMS && st.flow.audience != responderAudience {
		for _, word := range c.forbidden(s.Language, text) {
			c.once(at, fmt.Sprintf("screen %s in %s by sms holds the forbidden word %q", st.path, s.Language, word), "")
		}
	}
}

// once reports a fault of a screen the first time that it is seen.
func (c *checker) once(at pos, fault, detail string) {
	if !c.told[fault] {
		c.told[fault] = true
		c.add(at, "%s", fault+detail)
	}
}

// forbidden lists the words of a text that a reporter's phone must not show.
func (c *checker) forbidden(lang, text string) []string {
	var out []string
	said := " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return strings.ContainsRune(" \n.,:;?!()\"'/", r)
	}), " ") + " "
	for _, p := range c.rules.Packs {
		if p.Language != lang {
			continue
		}
		for _, word := range p.Forbidden {
			if strings.Contains(said, " "+strings.ToLower(word)+" ") {
				out = append(out, word)
			}
		}
	}
	return out
}
