package main

import (
	"fmt"
	"os"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/escalation/roster"
	"hotline/flows/places"
)

type dirCmds struct {
	Check  dirCheckCmd  `cmd:"" help:"Read a folder of CSV files and name every fault, with its line."`
	Import dirImportCmd `cmd:"" help:"Check a folder or lists of places and put them in place of the directory in use; all or nothing."`
	Export dirExportCmd `cmd:"" help:"Write the people and the rota in use as CSV files, in the form that import takes back. They hold numbers."`
	Find   dirFindCmd   `cmd:"" help:"Read place texts, one a line, and print what a caller would get."`
}

type dirCheckCmd struct {
	Dir string `arg:"" help:"Folder with places.csv, members.csv, rota.csv and, if there are any, mapping.csv, overrides.csv, rotations.csv and periods.csv." type:"existingdir"`
}

// Run changes nothing.
func (c dirCheckCmd) Run(s streams) error {
	d, err := directory.Read(os.DirFS(c.Dir), ".")
	if err != nil {
		return err
	}
	if silent := roster.Silent(d); len(silent) > 0 {
		fmt.Fprintf(s.out, "%d members are not marked as verified: they get no alerts until they send back their code, unless their phones count already or import --verified vouches for them\n", len(silent))
	}
	fmt.Fprintf(s.out, "%d places, %d successions, %d members, %d shifts, %d overrides: no faults\n",
		len(d.Places), len(d.Mapping), len(d.Members), len(d.Shifts), len(d.Overrides))
	return nil
}

type dirFindCmd struct {
	Places  []string `help:"Lists of places to search; the sample province without any." type:"existingfile"`
	Mapping []string `help:"Lists of which place led to which." type:"existingfile"`
	Day     string   `help:"The day on which the caller asks, as 2026-11-23; today without it."`
}

// Run reads the standard input.
func (c dirFindCmd) Run(s streams) error {
	day := realTime()
	if c.Day != "" {
		var err error
		if day, err = parseDay(c.Day); err != nil {
			return err
		}
	}
	list, mapping, err := c.lists()
	if err != nil {
		return err
	}
	if err := places.Check(list, mapping); err != nil {
		return err
	}
	return places.FindLines(s.in, s.out, places.New(list, mapping, day))
}

func (c dirFindCmd) lists() ([]flows.Place, []flows.Succession, error) {
	if len(c.Places) == 0 {
		d, err := directory.Read(configs.Files, "sample")
		return d.Places, d.Mapping, err
	}
	return readPlaceLists(c.Places, c.Mapping)
}
