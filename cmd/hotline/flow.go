package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/flows/directory"
	"hotline/flows/engine"
	"hotline/flows/places"
	"hotline/flows/sms"
)

type flowCmds struct {
	Check flowCheckCmd `cmd:"" help:"Explore every path in every language and name all faults."`
	Graph flowGraphCmd `cmd:"" help:"Draw a flow, as Mermaid or SVG."`
	Try   flowTryCmd   `cmd:"" help:"Play a flow in the terminal with the phone's limits shown."`
	Diff  flowDiffCmd  `cmd:"" help:"Say in words what a change does to callers."`
}

// flowFiles says which flows a command is about.
type flowFiles struct {
	Files string `help:"Folder with flows, locales and words; the built-in ones without it." type:"existingdir"`
}

// load loads flows as phones show them.
func (f flowFiles) load() (*engine.Set, phone, error) { return loadFlows(openFiles(f.Files)) }

func loadFlows(fsys fs.FS) (*engine.Set, phone, error) {
	p, err := loadPhone(fsys)
	if err != nil {
		return nil, p, err
	}
	texts, err := engine.LoadPlainTexts(fsys, sms.Unaccent)
	if err != nil {
		return nil, p, err
	}
	set, err := newSet(fsys, texts, p)
	return set, p, err
}

// newSet loads flows with the settings that callers get.
func newSet(fsys fs.FS, texts flows.Texts, p phone) (*engine.Set, error) {
	return engine.Load(fsys, texts, dialog.Verbs(), p.settings()...)
}

// longest are the longest values that a directory puts into screens: a name with
// its district, as a list tells equal names apart, and the help of one commune.
func longest(d flows.Directory) map[string]string {
	most := map[string]string{}
	keep := func(name, value string) {
		if len(value) > len(most[name]) {
			most[name] = value
		}
	}
	for _, p := range d.Places {
		name := places.Short(p)
		if p.District != "" {
			name += ", " + places.ShortArea(p.District)
		}
		keep("place_name", name)
		help := slices.DeleteFunc([]string{p.HealthStation, p.SafeHouse}, func(s string) bool { return s == "" })
		keep("near", sms.Unaccent(strings.Join(help, ". ")))
	}
	return most
}

type flowCheckCmd struct {
	flowFiles
	Directory string `help:"Folder of the directory whose longest names must fit; the sample without it." type:"existingdir"`
}

// Run exits non-zero when the flows must not go to callers.
func (c flowCheckCmd) Run(s streams) error {
	set, p, err := c.load()
	if err != nil {
		fmt.Fprintln(s.out, err)
		return errDiffers
	}
	packs, err := engine.LoadPacks(openFiles(c.Files))
	if err != nil {
		return err
	}
	fsys, dir := fs.FS(configs.Files), "sample"
	if c.Directory != "" {
		fsys, dir = os.DirFS(c.Directory), "."
	}
	d, err := directory.Read(fsys, dir)
	if err != nil {
		return err
	}
	rules := p.rules(packs)
	rules.Longest = longest(d)
	report := set.Check(rules)
	if err := report.Print(s.out); err != nil {
		return err
	}
	if report.Faults.Stops() {
		return errDiffers
	}
	return nil
}

type flowGraphCmd struct {
	flowFiles
	Flow     string `arg:"" optional:"" default:"report" help:"Name of the flow."`
	Language string `default:"vi" help:"Language of the words in it."`
	SVG      bool   `help:"Draw an SVG picture instead of Mermaid text." name:"svg"`
	Out      string `short:"o" help:"File to write; standard output without it." type:"path"`
}

// Run draws to a file or the standard output.
func (c flowGraphCmd) Run(s streams) error {
	files := openFiles(c.Files)
	texts, err := engine.LoadTexts(files) // a picture has room for accents
	if err != nil {
		return err
	}
	p, err := loadPhone(files)
	if err != nil {
		return err
	}
	set, err := newSet(files, texts, p)
	if err != nil {
		return err
	}
	var drawn bytes.Buffer
	draw := set.Mermaid
	if c.SVG {
		draw = set.SVG
	}
	if err := draw(&drawn, c.Flow, c.Language); err != nil {
		return err
	}
	if c.Out == "" {
		_, err = io.Copy(s.out, &drawn)
		return err
	}
	if err := os.WriteFile(c.Out, drawn.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

type flowTryCmd struct {
	flowFiles
	Flow     string `arg:"" optional:"" default:"report" help:"Name of the flow."`
	Language string `help:"Language to begin with."`
	SMS      bool   `help:"As texts instead of USSD screens." name:"sms"`
}

// Run plays until the flow ends or the input does.
func (c flowTryCmd) Run(_ context.Context, s streams) error {
	set, _, err := c.load()
	if err != nil {
		return err
	}
	channel := flows.USSD
	if c.SMS {
		channel = flows.SMS
	}
	return engine.Try{Set: set, In: s.in, Out: s.out, Channel: channel, Language: c.Language}.Play(c.Flow)
}

type flowDiffCmd struct {
	Old string `arg:"" help:"Folder with the flows as they are." type:"existingdir"`
	New string `arg:"" help:"Folder with the flows as they would be." type:"existingdir"`
}

// Run compares two folders of the shape of configs.
func (c flowDiffCmd) Run(s streams) error {
	older, _, err := loadFlows(os.DirFS(c.Old))
	if err != nil {
		return fmt.Errorf("%s:\n%w", c.Old, err)
	}
	newer, _, err := loadFlows(os.DirFS(c.New))
	if err != nil {
		return fmt.Errorf("%s:\n%w", c.New, err)
	}
	return engine.Diff(s.out, older, newer)
}
