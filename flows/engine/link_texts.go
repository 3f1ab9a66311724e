package engine

import "slices"

// textUse is one place where a flow names a text.
type textUse struct {
	key string
	at  pos
	// label marks the text of a numbered line.
	label bool
}

// uses are the texts that a state needs on the channels of its flow.
func (st *state) uses() []textUse {
	var out []textUse
	for _, p := range []prompt{st.ask, st.again, st.end} {
		for ch := range st.screens {
			key := p.key(ch)
			if key != "" && !slices.ContainsFunc(out, func(u textUse) bool { return u.key == key }) {
				out = append(out, textUse{key: key, at: p.at})
			}
		}
	}
	for _, c := range st.choices {
		if !c.hidden && st.ask.ussd != "" {
			out = append(out, textUse{c.label, c.at, true})
		}
	}
	return out
}

// words checks that every text is there in every language of the flow, and that
// its placeholders are among those the flow declares.
func (l linker) words(st *state) {
	for _, u := range st.uses() {
		for _, lang := range l.flow.languages {
			w, ok := l.set.words[lang][u.key]
			if !ok {
				l.faults.add(u.at, "text %s is missing in %s", u.key, lang)
				continue
			}
			l.placeholders(u, lang, w.text)
		}
	}
}

func (l linker) placeholders(u textUse, lang, text string) {
	for _, name := range newTemplate(text).names() {
		if _, ok := l.flow.longest[name]; !ok {
			l.faults.add(u.at, "text %s in %s: placeholder {%s} is not under longest of flow %s", u.key, lang, name, l.flow.name)
		}
	}
}
