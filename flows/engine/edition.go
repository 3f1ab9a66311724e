package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

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
	return Load(b.Files, b.Texts, verbs, settings...)
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
	Files memory      `json:"files"`
	Texts flows.Texts `json:"texts"`
}

// memory is a file system of what was read: the flow files and their schema.
type memory map[string]string

// Open opens one of the files.
func (m memory) Open(name string) (fs.File, error) {
	text, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &page{Reader: bytes.NewReader([]byte(text)), name: path.Base(name)}, nil
}

// Glob finds files by pattern; there are no folders to list.
func (m memory) Glob(pattern string) ([]string, error) {
	var out []string
	for name := range m {
		ok, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// page is an open file of a memory.
type page struct {
	*bytes.Reader
	name string
}

func (p *page) Close() error               { return nil }
func (p *page) Stat() (fs.FileInfo, error) { return p, nil }
func (p *page) Name() string               { return p.name }
func (p *page) Mode() fs.FileMode          { return 0o444 }
func (p *page) ModTime() time.Time         { return time.Time{} }
func (p *page) IsDir() bool                { return false }
func (p *page) Sys() any                   { return nil }
