package engine

import (
	"strings"
	"unicode/utf8"

	"hotline/flows"
)

// screens are the prepared texts of a state in one language and channel.
type screens struct {
	first template // the question and its numbered lines
	again template // the same in simpler words
	tail  string   // lines that come after a list from data
	back  string   // and the line that leads back from its first page
}

// template is a text cut at its placeholders: literal, name,
// literal, and so on.
type template []string

func newTemplate(text string) template {
	var t template
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			return append(t, text)
		}
		end := strings.IndexByte(text[open:], '}')
		if end < 0 {
			return append(t, text)
		}
		t = append(t, text[:open], text[open+1:open+end])
		text = text[open+end+1:]
	}
}

// names are the placeholders.
func (t template) names() []string {
	var out []string
	for i := 1; i < len(t); i += 2 {
		out = append(out, t[i])
	}
	return out
}

// fill puts the values in.
func (t template) fill(value func(string) string) string {
	if len(t) == 1 {
		return t[0]
	}
	var b strings.Builder
	for i, s := range t {
		if i%2 == 1 {
			s = value(s)
		}
		b.WriteString(s)
	}
	return b.String()
}

// prepare puts together what can be known before anybody calls.
func (set *Set) prepare() {
	for _, fl := range set.flows {
		for _, st := range fl.states {
			if !st.asks() && !st.ends() {
				continue
			}
			for ch := range st.screens {
				st.screens[ch] = map[string]*screens{}
				for _, lang := range fl.languages {
					st.screens[ch][lang] = set.compose(st, lang, ch)
				}
			}
		}
	}
}

func (set *Set) compose(st *state, lang string, ch int) *screens {
	if st.ends() {
		end := newTemplate(set.text(lang, st.end.key(ch)))
		return &screens{first: end, again: end}
	}
	var lines strings.Builder
	for _, c := range st.choices {
		if !c.hidden {
			lines.WriteString("\n" + c.key + " " + set.text(lang, c.label))
		}
	}
	tail := lines.String()
	sc := &screens{}
	if st.options {
		sc.tail, sc.back, tail = tail, set.backLine(st, ch, lang), ""
	} else {
		tail += set.backLine(st, ch, lang)
	}
	sc.first = newTemplate(set.text(lang, st.ask.key(ch)) + tail)
	sc.again = newTemplate(set.text(lang, st.again.key(ch)) + tail)
	return sc
}

// backLine tells how to go back, where that can be done.
func (set *Set) backLine(st *state, ch int, lang string) string {
	if ch != onUSSD || st.noBack || set.keys.Back == "" || st == st.flow.start.state {
		return ""
	}
	return "\n" + set.keys.Back + " " + set.text(lang, backText)
}

// The texts that belong to no flow.
const (
	backText = "menu.back"
	moreText = "menu.more"
)

func (set *Set) text(lang, key string) string { return set.words[lang][key].text }

// draw puts the screen of a state before the caller.
func (set *Set) draw(s *flows.Session, st *state) {
	text, fixed := set.write(s, st)
	if !fixed {
		text = set.fit(text, s.Channel)
	}
	s.Screen = flows.Reply{Text: text, End: st.ends()}
}

// write is the screen of a state, however long. It is fixed if nothing in it
// comes from a caller or from data: then the check before start has measured it.
func (set *Set) write(s *flows.Session, st *state) (text string, fixed bool) {
	if st.options {
		l := set.list(s, st)
		from, to := l.page()
		return l.text(from, to), false
	}
	sc := st.screens[channelIndex(s.Channel)][s.Language]
	t := sc.first
	if s.Tries > 0 {
		t = sc.again
	}
	return t.fill(func(name string) string { return set.value(st, s, name) }), len(t) == 1
}

// value is what stands for a placeholder, never longer than the flow allows.
func (set *Set) value(st *state, s *flows.Session, name string) string {
	v := set.plain(s.Vars[name])
	if longest, ok := st.flow.longest[name]; ok {
		v = clip(v, utf8.RuneCountInString(longest))
	}
	return v
}

// clip shortens a text to n characters.
func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return strings.TrimRight(s[:i], " ")
		}
		n--
	}
	return s
}

// fit cuts a text that is too long for its screen. The check before start makes
// sure that no shipped text is; a value from outside may be.
func (set *Set) fit(text string, ch flows.Channel) string {
	if _, ok := set.measure(text, ch); ok {
		return text
	}
	low, high := 0, utf8.RuneCountInString(text)
	for low < high {
		mid := (low + high + 1) / 2
		if _, ok := set.measure(clip(text, mid), ch); ok {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return clip(text, low)
}
