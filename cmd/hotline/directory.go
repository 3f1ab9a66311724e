package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/places"
	"hotline/store"
)

type dirCmds struct {
	Check  dirCheckCmd  `cmd:"" help:"Read a folder of CSV files and name every fault, with its line."`
	Import dirImportCmd `cmd:"" help:"Check a folder and put it in place of the directory in use; all or nothing."`
	Find   dirFindCmd   `cmd:"" help:"Read place texts, one a line, and print what a caller would get."`
}

type dirCheckCmd struct {
	Dir string `arg:"" help:"Folder with places.csv, mapping.csv, members.csv, rota.csv and overrides.csv." type:"existingdir"`
}

// Run changes nothing.
func (c dirCheckCmd) Run(s streams) error {
	d, err := readDirectory(os.DirFS(c.Dir), ".")
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d places, %d successions, %d members, %d shifts, %d overrides: no faults\n",
		len(d.Places), len(d.Mapping), len(d.Members), len(d.Shifts), len(d.Overrides))
	return nil
}

type dirImportCmd struct {
	Dir    string `arg:"" help:"Folder with places.csv, mapping.csv, members.csv, rota.csv and overrides.csv." type:"existingdir"`
	Config string `help:"File of settings." type:"path" short:"c"`
}

// Run replaces the directory in the store. Running servers use it a few seconds
// later.
func (c dirImportCmd) Run(ctx context.Context, s streams) error {
	d, err := readDirectory(os.DirFS(c.Dir), ".")
	if err != nil {
		return err
	}
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return fmt.Errorf("the settings have faults:\n%w", err)
	}
	if len(cfg.Redis.Addresses) == 0 {
		return errors.New("import needs the Redis of the hotline: set redis.addresses, or HOTLINE_REDIS_ADDRESSES")
	}
	st, err := openRedis(cfg.Redis, zap.NewNop())(ctx, store.Options{Partitions: cfg.Redis.Partitions})
	if err != nil {
		return err
	}
	defer st.Close()
	from, err := st.DirectoryVersion(ctx)
	if err != nil && !errors.Is(err, flows.ErrNotFound) {
		return err
	}
	if err := st.ReplaceDirectory(ctx, from, d); err != nil {
		return fmt.Errorf("replace the directory: %w", err)
	}
	fmt.Fprintf(s.out, "version %s in place of %q: %d places, %d members, %d shifts\n", d.Version, from, len(d.Places), len(d.Members), len(d.Shifts))
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
		d, err := readDirectory(configs.Files, "sample")
		return d.Places, d.Mapping, err
	}
	list, err := readLists(c.Places, places.ReadPlaces)
	if err != nil {
		return nil, nil, err
	}
	mapping, err := readLists(c.Mapping, places.ReadMapping)
	if err != nil {
		return nil, nil, err
	}
	// The old places are named in the mapping too, so a new list is enough.
	named, err := readLists(c.Mapping, places.ReadMapped)
	return places.Join(list, named), mapping, err
}
