package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"hotline/configs"
	"hotline/flows"
	"hotline/store/journal/backup"
)

type backupCmds struct {
	Make    backupMakeCmd    `cmd:"" help:"Copy the journal, or the keys, into one file that only named people can open. A server may run."`
	Check   backupCheckCmd   `cmd:"" help:"Read a backup to its end and check every file in it."`
	Restore backupRestoreCmd `cmd:"" help:"Take a backup apart into an empty folder."`
}

type backupMakeCmd struct {
	To     []string `help:"Who may open it: an age recipient, as age1…; one flag for each." required:"" placeholder:"RECIPIENT"`
	Keys   bool     `help:"Copy the key store, not the journal. Delete these copies sooner than the others: a case whose key is in one is not destroyed."`
	File   string   `arg:"" help:"The file to make; an existing one is never replaced." type:"path"`
	Config string   `help:"File of settings." type:"path" short:"c"`
	answering
}

// Run needs no key: who makes a backup cannot read it.
func (c backupMakeCmd) Run(ctx context.Context, s streams) error {
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	source := backup.Source{Name: "journal", Path: cfg.Journal.Dir}
	if c.Keys {
		source = backup.Source{Name: "keys", Path: keyStorePath(cfg)}
	}
	if source.Path == "" {
		return errors.New("there is nothing to back up: set journal.dir")
	}
	to, err := age.ParseRecipients(strings.NewReader(strings.Join(c.To, "\n")))
	if err != nil {
		return errors.New("expected recipients as age1…; age-keygen makes one")
	}
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make the backup: %w", err)
	}
	c.try(s, cfg.Journal.Dir, flows.DeedBackup, "backup of the "+source.Name+" "+filepath.Base(c.File)+", for "+fingers(c.To))
	m, err := backup.Write(ctx, f, realTime(), to, []backup.Source{source})
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(c.File))
	}
	fmt.Fprintf(s.out, "%s: %s\n", c.File, summary(m))
	return nil
}

type opening struct {
	Identity string `help:"File of the age identity of one who may open it." required:"" type:"existingfile" short:"i"`
	File     string `arg:"" help:"The backup." type:"existingfile"`
	Config   string `help:"File of settings, for its journal." type:"path" short:"c"`
	answering
}

// with opens the backup for do.
func (o opening) with(do func(f io.Reader, ids []age.Identity) (backup.Manifest, error)) (backup.Manifest, error) {
	key, err := os.Open(o.Identity)
	if err != nil {
		return backup.Manifest{}, fmt.Errorf("open the identity: %w", err)
	}
	defer key.Close()
	ids, err := age.ParseIdentities(key)
	if err != nil {
		return backup.Manifest{}, errors.New("open the identity: expected a file of age-keygen")
	}
	f, err := os.Open(o.File)
	if err != nil {
		return backup.Manifest{}, fmt.Errorf("open the backup: %w", err)
	}
	defer f.Close()
	return do(f, ids)
}

type backupCheckCmd struct{ opening }

// Run writes nothing.
func (c backupCheckCmd) Run(ctx context.Context, s streams) error {
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	c.try(s, cfg.Journal.Dir, flows.DeedDrill, "read to its end the backup "+filepath.Base(c.File))
	m, err := c.with(func(f io.Reader, ids []age.Identity) (backup.Manifest, error) { return backup.Verify(ctx, f, ids...) })
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "whole: %s\n", summary(m))
	return nil
}

type backupRestoreCmd struct {
	opening
	Into string `help:"A folder that is empty or does not exist." required:"" type:"path"`
}

// Run leaves a folder with journal or keys in it, for journal.dir or key_store. That
// it was done stands in the journal that came back, once a hotline works on it; of
// keys, in that of the settings.
func (c backupRestoreCmd) Run(ctx context.Context, s streams) error {
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	m, err := c.with(func(f io.Reader, ids []age.Identity) (backup.Manifest, error) {
		return backup.Restore(ctx, f, c.Into, ids...)
	})
	if err != nil {
		return err
	}
	at := cfg.Journal.Dir
	if back := filepath.Join(c.Into, "journal"); isDir(back) {
		at = back
	}
	c.try(s, at, flows.DeedBackup, "took apart the backup "+filepath.Base(c.File))
	fmt.Fprintf(s.out, "%s: %s\n", c.Into, summary(m))
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// fingers tells recipients apart, without filling a line of the audit.
func fingers(to []string) string {
	const shown = 12
	short := make([]string, len(to))
	for i, r := range to {
		short[i] = r[:min(shown, len(r))] + "…"
	}
	return strings.Join(short, ", ")
}

func summary(m backup.Manifest) string {
	var size int64
	for _, f := range m.Files {
		size += f.Size
	}
	return fmt.Sprintf("%d files, %d bytes, made %s", len(m.Files), size, m.Made.UTC().Format("2006-01-02 15:04:05 UTC"))
}
