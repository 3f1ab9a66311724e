package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/escalation/roster"
	"hotline/store"
)

type dirExportCmd struct {
	Dir    string `arg:"" help:"New or empty folder." type:"path"`
	Config string `help:"File of settings." type:"path" short:"c"`
	answering
}

// Run writes files that only their owner can read.
func (c dirExportCmd) Run(ctx context.Context, s streams) error {
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	if len(cfg.Redis.Addresses) == 0 {
		return errors.New("export reads the Redis of the hotline: set redis.addresses, or HOTLINE_REDIS_ADDRESSES")
	}
	st, err := openRedis(cfg.Redis, zap.NewNop())(ctx, store.Options{Partitions: cfg.Redis.Partitions})
	if err != nil {
		return err
	}
	defer st.Close()
	d, err := st.Directory(ctx)
	if err != nil {
		return fmt.Errorf("read the directory in use: %w", err)
	}
	if err := c.must(s, cfg, flows.DeedExport, fmt.Sprint("members with their numbers ", len(d.Members))); err != nil {
		return err
	}
	if err := exportPeople(c.Dir, d); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "version %s: %d members and their rota are in %s; the files hold their numbers\n", d.Version, len(d.Members), c.Dir)
	return nil
}

// exportPeople writes the files of the people, none of which may be there.
func exportPeople(dir string, d flows.Directory) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	for _, kind := range []roster.Kind{roster.KindMembers, roster.KindRota, roster.KindOverrides, roster.KindRotations, roster.KindPeriods} {
		f, err := os.OpenFile(filepath.Join(dir, string(kind)+".csv"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("write the %s: %w", kind, err)
		}
		if err := errors.Join(roster.Write(f, d, kind), f.Close()); err != nil {
			return err
		}
	}
	return nil
}
