package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"hotline/flows"
)

// VerbSpec declares a verb and every outcome it may have.
type VerbSpec struct {
	Name     string
	Outcomes []string
}

// Run performs a verb for a session: it may set Vars and Options of s, and
// returns one of the verb's outcomes. The input is the value of the choice, or
// what was typed: as it came for text and place, tidied for numbers.
type Run func(verb string, s *flows.Session, input string) (outcome string, err error)

// Keys are the keys that mean the same on every screen. An operator may want
// others; an empty one is off.
type Keys struct {
	More string // the next page of a list
	Back string // the page before, or the question before
	Home string // the first question
}

// Measure counts a text in the units of its encoding on a channel and reports
// whether one screen or segment holds it.
type Measure func(text string, channel flows.Channel) (units int, fits bool)

// Setting changes how a Set renders.
type Setting func(*Set)

// WithKeys sets the keys for paging, back and home. Without it they are 98, 00
// and 99.
func WithKeys(k Keys) Setting { return func(set *Set) { set.keys = k } }

// WithOperator changes how screens are drawn for the callers of one provider, who
// may have other keys and other phones than the rest.
func WithOperator(provider string, settings ...Setting) Setting {
	return func(set *Set) {
		if set.special == nil {
			set.special = map[string][]Setting{}
		}
		set.special[provider] = settings
	}
}

// WithMeasure sets how texts are counted. Without it a screen holds 160
// characters of the plain GSM alphabet or 70 of any other.
func WithMeasure(m Measure) Setting { return func(set *Set) { set.measure = m } }

// WithPlain sets what makes a value (a place name, an option) fit for a phone,
// such as taking the accents off.
func WithPlain(f func(string) string) Setting { return func(set *Set) { set.plain = f } }

// Set is all flows that can be played, and their texts. It does not change once
// it is loaded and may be used by many goroutines.
type Set struct {
	edition string
	flows   []*flow
	byName  map[string]*flow
	words   words
	files   map[string]string // what the flows were read from
	verbs   map[string][]string
	older   map[string]*Set // editions that sessions may still be in

	keys    Keys
	measure Measure
	plain   func(string) string

	special   map[string][]Setting // by provider
	operators map[string]*Set      // the same flows, drawn for one provider
}

// Load reads flows/*.yaml, links them to the texts and verbs, and returns a Set,
// or every fault that it found as [Faults].
func Load(fsys fs.FS, texts flows.Texts, verbs []VerbSpec, settings ...Setting) (*Set, error) {
	files, err := fs.Glob(fsys, "flows/*.yaml")
	if err != nil {
		return nil, err
	}
	read := map[string]string{}
	for _, name := range append(files, schemaFile) {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read flows: %w", err)
		}
		read[name] = string(data)
	}
	said := unplaced(texts)
	said.place(fsys)
	return build(read, said, verbs, settings)
}

// build makes a set of files and words that were read.
func build(files map[string]string, said words, verbs []VerbSpec, settings []Setting) (*Set, error) {
	set := &Set{
		byName: map[string]*flow{}, verbs: map[string][]string{}, words: said, files: files,
		keys: Keys{More: "98", Back: "00", Home: "99"}, measure: measure, plain: func(s string) string { return s },
	}
	for _, f := range settings {
		f(set)
	}
	for _, v := range verbs {
		set.verbs[v.Name] = v.Outcomes
	}
	faults, err := set.parse()
	if err != nil {
		return nil, err
	}
	set.link(&faults)
	if len(faults) > 0 {
		return nil, faults.sort()
	}
	set.edition = set.digest()
	set.prepare()
	return set, set.drawFor(files, said, verbs, settings)
}

// drawFor makes the sets of the providers whose screens differ.
func (set *Set) drawFor(files map[string]string, said words, verbs []VerbSpec, settings []Setting) error {
	set.operators = make(map[string]*Set, len(set.special))
	for provider, other := range set.special {
		own := slices.Concat(settings, other, []Setting{func(s *Set) { s.special = nil }})
		drawn, err := build(files, said, verbs, own)
		if err != nil {
			return fmt.Errorf("for %s: %w", provider, err)
		}
		set.operators[provider] = drawn
	}
	return nil
}

// of is the set that draws for the callers of a provider.
func (set *Set) of(provider string) *Set {
	if drawn := set.operators[provider]; drawn != nil {
		return drawn
	}
	return set
}

// parse takes every flow file apart.
func (set *Set) parse() (Faults, error) {
	schema, err := readSchema(set.files[schemaFile])
	if err != nil {
		return nil, err
	}
	var faults Faults
	for _, name := range slices.Sorted(maps.Keys(set.files)) {
		if name != schemaFile {
			set.add(parse(schema, name, []byte(set.files[name]), &faults), &faults)
		}
	}
	if len(set.flows) == 0 && len(faults) == 0 {
		faults.add(pos{file: "flows"}, "no flow files")
	}
	return faults, nil
}

// digest names the content of a set.
func (set *Set) digest() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(set.files)) {
		_, _ = fmt.Fprintf(sum, "%s %q\n", name, set.files[name])
	}
	for _, lang := range slices.Sorted(maps.Keys(set.words)) {
		for _, key := range slices.Sorted(maps.Keys(set.words[lang])) {
			_, _ = fmt.Fprintf(sum, "%s %s %q\n", lang, key, set.words[lang][key].text)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

func (set *Set) add(fl *flow, faults *Faults) {
	if fl == nil {
		return
	}
	if first := set.byName[fl.name]; first != nil {
		faults.add(fl.at, "flow %s stands in %s already", fl.name, first.at.file)
		return
	}
	set.flows = append(set.flows, fl)
	set.byName[fl.name] = fl
}

// Edition names the content of the set: a digest of all flows and texts.
func (set *Set) Edition() string { return set.edition }

// Keep lets sessions that began with an older set finish on it. Sets that older
// kept are kept too. It is called before the set is used, not while.
func (set *Set) Keep(older *Set) {
	if set.older == nil {
		set.older = map[string]*Set{}
	}
	maps.Copy(set.older, older.older)
	set.older[older.edition] = older
}

// Names are the names of the flows.
func (set *Set) Names() []string {
	names := make([]string, len(set.flows))
	for i, fl := range set.flows {
		names[i] = fl.name
	}
	return names
}
