package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/store"
	"hotline/store/journal"
	"hotline/store/vault"
)

type journalCmds struct {
	Verify  journalVerifyCmd  `cmd:"" help:"Find every record of a journal that was changed, dropped, moved or cut off."`
	Restore journalRestoreCmd `cmd:"" help:"Fill an empty Redis from journals, one folder for each process that wrote one."`
	Compact journalCompactCmd `cmd:"" help:"Fold the segments into one snapshot and move damaged ones aside, as a server does every night."`
}

type journalVerifyCmd struct {
	Dir         string `arg:"" optional:"" help:"Folder of the journal; journal.dir without it." type:"path"`
	Config      string `help:"File of settings." type:"path" short:"c"`
	Checkpoints string `help:"File of checkpoints; journal.checkpoints without it." type:"path"`
}

// Run changes nothing, and may run beside a server.
func (c journalVerifyCmd) Run(ctx context.Context, s streams) error {
	j, err := openJournals(ctx, c.Config, s.environ)
	if err != nil {
		return err
	}
	defer j.close()
	cfg, key := j.cfg, j.key
	dir := cmp.Or(c.Dir, cfg.Journal.Dir)
	if dir == "" {
		return errors.New("which journal? name its folder, or set journal.dir")
	}
	checkpoints, err := journal.ReadCheckpoints(cmp.Or(c.Checkpoints, cfg.Journal.Checkpoints))
	if err != nil {
		return err
	}
	r, err := journal.Verify(ctx, dir, key, checkpoints)
	if err != nil {
		return err
	}
	for _, f := range r.Lost {
		fmt.Fprintf(s.out, "%v (found by an earlier compaction)\n", f)
	}
	for _, f := range r.Faults {
		fmt.Fprintln(s.out, f)
	}
	fmt.Fprintf(s.out, "%d records in %d segments; the last is number %d of %s\n", r.Records, r.Segments, r.Last, r.At.UTC().Format(time.RFC3339))
	if r.Torn > 0 {
		fmt.Fprintf(s.out, "%d bytes at the end are no whole record: a write that a crash cut off\n", r.Torn)
	}
	fmt.Fprintf(s.out, "a checkpoint vouches for the first %d; if the %d after it were cut off, nothing here would show it\n", r.Checked, r.Tail)
	if !r.OK() {
		return errDiffers
	}
	return nil
}

type journalRestoreCmd struct {
	Dirs   []string `arg:"" optional:"" help:"Folders of the journals; journal.dir without any." type:"existingdir"`
	Config string   `help:"File of settings." type:"path" short:"c"`
	answering
}

// Run leaves alone what Redis holds in the same version or a later one, so it may
// be run again. Stop the servers before.
func (c journalRestoreCmd) Run(ctx context.Context, s streams) error {
	j, err := openJournals(ctx, c.Config, s.environ)
	if err != nil {
		return err
	}
	defer j.close()
	if j.held != nil {
		return fmt.Errorf("restore is for a hotline that stands still: stop the server, then run it again: %w", j.held)
	}
	cfg := j.cfg
	dirs := c.Dirs
	if len(dirs) == 0 && cfg.Journal.Dir != "" {
		dirs = []string{cfg.Journal.Dir}
	}
	switch {
	case len(dirs) == 0:
		return errors.New("from which journal? name its folder, or set journal.dir")
	case len(cfg.Redis.Addresses) == 0:
		return errors.New("restore fills a Redis: set redis.addresses, or HOTLINE_REDIS_ADDRESSES (without one, serve takes everything from the journal by itself)")
	}
	log, err := newLog(s.err, cfg.Log.Level)
	if err != nil {
		return err
	}
	st, err := openRedis(cfg.Redis, log)(ctx, store.Options{Partitions: cfg.Redis.Partitions})
	if err != nil {
		return err
	}
	defer st.Close()
	began := realTime()
	vaults, err := j.beside(ctx, dirs)
	if err != nil {
		return err
	}
	c.try(s, cmp.Or(cfg.Journal.Dir, dirs[0]), flows.DeedBackup, fmt.Sprint("restore of Redis from journals ", len(dirs)))
	r, err := rebuild(ctx, st, dirs, j.key, vaults, began)
	if err != nil {
		return err
	}
	r.print(s, realTime().Sub(began))
	return nil
}

func (r rebuilt) print(s streams, took time.Duration) {
	damaged := 0
	for _, report := range r.reports {
		for _, f := range report.Faults {
			damaged++
			fmt.Fprintf(s.out, "%s: %v\n", report.Dir, f)
		}
	}
	for _, id := range r.gaps {
		fmt.Fprintf(s.out, "case %s is as it stood last, but its timeline has a hole\n", id)
	}
	per := ""
	if r.cases > 0 {
		per = fmt.Sprintf(" (%.1f s for 100,000 cases)", took.Seconds()/float64(r.cases)*100_000)
	}
	fmt.Fprintf(s.out, "%d cases, %d waiting messages and %d papers from %d journals in %v%s; %d damages passed over\n",
		r.cases, r.messages, r.papers, len(r.reports), took.Round(time.Millisecond), per, damaged)
}

type journalCompactCmd struct {
	Config string `help:"File of settings." type:"path" short:"c"`
}

// Run works on a journal that no server writes: a running one does it by itself.
func (c journalCompactCmd) Run(ctx context.Context, s streams) error {
	a, err := openJournals(ctx, c.Config, s.environ)
	if err != nil {
		return err
	}
	defer a.close()
	dir := a.cfg.Journal.Dir
	if dir == "" {
		return errors.New("which journal? set journal.dir")
	}
	j, _, err := journal.Open(journal.Options{Dir: dir, Key: a.key, Now: realTime})
	if err != nil {
		return err
	}
	done, err := j.Compact(ctx)
	if err := errors.Join(err, j.Close()); err != nil {
		return err
	}
	for _, name := range done.Damaged {
		fmt.Fprintf(s.out, "damaged, moved to %s\n", filepath.Join(dir, "damaged", name))
	}
	fmt.Fprintf(s.out, "%d segments are one snapshot now, with %d cases and %d other records\n", done.Segments, done.Cases, done.Records)
	return nil
}

// journalAccess are the settings with what opens a journal.
type journalAccess struct {
	cfg   configs.Config
	key   []byte       // proves records
	vault *vault.Vault // opens papers
	from  vault.Material
	// keys are the stores of keys that are open, our own first.
	keys []*vault.FileKeys
	// held says why our own is not among them, though it is there: a server runs.
	held error
}

func (j *journalAccess) close() {
	for _, k := range j.keys {
		_ = k.Close()
	}
}

// open opens a vault on a store of keys, which close closes.
func (j *journalAccess) open(ctx context.Context, keys *vault.FileKeys) (*vault.Vault, error) {
	j.keys = append(j.keys, keys)
	return vault.OpenWith(ctx, j.from, keys, vault.Options{})
}

// beside opens the keys that lie beside journals: each process sealed its papers
// with its own. Where the settings name no keys, theirs also say which key proves
// records.
func (j *journalAccess) beside(ctx context.Context, dirs []string) (openers, error) {
	vaults, own := openers{j.vault}, len(j.keys) > 0
	for _, dir := range dirs {
		path := filepath.Clean(dir) + ".keys"
		if _, err := os.Stat(path); err != nil || path == keyStorePath(j.cfg) {
			continue
		}
		keys, err := vault.OpenKeys(path)
		if err != nil {
			return nil, err
		}
		v, err := j.open(ctx, keys)
		if err != nil {
			return nil, fmt.Errorf("the keys beside %s: %w", dir, err)
		}
		if len(vaults) == 1 && !own {
			if j.key, err = v.JournalKey(); err != nil {
				return nil, err
			}
		}
		vaults = append(vaults, v)
	}
	return vaults, nil
}

// openJournals reads the settings and the key that proves records. The key store
// says which that is after a change of keys; a server that runs has it in its
// hands, and then the key file alone must do.
func openJournals(ctx context.Context, config string, environ []string) (*journalAccess, error) {
	cfg, err := configs.Load(config, environ)
	if err != nil {
		return nil, err
	}
	m, err := material(ctx, cfg)
	if err != nil {
		return nil, err
	}
	j := &journalAccess{cfg: cfg, from: m}
	if j.vault, err = vault.Open(m); err != nil {
		return nil, err
	}
	var keys *vault.FileKeys
	if keys, j.held = ownKeys(cfg); keys != nil {
		j.vault, err = j.open(ctx, keys)
	}
	if err == nil {
		j.key, err = j.vault.JournalKey()
	}
	if err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// ownKeys opens the store of keys that the settings name, if there is one. It fails
// where a server has it in its hands.
func ownKeys(cfg configs.Config) (*vault.FileKeys, error) {
	path := keyStorePath(cfg)
	if _, err := os.Stat(path); path == "" || err != nil {
		return nil, nil
	}
	return vault.OpenKeys(path)
}
