package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"go.yaml.in/yaml/v4"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/flows/engine"
	"hotline/flows/escalation"
	"hotline/flows/record"
	"hotline/flows/sms"
)

// data is what an official may change without a programmer: the questions, the
// words, the policy and the calendar.
type data struct {
	texts  flows.Texts
	phone  phone
	flows  *engine.Set
	words  dialog.Words
	policy *escalation.Policy
	// older are the policies that cases of earlier processes are pinned to.
	older      map[string]*escalation.Policy
	policyFile []byte
	calendar   *escalation.Calendar
	record     *record.Catalogue
	// shown are the flows as the console draws them.
	shown func() (shown, error)
}

// openFiles is the operator's folder, or the embedded files for an empty path.
func openFiles(dir string) fs.FS {
	if dir == "" {
		return configs.Files
	}
	return os.DirFS(dir)
}

// loadData reads and checks all of it.
func loadData(fsys fs.FS) (*data, error) {
	d := data{shown: showOnce(fsys)}
	var err error
	if d.texts, err = engine.LoadPlainTexts(fsys, sms.Unaccent); err != nil {
		return nil, fmt.Errorf("read the texts:\n%w", err)
	}
	if d.phone, err = loadPhone(fsys); err != nil {
		return nil, err
	}
	if d.flows, err = newSet(fsys, d.texts, d.phone); err != nil {
		return nil, fmt.Errorf("read the flows:\n%w", err)
	}
	if d.words, err = dialog.LoadWords(fsys); err != nil {
		return nil, fmt.Errorf("read the words:\n%w", err)
	}
	policy, err := fs.ReadFile(fsys, "escalation.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	if d.policy, err = escalation.ParsePolicy("escalation.yaml", policy); err != nil {
		return nil, fmt.Errorf("read the policy:\n%w", err)
	}
	if err := checkKinds(fsys, d.policy); err != nil {
		return nil, err
	}
	d.policyFile = policy
	calendar, err := fs.ReadFile(fsys, "calendar.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the calendar: %w", err)
	}
	if d.calendar, err = escalation.ParseCalendar("calendar.yaml", calendar); err != nil {
		return nil, fmt.Errorf("read the calendar:\n%w", err)
	}
	forms, err := fs.ReadFile(fsys, "record.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the forms of the record: %w", err)
	}
	if d.record, err = record.Parse("record.yaml", forms); err != nil {
		return nil, fmt.Errorf("read the forms of the record:\n%w", err)
	}
	return &d, nil
}

// checkKinds refuses a policy that names kinds of harm which no case can have: its
// exception would never count, and nobody would notice.
func checkKinds(fsys fs.FS, p *escalation.Policy) error {
	file, err := fs.ReadFile(fsys, "categories.yaml")
	if err != nil {
		return fmt.Errorf("read the kinds of harm: %w", err)
	}
	var list struct {
		Categories []struct {
			Code string `yaml:"code"`
		} `yaml:"categories"`
	}
	if err := yaml.Load(file, &list); err != nil {
		return fmt.Errorf("read the kinds of harm: %w", err)
	}
	known := map[string]bool{}
	for _, c := range list.Categories {
		known[c.Code] = true
	}
	var faults []error
	for _, kind := range p.Kinds() {
		if !known[kind] {
			faults = append(faults, fmt.Errorf("escalation.yaml: kind %q is not in categories.yaml", kind))
		}
	}
	return errors.Join(faults...)
}

// world is what decisions may look at, for one directory.
func (d *data) world(r *escalation.Roster) escalation.World {
	return escalation.World{Policy: d.policy, Older: d.older, Roster: r, Calendar: d.calendar, Texts: d.texts}
}
