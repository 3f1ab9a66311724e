package main

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/escalation"
	"hotline/flows/places"
)

type policyCmds struct {
	Explain policyExplainCmd `cmd:"" help:"Print who would be told of a case, when and why."`
}

type policyExplainCmd struct {
	CaseLike  string        `help:"The case in one line of words between commas, as \"Mai Chau, SEXUAL, under6, danger, official\"; the flags below say the same one by one."`
	Place     string        `help:"Commune as a caller would type it; without one the case goes to the provincial desk."`
	Kind      string        `help:"Kind of harm, a code of categories.yaml." default:"VIOLENCE"`
	Age       string        `help:"Age of the child: under6, 6-10, 11-15, 16-17 or unsure." default:"unsure"`
	Danger    bool          `help:"A child is in danger now."`
	Official  bool          `help:"The report is about somebody who holds office."`
	At        string        `help:"Local time of the report, as 2026-11-23T21:00; now without it."`
	For       time.Duration `help:"How far to look." default:"24h"`
	Directory string        `help:"Folder of CSV files; the sample province without it." type:"existingdir"`
	Files     string        `help:"Folder with escalation.yaml and the rest; the built-in ones without it." type:"existingdir"`
}

// Run plays the steps that the ladder takes.
func (c policyExplainCmd) Run(s streams) error {
	c.read(c.CaseLike)
	d, err := loadData(openFiles(c.Files))
	if err != nil {
		return err
	}
	var folder fs.FS = configs.Files
	name := "sample"
	if c.Directory != "" {
		folder, name = openFiles(c.Directory), "."
	}
	dir, err := directory.Read(folder, name)
	if err != nil {
		return err
	}
	roster, err := escalation.NewRoster(dir)
	if err != nil {
		return err
	}
	now, err := c.moment(roster.Zone())
	if err != nil {
		return err
	}
	like := flows.Case{
		ID: "00example", Ref: "K7F4", Status: flows.StatusIntake, Kind: c.Kind, Age: c.Age, Danger: c.Danger,
		AgainstOfficial: c.Official, Opened: now, Channel: flows.USSD, Language: "vi",
	}
	if c.Place != "" {
		answer := places.New(dir.Places, dir.Mapping, now).Find(c.Place, places.Hint{})
		if answer.Place == "" || answer.Confirm {
			return fmt.Errorf("%q is no commune for certain: %v", c.Place, answer.Labels)
		}
		like.Place = answer.Place
	}
	return escalation.Explain(s.out, now, like, d.world(roster), c.For)
}

// read takes the words of a case like the one that is meant. What is no kind, age
// or mark is the place.
func (c *policyExplainCmd) read(like string) {
	for word := range strings.SplitSeq(like, ",") {
		switch word = strings.TrimSpace(word); {
		case word == "":
		case word == "danger":
			c.Danger = true
		case word == "official":
			c.Official = true
		case slices.Contains([]string{"under6", "6-10", "11-15", "16-17", "unsure"}, word):
			c.Age = word
		case strings.ToUpper(word) == word && !strings.Contains(word, " "):
			c.Kind = word
		default:
			c.Place = strings.TrimSpace(c.Place + " " + word)
		}
	}
}

func (c policyExplainCmd) moment(zone *time.Location) (time.Time, error) {
	if c.At == "" {
		return realTime(), nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", c.At, zone)
	if err != nil {
		return t, fmt.Errorf("read the time %q: expected YYYY-MM-DDTHH:MM", c.At)
	}
	return t, nil
}
