package engine

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v4"

	"hotline/flows"
)

// packFile, keywordsFile and plainFile lie beside the texts of a language and are no texts.
const (
	packFile     = "pack.yaml"
	keywordsFile = "keywords.yaml"
)

// LoadTexts reads locales/<language>/*.yaml, flat maps of key and text, as they
// are written, and merges the files of a language; [LoadPlainTexts] makes them
// fit for phones. A key may stand only once in a language. A language without
// any text is left out. The error is [Faults].
func LoadTexts(fsys fs.FS) (flows.Texts, error) {
	src, err := readTexts(fsys)
	return src.texts(), err
}

// word is one text and where it stands.
type word struct {
	text string
	at   pos
}

// words are the texts of all languages with their places: language → key → word.
type words map[string]map[string]word

func (w words) texts() flows.Texts {
	out := flows.Texts{}
	for lang, keys := range w {
		out[lang] = make(map[string]string, len(keys))
		for k, v := range keys {
			out[lang][k] = v.text
		}
	}
	return out
}

// unplaced are texts of which only the language is known.
func unplaced(texts flows.Texts) words {
	out := words{}
	for lang, keys := range texts {
		out[lang] = make(map[string]word, len(keys))
		for key, text := range keys {
			out[lang][key] = word{text, pos{file: "locales/" + lang}}
		}
	}
	return out
}

// place finds out where the texts stand, if their files are at hand. What is
// wrong in the files is the business of [LoadTexts].
func (w words) place(fsys fs.FS) {
	placed, _ := readTexts(fsys)
	for lang, keys := range w {
		for key, has := range keys {
			if found, ok := placed[lang][key]; ok {
				keys[key] = word{has.text, found.at}
			}
		}
	}
}

func readTexts(fsys fs.FS) (words, error) {
	files, err := fs.Glob(fsys, "locales/*/*.yaml")
	if err != nil {
		return nil, err
	}
	var faults Faults
	all := words{}
	for _, name := range files {
		if base := path.Base(name); base == packFile || base == keywordsFile || base == plainFile {
			continue
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		all.read(name, data, &faults)
	}
	if len(faults) > 0 {
		return all, faults.sort()
	}
	return all, nil
}

// read adds one file to the texts of the language that its folder names.
func (w words) read(name string, data []byte, faults *Faults) {
	lang := path.Base(path.Dir(name))
	root := document(name, data, faults)
	if root == nil {
		return
	}
	r := reader{file: name, faults: faults}
	for _, f := range r.fields(root, "texts") {
		text, ok := r.scalar(f.value, "a text")
		if !ok {
			continue
		}
		if first, double := w[lang][f.key]; double {
			faults.add(f.at, "text %s stands in %s already", f.key, first.at.file)
			continue
		}
		if w[lang] == nil {
			w[lang] = map[string]word{}
		}
		w[lang][f.key] = word{strings.TrimRight(text, "\n"), f.at}
	}
}

// document parses a file and returns its top mapping, or nil if it has none.
func document(name string, data []byte, faults *Faults) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		faults.yaml(name, err)
		return nil
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// yaml records what the parser could not read. It stops at the first.
func (fs *Faults) yaml(name string, err error) {
	at := pos{file: name, line: 1, col: 1}
	text := err.Error()
	if load, ok := errors.AsType[*yaml.LoadError](err); ok {
		at.line, at.col, text = load.Mark.Line, load.Mark.Column, load.Message
	}
	fs.add(at, "not YAML: %s", strings.TrimPrefix(text, "yaml: "))
}
