package engine

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// Pack is a language as a whole: who has read its texts, and the words that must
// never stand in a text to a reporter.
type Pack struct {
	Language string
	Name     string // in the language itself
	Reviewer string // a speaker who has read every text; empty: nobody yet
	Date     string // when, YYYY-MM-DD
	// Forbidden are the words, as phones show them, that would tell whoever
	// holds a reporter's phone what it was about.
	Forbidden []string

	at pos
}

// LoadPacks reads locales/<language>/pack.yaml. The error is [Faults].
func LoadPacks(fsys fs.FS) ([]Pack, error) {
	files, err := fs.Glob(fsys, "locales/*/"+packFile)
	if err != nil {
		return nil, err
	}
	var faults Faults
	var packs []Pack
	for _, name := range files {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read language pack: %w", err)
		}
		packs = append(packs, readPack(name, data, &faults))
	}
	if len(faults) > 0 {
		return nil, faults.sort()
	}
	return packs, nil
}

func readPack(name string, data []byte, faults *Faults) Pack {
	p := Pack{Language: path.Base(path.Dir(name)), at: pos{name, 1, 1}}
	root := document(name, data, faults)
	if root == nil {
		return p
	}
	r := reader{file: name, faults: faults}
	for _, f := range r.fields(root, "pack") {
		switch f.key {
		case "name":
			p.Name, _ = r.scalar(f.value, f.key)
		case "reviewed":
			p.at = f.at
			for _, v := range r.dict(f.value, f.key) {
				switch v.key {
				case "by":
					p.Reviewer = v.value
				case "date":
					p.Date = v.value
				default:
					faults.add(v.at, "reviewed: unknown key %q; known are by, date", v.key)
				}
			}
		case "forbidden":
			p.Forbidden = r.list(f.value, f.key)
		default:
			faults.add(f.at, "pack: unknown key %q; known are name, reviewed, forbidden", f.key)
		}
	}
	return p
}

// packs holds the languages against their packs. A language without a review is
// a warning: somebody who speaks it must read what callers will read.
func (c *checker) packs() {
	known := map[string]bool{}
	for _, p := range c.rules.Packs {
		known[p.Language] = true
		c.pack(p)
	}
	for _, lang := range c.set.languages() {
		if !known[lang] {
			c.add(pos{file: "locales/" + lang}, "language %s has no %s", lang, packFile)
		}
	}
}

func (c *checker) pack(p Pack) {
	texts := c.set.words[p.Language]
	if len(texts) == 0 {
		return // shipped with keywords only
	}
	if p.Reviewer == "" || p.Date == "" {
		c.report.Faults = append(c.report.Faults, Fault{
			File: p.at.file, Line: p.at.line, Col: p.at.col, Warning: true,
			Text: fmt.Sprintf("language %s is not marked as reviewed by a speaker", p.Language),
		})
	}
	if slices.Contains(c.set.languages(), p.Language) {
		return // the texts that it lacks are found where flows use it
	}
	for key := range c.set.words[c.set.languages()[0]] {
		if _, ok := texts[key]; !ok {
			c.once(p.at, fmt.Sprintf("language %s lacks the text %s", p.Language, key), "")
		}
	}
}
