package engine

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"hotline/flows"
)

// plainFile says how the texts of a language go to phones; see [LoadPlainTexts].
const plainFile = "plain.yaml"

// LoadPlainTexts reads the texts as [LoadTexts] does, and makes the form for
// phones of every language with a plain.yaml: each text goes through plain, but
// for the keys whose plain form would say something else, which stand there in
// other words, and for those that are spoken or read on a computer. The error is
// [Faults].
func LoadPlainTexts(fsys fs.FS, plain func(string) string) (flows.Texts, error) {
	all, err := readTexts(fsys)
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(fsys, "locales/*/"+plainFile)
	if err != nil {
		return nil, err
	}
	var faults Faults
	for _, name := range files {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		p := readPlain(name, data, &faults)
		p.apply(all[path.Base(path.Dir(name))], plain, &faults)
	}
	if len(faults) > 0 {
		return nil, faults.sort()
	}
	return all.texts(), nil
}

// plainForm is what a plain.yaml says.
type plainForm struct {
	accented []string // keys, or their first words, whose texts stay as they are written
	instead  []pair   // key and wording
}

func readPlain(name string, data []byte, faults *Faults) plainForm {
	var p plainForm
	root := document(name, data, faults)
	if root == nil {
		return p
	}
	r := reader{file: name, faults: faults}
	for _, f := range r.fields(root, "plain") {
		switch f.key {
		case "accented":
			p.accented = r.list(f.value, f.key)
		case "instead":
			p.instead = r.dict(f.value, f.key)
		default:
			faults.add(f.at, "plain: unknown key %q; known are accented, instead", f.key)
		}
	}
	return p
}

// apply makes the texts of a language plain.
func (p plainForm) apply(texts map[string]word, plain func(string) string, faults *Faults) {
	for key, has := range texts {
		if !p.keeps(key) {
			has.text = plain(has.text)
			texts[key] = has
		}
	}
	for _, w := range p.instead {
		has, known := texts[w.key]
		switch {
		case !known:
			faults.add(w.at, "instead: there is no text %s", w.key)
			continue
		case p.keeps(w.key):
			faults.add(w.at, "instead: text %s keeps its accents", w.key)
		case plain(w.value) != w.value:
			faults.add(w.at, "instead: the words for %s are not plain themselves", w.key)
		case has.text == w.value:
			faults.add(w.at, "instead: text %s reads so already", w.key)
		case !slices.Equal(placeholders(has.text), placeholders(w.value)):
			faults.add(w.at, "instead: text %s has other placeholders", w.key)
		}
		has.text = w.value
		texts[w.key] = has
	}
}

// keeps reports whether a key is one of the accented, or begins with its words.
func (p plainForm) keeps(key string) bool {
	return slices.ContainsFunc(p.accented, func(first string) bool { return key == first || strings.HasPrefix(key, first+".") })
}

// placeholders are the names in a text, in an order of their own.
func placeholders(text string) []string {
	names := newTemplate(text).names()
	slices.Sort(names)
	return names
}
