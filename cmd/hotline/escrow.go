package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"hotline/configs"
	"hotline/flows"
	"hotline/store/vault"
)

type keysCmds struct {
	Escrow  escrowCmd  `cmd:"" help:"Seal a copy of the key so that any two of the named officers open it together, and none alone."`
	Drill   drillKeys  `cmd:"" help:"Prove that two officers could bring the key back. Shows no key."`
	Half    halfCmd    `cmd:"" help:"Open an escrow as the first of two officers: what comes out is for the second, and worth nothing alone."`
	Recover recoverCmd `cmd:"" help:"Make the key file anew, as the second of two officers."`
}

type escrowCmd struct {
	File    string            `arg:"" help:"The escrow to make; an existing file is never replaced. It may lie anywhere." type:"path"`
	Officer map[string]string `help:"Who holds a part: a name and an age recipient, as name=age1…; one flag for each, two at least." required:"" placeholder:"NAME=RECIPIENT"`
	Config  string            `help:"File of settings." type:"path" short:"c"`
	answering
}

// Run seals the key of the settings.
func (c escrowCmd) Run(ctx context.Context, s streams) error {
	m, cfg, err := keyOf(ctx, c.Config, s.environ)
	if err != nil {
		return err
	}
	var officers []vault.Officer
	for _, name := range slices.Sorted(maps.Keys(c.Officer)) {
		officers = append(officers, vault.Officer{Name: name, Recipient: c.Officer[name]})
	}
	e, err := vault.MakeEscrow(m, officers)
	if err == nil {
		err = c.must(s, cfg, flows.DeedKey, "escrow for "+strings.Join(slices.Sorted(maps.Keys(c.Officer)), ", "))
	}
	if err == nil {
		err = e.Save(c.File)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s holds key %s for any two of %s. Prove it now: hotline keys drill\n", c.File, e.Fingerprint, strings.Join(slices.Sorted(maps.Keys(c.Officer)), ", "))
	return nil
}

type drillKeys struct {
	File     string   `arg:"" help:"The escrow." type:"existingfile"`
	Identity []string `help:"Files of the age identities of two officers; one flag for each." required:"" type:"existingfile" short:"i"`
	Config   string   `help:"File of settings." type:"path" short:"c"`
	answering
}

// Run opens the escrow in memory and compares what comes out with the key in use.
func (c drillKeys) Run(ctx context.Context, s streams) error {
	if len(c.Identity) != 2 {
		return errors.New("a drill takes the identities of two officers: --identity A --identity B")
	}
	m, cfg, err := keyOf(ctx, c.Config, s.environ)
	if err != nil {
		return err
	}
	v, err := vault.Open(m)
	if err != nil {
		return err
	}
	e, err := vault.LoadEscrow(c.File)
	if err != nil {
		return err
	}
	var ids [2]age.Identity
	for i, path := range c.Identity {
		if ids[i], err = identity(path); err != nil {
			return err
		}
	}
	if err := c.must(s, cfg, flows.DeedDrill, "escrow "+filepath.Base(c.File)); err != nil {
		return err
	}
	if err := e.Drill(v, ids[0], ids[1]); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "these two officers bring back key %s, the one in use\n", e.Fingerprint)
	return nil
}

type halfCmd struct {
	File     string `arg:"" help:"The escrow." type:"existingfile"`
	Into     string `arg:"" help:"The file to make for the second officer." type:"path"`
	Identity string `help:"File of the age identity of the first officer." required:"" type:"existingfile" short:"i"`
	Config   string `help:"File of settings, for its journal; an officer's own computer needs none." type:"path" short:"c"`
	answering
}

// Run opens the outer seals.
func (c halfCmd) Run(s streams) error {
	e, err := vault.LoadEscrow(c.File)
	if err != nil {
		return err
	}
	id, err := identity(c.Identity)
	if err != nil {
		return err
	}
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	halves, err := e.First(id)
	if err == nil {
		err = c.must(s, cfg, flows.DeedKey, "first half of escrow "+filepath.Base(c.File))
	}
	if err == nil {
		err = vault.SaveHalves(c.Into, halves)
	}
	if err != nil {
		return err
	}
	var others []string
	for _, h := range halves {
		others = append(others, h.For)
	}
	fmt.Fprintf(s.out, "%s can be opened by %s: hotline keys recover\n", c.Into, strings.Join(others, " or "))
	return nil
}

type recoverCmd struct {
	Half     string `arg:"" help:"What the first officer made with hotline keys half." type:"existingfile"`
	Key      string `arg:"" help:"The key file to make; an existing one is never replaced." type:"path"`
	Identity string `help:"File of the age identity of the second officer." required:"" type:"existingfile" short:"i"`
	Config   string `help:"File of settings, for its journal; an officer's own computer needs none." type:"path" short:"c"`
	answering
}

// Run opens the inner seal and writes the key file.
func (c recoverCmd) Run(s streams) error {
	halves, err := vault.LoadHalves(c.Half)
	if err != nil {
		return err
	}
	id, err := identity(c.Identity)
	if err != nil {
		return err
	}
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	for _, h := range halves {
		m, e := h.Second(id)
		if e != nil {
			err = e
			continue
		}
		c.try(s, cfg.Journal.Dir, flows.DeedKey, "key made anew from the escrow "+filepath.Base(c.Key))
		if err := vault.SaveKeyFile(c.Key, m); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s holds key %s again\n", c.Key, h.Fingerprint)
		return nil
	}
	return err
}

// keyOf is the key of the settings, with them.
func keyOf(ctx context.Context, config string, environ []string) (vault.Material, configs.Config, error) {
	cfg, err := configs.Load(config, environ)
	if err != nil {
		return vault.Material{}, cfg, err
	}
	m, err := material(ctx, cfg)
	return m, cfg, err
}

// identity reads the one age identity of an officer.
func identity(path string) (age.Identity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the identity: %w", err)
	}
	defer f.Close()
	ids, err := age.ParseIdentities(f)
	if err != nil || len(ids) != 1 {
		return nil, fmt.Errorf("%s: expected the file of one age identity, as age-keygen makes it", filepath.Base(path))
	}
	return ids[0], nil
}
