package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dialog"
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

func (f flowFiles) load() (*engine.Set, []engine.Pack, error) { return loadFlows(openFiles(f.Files)) }

// loadFlows loads flows as phones show them.
func loadFlows(fsys fs.FS) (*engine.Set, []engine.Pack, error) {
	texts, err := engine.LoadPlainTexts(fsys, sms.Unaccent)
	if err != nil {
		return nil, nil, err
	}
	set, err := newSet(fsys, texts)
	if err != nil {
		return nil, nil, err
	}
	packs, err := engine.LoadPacks(fsys)
	return set, packs, err
}

// newSet loads flows with the settings that callers get.
func newSet(fsys fs.FS, texts flows.Texts) (*engine.Set, error) {
	return engine.Load(fsys, texts, dialog.Verbs(), flowSettings()...)
}

func flowSettings() []engine.Setting {
	return []engine.Setting{engine.WithMeasure(measure), engine.WithPlain(sms.Unaccent)}
}

// rules holds the flows against the longest names of a directory.
func rules(d flows.Directory, packs []engine.Pack) engine.Rules {
	longest := ""
	for _, p := range d.Places {
		if name := places.Short(p); len(name) > len(longest) {
			longest = name
		}
	}
	return engine.Rules{Packs: packs, Longest: map[string]string{"near_name": longest}}
}

type flowCheckCmd struct {
	flowFiles
}

// Run exits non-zero when the flows must not go to callers.
func (c flowCheckCmd) Run(s streams) error {
	set, packs, err := c.load()
	if err != nil {
		fmt.Fprintln(s.out, err)
		return errDiffers
	}
	d, err := readDirectory(configs.Files, "sample")
	if err != nil {
		return err
	}
	report := set.Check(rules(d, packs))
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
	set, err := newSet(files, texts)
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
