package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"

	"hotline/flows"
)

// tray is the folder beside a journal where commands leave the deeds of people at
// the server's shell. A journal has one writer: the hotline that runs takes them in
// within seconds, one that does not run at its next start. Until then a deed lies in
// the open, and who may write there may take it away again; from then on nobody can.
type tray string

// trayOf is the tray of a journal.
func trayOf(journal string) tray { return tray(filepath.Clean(journal) + ".deeds") }

// waiting is a deed in the tray.
type waiting struct {
	At time.Time `json:"at"`
	flows.Deed
	path string
}

// Endings of its files: a deed, and what is none.
const (
	trayDeed    = ".deed"
	trayDamaged = ".damaged"
)

// shellMark begins what the tray may say of who did something, and from where: it
// speaks for nobody but people at the shell.
const shellMark = "shell"

// put leaves a deed on the disk. Whoever gets an error must not do it.
func (t tray) put(d flows.Deed) error {
	body, err := json.Marshal(waiting{At: d.At, Deed: d})
	if err == nil {
		err = t.write(rand.Text(), body)
	}
	if err != nil {
		return fmt.Errorf("write down who does this, and why: %w", err)
	}
	return nil
}

func (t tray) write(name string, body []byte) error {
	if err := os.MkdirAll(string(t), 0o700); err != nil {
		return err
	}
	made, whole := filepath.Join(string(t), name+".new"), filepath.Join(string(t), name+trayDeed)
	f, err := os.OpenFile(made, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err := errors.Join(err, f.Sync(), f.Close(), t.giveTo(made)); err != nil {
		return errors.Join(err, os.Remove(made))
	}
	if err := os.Rename(made, whole); err != nil {
		return err
	}
	dir, err := os.Open(string(t))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// giveTo lets the owner of the journal read what root left, or of the folder around
// it when there is no journal yet.
func (t tray) giveTo(file string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(strings.TrimSuffix(string(t), filepath.Ext(string(t))))
	if errors.Is(err, os.ErrNotExist) {
		info, err = os.Stat(filepath.Dir(string(t)))
	}
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return errors.Join(os.Chown(string(t), int(owner.Uid), int(owner.Gid)), os.Chown(file, int(owner.Uid), int(owner.Gid)))
}

// take hands every deed of the tray to audit and takes it away when that is done. A
// crash between the two writes it down twice, which is better than never. What is no
// deed of the shell is put aside.
func (t tray) take(audit func(flows.Deed) error) (taken, damaged int, err error) {
	files, err := filepath.Glob(filepath.Join(string(t), "*"+trayDeed))
	if err != nil {
		return 0, 0, err
	}
	var deeds []waiting
	for _, path := range files {
		body, err := os.ReadFile(path)
		if err != nil {
			return 0, damaged, fmt.Errorf("read a deed of the shell: %w", err)
		}
		d, ok := shellDeed(body)
		if !ok {
			damaged++
			if err := os.Rename(path, path+trayDamaged); err != nil {
				return 0, damaged, err
			}
			continue
		}
		d.path = path
		deeds = append(deeds, d)
	}
	slices.SortFunc(deeds, func(a, b waiting) int { return a.At.Compare(b.At) })
	for _, d := range deeds {
		d.Deed.At = d.At
		if err := audit(d.Deed); err != nil {
			return taken, damaged, err
		}
		if err := os.Remove(d.path); err != nil {
			return taken, damaged, err
		}
		taken++
	}
	return taken, damaged, nil
}

// shellDeed reads a deed that somebody at the shell may have left.
func shellDeed(body []byte) (waiting, bool) {
	var d waiting
	err := json.Unmarshal(body, &d)
	own := strings.HasPrefix(string(d.Who), shellMark+":") && strings.HasPrefix(d.From, shellMark+" ")
	return d, err == nil && own && !d.At.IsZero() && d.Second == "" && slices.Contains(flows.DeedKinds(), d.Kind)
}

// collect takes in what commands have left.
func (l *ledger) collect(ctx context.Context) {
	_, damaged, err := trayOf(l.cfg.Dir).take(func(d flows.Deed) error { return l.Audit(ctx, d) })
	if damaged > 0 {
		l.log.Error("what is no deed lay in the tray of the journal, and was put aside", zap.Int("files", damaged))
	}
	if err != nil && ctx.Err() == nil {
		l.warn(err)
	}
}
