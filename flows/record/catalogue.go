package record

import (
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"hotline/flows"
)

// Catalogue is record.yaml. It does not change.
type Catalogue struct {
	Forms    []Form              `yaml:"forms"`
	Bodies   []string            `yaml:"bodies"`   // that a matter is handed to
	Receipt  []Field             `yaml:"receipt"`  // what is written of a hand-over
	Outcomes map[string][]string `yaml:"outcomes"` // how a case can end → why
	Delays   []string            `yaml:"delays"`   // why something came late
	Tags     []Tag               `yaml:"tags"`
	Again    int                 `yaml:"again"` // days after its end for which a case is brought up
}

// Form is one form of the record.
type Form struct {
	Code   string      `yaml:"code"`
	Stage  flows.Stage `yaml:"stage"` // what it enters when it is finished
	Fields []Field     `yaml:"fields"`
}

// Field is one field of a form.
type Field struct {
	Name     string   `yaml:"name"`
	Type     Type     `yaml:"type"`
	Required bool     `yaml:"required"` // before the form can be finished
	Options  []string `yaml:"options"`  // of a choice
	Max      int      `yaml:"max"`      // of a number
}

// Type is what a field takes.
type Type string

// The types.
const (
	Line   Type = "text"
	Long   Type = "long"
	Date   Type = "date"   // kept as 2026-11-23
	Moment Type = "moment" // kept as 2026-11-23T21:04, in the province's time
	Number Type = "number"
	Choice Type = "choice"
)

// Tag says what kind of contact a case was.
type Tag struct {
	Code string `yaml:"code"`
	Head bool   `yaml:"head"` // only from the head of the group up
}

// Parse reads record.yaml and reports every fault.
func Parse(name string, data []byte) (*Catalogue, error) {
	c := &Catalogue{}
	if err := yaml.Load(data, c, yaml.WithKnownFields()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

func (c *Catalogue) check() error {
	var errs []error
	for i, f := range c.Forms {
		if f.Code == "" || slices.ContainsFunc(c.Forms[:i], func(o Form) bool { return o.Code == f.Code }) {
			errs = append(errs, fmt.Errorf("form %d: its code is missing or there twice", i+1))
		}
		if !slices.Contains(stages(), f.Stage) {
			errs = append(errs, fmt.Errorf("form %s: expected a stage of the procedure, got %q", f.Code, f.Stage))
		}
		errs = append(errs, checkFields("form "+f.Code, f.Fields))
	}
	errs = append(errs, checkFields("receipt", c.Receipt))
	if c.Again < 1 || c.Again > 366 {
		errs = append(errs, errors.New("again: expected 1 to 366 days"))
	}
	if len(c.Forms) == 0 || len(c.Bodies) == 0 || len(c.Outcomes) == 0 || len(c.Delays) == 0 {
		errs = append(errs, errors.New("expected forms, bodies, outcomes and delays"))
	}
	return errors.Join(errs...)
}

func stages() []flows.Stage {
	return []flows.Stage{
		flows.StageReceived, flows.StageAssessed, flows.StageDecided, flows.StageReturned,
		flows.StageDetailed, flows.StagePlanned, flows.StageApproved, flows.StageReviewed,
	}
}

func checkFields(what string, fields []Field) error {
	var errs []error
	if len(fields) == 0 {
		errs = append(errs, fmt.Errorf("%s: has no fields", what))
	}
	for i, f := range fields {
		if f.Name == "" || slices.ContainsFunc(fields[:i], func(o Field) bool { return o.Name == f.Name }) {
			errs = append(errs, fmt.Errorf("%s: the name of field %d is missing or there twice", what, i+1))
		}
		switch f.Type {
		case Line, Long, Date, Moment:
		case Number:
			if f.Max < 1 {
				errs = append(errs, fmt.Errorf("%s, %s: expected the largest number as max", what, f.Name))
			}
		case Choice:
			if len(f.Options) < 2 {
				errs = append(errs, fmt.Errorf("%s, %s: expected options to choose from", what, f.Name))
			}
		default:
			errs = append(errs, fmt.Errorf("%s, %s: expected a type, got %q", what, f.Name, f.Type))
		}
	}
	return errors.Join(errs...)
}

// Form finds a form by its code.
func (c *Catalogue) Form(code string) (Form, bool) {
	for _, f := range c.Forms {
		if f.Code == code {
			return f, true
		}
	}
	return Form{}, false
}

// Field finds a field by its name.
func (f *Form) Field(name string) (Field, bool) {
	for _, d := range f.Fields {
		if d.Name == name {
			return d, true
		}
	}
	return Field{}, false
}

// Ends reports whether a case can end so, for that reason.
func (c *Catalogue) Ends(outcome, why string) bool { return slices.Contains(c.Outcomes[outcome], why) }

// Tag finds a tag by its code.
func (c *Catalogue) Tag(code string) (Tag, bool) {
	i := slices.IndexFunc(c.Tags, func(t Tag) bool { return t.Code == code })
	if i < 0 {
		return Tag{}, false
	}
	return c.Tags[i], true
}
