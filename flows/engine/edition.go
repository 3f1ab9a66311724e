package engine

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"hotline/flows"
)

// Bundle is everything that a set was made of, so that a later process can let
// the conversations that are under way finish on it. See [Unbundle].
func (set *Set) Bundle() ([]byte, error) {
	data, err := json.Marshal(bundle{set.files, set.words.texts()})
	if err != nil {
		return nil, fmt.Errorf("bundle edition %s: %w", set.edition, err)
	}
	return data, nil
}

// Unbundle loads a set from its bundle.
func Unbundle(data []byte, verbs []VerbSpec, settings ...Setting) (*Set, error) {
	var b bundle
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("read a bundle of flows: %w", err)
	}
	return build(b.Files, unplaced(b.Texts), verbs, settings)
}

// Reload loads the flows anew and returns the set to use from now on. Flows with
// faults never take the place of good ones: then the set itself comes back, with
// the faults. Conversations under way finish on the set that they began with.
func (set *Set) Reload(fsys fs.FS, texts flows.Texts, verbs []VerbSpec, rules Rules, settings ...Setting) (*Set, error) {
	next, err := Load(fsys, texts, verbs, settings...)
	if err != nil {
		return set, err
	}
	if r := next.Check(rules); r.Faults.Stops() {
		return set, r.Faults
	}
	if next.edition == set.edition {
		return set, nil
	}
	next.Keep(set)
	return next, nil
}

type bundle struct {
	Files map[string]string `json:"files"`
	Texts flows.Texts       `json:"texts"`
}
